"""Make scene i: a picklable job in, a small picklable result out. Runs on any machine."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from pathlib import Path

from datagen.spec import Settings, scene_name


@dataclass(frozen=True)
class SceneJob:
    """index of the scene; folders as seen by the worker; threads 0 = all."""

    settings: Settings
    index: int
    work_folder: Path
    cache_folder: Path
    threads: int = 0
    device: str = "auto"
    blend_folder: Path | None = None

    @property
    def file(self) -> Path:
        return self.work_folder / f"{scene_name(self.index)}.h5"


@dataclass(frozen=True)
class SceneResult:
    """reason is None where the scene's file was written."""

    index: int
    reason: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    rejections: dict[str, int] = field(default_factory=dict)
    bad_shapes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    device: str = ""
    retries: int = 0


@functools.lru_cache(maxsize=1)
def _catalog(settings: Settings, cache_folder: Path):
    from datagen.catalog import open_catalog

    return open_catalog(settings, cache_folder)


def run_job(job: SceneJob) -> SceneResult:
    """Make one scene and write its file; expected failures come back as a reason."""
    from datagen.errors import OddgenError
    from datagen.journal import Journal
    from datagen.scene import make_scene
    from datagen.write import write_scene

    journal = Journal()
    reason = None
    try:
        with silenced():
            scene = make_scene(
                job.settings,
                _catalog(job.settings, job.cache_folder),
                job.index,
                journal,
                job.threads,
                job.device,
                job.blend_folder,
            )
            with journal.stage("write"):
                write_scene(scene, job.file)
    except OddgenError as error:
        reason = str(error)
    except OSError as error:
        reason = f"{job.file}: {error.strerror or error}; free disk space and run again."
    return SceneResult(
        job.index,
        reason,
        journal.seconds,
        dict(journal.rejections),
        tuple(journal.bad_shapes),
        tuple(journal.warnings),
        journal.device,
    )


class silenced:
    """Sends the process's stdout, where Blender logs every frame, to nowhere."""

    def __enter__(self) -> None:
        self._saved = os.dup(1)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)

    def __exit__(self, *_: object) -> None:
        os.dup2(self._saved, 1)
        os.close(self._saved)
