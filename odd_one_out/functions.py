"""What programs call: the commands' work, with the commands' defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from datagen.geometry.cache import ShapeCache
from datagen.geometry.shape import Shape
from datagen.run.generate import generate as _generate
from datagen.run.job import SceneJob, SceneResult
from datagen.run.pool import run_local
from datagen.run.request import Request, settled
from datagen.run.summary import Summary


def generate(
    out: str | Path,
    scenes: int | None = None,
    *,
    workers: int = 1,
    timeout: float = 1800.0,
    engine: Callable[[Iterable[SceneJob]], Iterable[SceneResult]] | None = None,
    device: str = "auto",
    save_blend: bool = False,
    cache: str | Path | None = None,
    **options: Any,
) -> Summary:
    """Make scenes and pack them into HDF5 shards, as `oddgen generate` does.

    The same call again goes on where an earlier one ended. Guard the calling script with
    `if __name__ == "__main__":`, as workers are spawned.

    Args:
        out: Folder of the dataset.
        scenes: How many; scene i is the same whatever their number.
        workers: Processes of this machine.
        timeout: Seconds a scene may take.
        engine: What makes scenes of jobs instead of local processes (docs/running.md).
        device: `auto` or `cpu`.
        save_blend: Keep every scene as a .blend too.
        cache: Folder of the shape cache; the user's own if None.
        options: Every other option of the command by its name with underscores, such as
            `source="folder"`, `assets="parts/"`, `anomalies=("crack", "bend")`, `preset="draft"`.

    Returns:
        Counts of made, kept and failed scenes, with a reason for each failure.

    Raises:
        OddgenError: For bad input, and where the run must stop.
        TypeError: For an option that there is not.
    """
    from platformdirs import user_cache_path

    folders = ("assets", "similar", "hdri", "floors")
    told: dict[str, Any] = {
        key: Path(value) if key in folders and value is not None else value
        for key, value in options.items()
    }
    settings, count = settled(Request(scenes=scenes, **told))
    return _generate(
        settings,
        count,
        Path(out),
        user_cache_path("oddgen") if cache is None else Path(cache),
        engine or partial(run_local, workers=workers, timeout=timeout),
        device,
        save_blend,
    )


def load_shape(name: str | Path, up: str | None = None, cache: str | Path | None = None) -> Shape:
    """A mesh or CAD file, or a shape of the built-in library, ready for make_anomaly.

    Args:
        name: A file, or a built-in name such as `mug` or `mug_017`.
        up: `y` or `z` where the file's up axis is not the usual one of its kind.
        cache: Folder of the shape cache; the user's own if None.

    Returns:
        The shape in its canonical form: metres, z up, centred, its largest |vertex| .5.

    Raises:
        OddgenError: Where there is no such file or shape.
        BadShape: Where the file cannot be used.
    """
    from platformdirs import user_cache_path

    from datagen.sources.named import load_one

    folder = user_cache_path("oddgen") if cache is None else Path(cache)
    return load_one(str(name), up, ShapeCache(folder))
