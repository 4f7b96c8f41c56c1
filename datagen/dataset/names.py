"""What scenes and shards are called."""

from __future__ import annotations

from pathlib import Path


def scene_name(index: int) -> str:
    """`scene-000003` of 3."""
    return f"scene-{index:06d}"


def shard_path(out: Path, shard: int) -> Path:
    """The file of shard number `shard` in the dataset's folder `out`."""
    return out / "shards" / f"shard-{shard:05d}.h5"


def number_of(name: str) -> int:
    """3 of `scene-000003` and `shard-00003`."""
    return int(name.rpartition("-")[2])
