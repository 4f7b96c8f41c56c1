"""Make scene i: a picklable job in, a small picklable result out. Runs on any machine."""

from __future__ import annotations

import errno
import functools
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from datagen.base.files import in_words, is_disk_full
from datagen.base.process import heard, last_said, temporary_files_in
from datagen.dataset.names import scene_name
from datagen.dataset.settings import Settings
from datagen.errors import OddgenError

if TYPE_CHECKING:
    from datagen.scenes.catalog import Catalog
    from datagen.scenes.journal import Journal

NOTHING_FREE = 2**20  # bytes; Blender does not tell that its disk is full


@dataclass(frozen=True)
class SceneJob:
    """What it takes to make one scene: small, picklable, for any machine that sees the folders.

    Attributes:
        settings: What the run was asked to do.
        index: Number of the scene.
        work_folder: Where its file goes, as seen by the worker.
        cache_folder: The shape cache, as seen by the worker.
        threads: CPU threads for rendering, 0 for all; the images do not depend on it.
        device: `auto` or `cpu`.
        blend_folder: Where to keep the scene as a .blend too, if at all.
    """

    settings: Settings
    index: int
    work_folder: Path
    cache_folder: Path
    threads: int = 0
    device: str = "auto"
    blend_folder: Path | None = None

    @property
    def file(self) -> Path:
        """The HDF5 file that the scene is written to, in the work folder."""
        return self.work_folder / f"{scene_name(self.index)}.h5"

    @property
    def temp(self) -> Path:
        """The folder for temporary files, in the work folder."""
        return self.work_folder / "temp"

    @property
    def said(self) -> Path:
        """The file of what libraries print meanwhile, in the work folder."""
        return self.temp / f"{scene_name(self.index)}.said"


@dataclass(frozen=True)
class SceneResult:
    """What came of a job: small and picklable.

    Attributes:
        index: Number of the scene.
        reason: Why there is no scene, in a sentence; None where its file was written.
        disk_full: Whether going on is useless until space is freed.
        seconds: Spent on each stage.
        rejections: How often what was drawn and rejected.
        bad_shapes: A sentence for each file that cannot be used.
        warnings: A sentence for each flaw of a file that was used.
        device: What the scene was rendered on, in words.
        retries: Why each earlier attempt failed.
    """

    index: int
    reason: str | None = None
    disk_full: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    rejections: dict[str, int] = field(default_factory=dict)
    bad_shapes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    device: str = ""
    retries: tuple[str, ...] = ()


def run_job(job: SceneJob) -> SceneResult:
    """Make one scene and write its file.

    Args:
        job: Which scene, and where to.

    Returns:
        The result; expected failures come back as its reason.
    """
    from datagen.scenes.journal import Journal

    journal = Journal()
    reason, disk_full = None, False
    try:
        with heard(job.said), temporary_files_in(job.temp):
            _make_and_write(job, journal)
    except OddgenError as error:
        reason = _with_said(str(error), job)
        disk_full = os.strerror(errno.ENOSPC) in reason
    except OSError as error:
        reason = f"{job.file}: {in_words(error)}; free disk space and run again."
        disk_full = is_disk_full(error)
    if reason is not None and shutil.disk_usage(job.work_folder).free < NOTHING_FREE:
        full = os.strerror(errno.ENOSPC)
        reason, disk_full = f"{job.work_folder}: {full}; free disk space and run again.", True
    return SceneResult(
        job.index,
        reason,
        disk_full,
        journal.seconds,
        dict(journal.rejections),
        tuple(journal.bad_shapes),
        tuple(journal.warnings),
        journal.device,
    )


def _with_said(reason: str, job: SceneJob) -> str:
    """The sentence with what a library printed last, which else goes to the terminal."""
    said = last_said(job.said)
    return f"{reason.removesuffix('.')} (last said: {said})." if said else reason


def _make_and_write(job: SceneJob, journal: Journal) -> None:
    from datagen.scenes.scene import make_scene
    from datagen.scenes.write import write_scene

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


@functools.lru_cache(maxsize=1)
def _catalog(settings: Settings, cache_folder: Path) -> Catalog:
    from datagen.scenes.catalog import open_catalog

    return open_catalog(settings, cache_folder)
