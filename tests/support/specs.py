"""Specifications and indices of datasets that no run has made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from datagen.base.files import sha256
from datagen.base.typed import write
from datagen.dataset.names import shard_path
from datagen.dataset.schema import (
    FORMAT,
    FORMAT_VERSION,
    AnomalyFacts,
    DatasetIndex,
    FloorFacts,
    HdriFacts,
    ObjectFacts,
    SceneSpec,
    ShapeFacts,
    ShardEntry,
)
from tests.support.runs import tiny_settings


def some_spec(
    number: int,
    shape: str,
    anomalies: Sequence[str | None],
    category: str = "box",
    kind: Literal["toy", "part"] = "toy",
    seen: bool | None = True,
    split: str | None = None,
) -> SceneSpec:
    """anomalies: the type of each object's, None where it is normal."""
    settings = tiny_settings()
    odd = [None if name is None else AnomalyFacts(name, {}) for name in anomalies]
    return SceneSpec(
        scene=number,
        settings=settings,
        shape=ShapeFacts(shape, category, kind, seen, "CC0-1.0", "a test", "builtin", split),
        objects=tuple(ObjectFacts(None, (), anomaly) for anomaly in odd),
        floor=FloorFacts("grey", "CC0-1.0"),
        hdri=HdriFacts("none", "CC0-1.0"),
        render=settings.render,
        device="CPU",
    )


def write_index(out, names: Sequence[Sequence[str]], catalog: str = "") -> None:
    """index.json for shards that are there; names: the scenes of each."""
    shards = []
    for number, scenes in enumerate(names):
        path = shard_path(out, number)
        size = path.stat().st_size
        shards.append(ShardEntry(f"shards/{path.name}", sha256(path), size, tuple(scenes)))
    count = sum(map(len, names))
    index = DatasetIndex(
        FORMAT, FORMAT_VERSION, tiny_settings(), catalog, {}, count, tuple(shards), ()
    )
    write(out / "index.json", index)
