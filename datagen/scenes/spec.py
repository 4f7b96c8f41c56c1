"""What is asked for, as plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from datagen.blender.settings import RenderSettings


@dataclass(frozen=True)
class Benchmark:
    """What a published dataset fixes besides: which shapes, and how the scenes are split.

    kind: toy or part. categories: their first words, None for any. splits: (name, weight) each.
    """

    name: str
    kind: str
    categories: tuple[str, ...] | None
    splits: tuple[tuple[str, int], ...]

    @staticmethod
    def from_json(content: dict[str, Any]) -> Benchmark:
        categories = content["categories"]
        return Benchmark(
            content["name"],
            content["kind"],
            None if categories is None else tuple(categories),
            tuple((name, weight) for name, weight in content["splits"]),
        )


@dataclass(frozen=True)
class Settings:
    """Everything that the arrays of a scene depend on, apart from the scene's number.

    shapes: how many of the source's are drawn from, None for all. versions: how many odd versions
    a shape has, on average, for its scenes to choose from; None: new ones for every scene.
    similar: folder of the library of look-alikes.
    """

    command: ClassVar[str] = "oddgen generate"
    packages: ClassVar[tuple[str, ...]] = ("odd-one-out", "bpy", "open3d", "numpy")
    source: str
    assets: str | None
    up: str | None
    hdri: str | None
    floors: str | None
    seed: int
    objects: tuple[int, int] | None
    pose: str
    anomalies: tuple[str, ...]
    severity: tuple[float, float]
    normal_share: float
    split: str
    render: RenderSettings
    scenes_per_shard: int
    shapes: int | None = None
    versions: float | None = None
    benchmark: Benchmark | None = None
    similar: str | None = None

    def to_json(self) -> dict[str, Any]:
        return json.loads(json.dumps(asdict(self)))

    @staticmethod
    def from_json(content: dict[str, Any]) -> Settings:
        """The settings of a scene's specification or of index.json."""
        objects, benchmark = content["objects"], content.get("benchmark")
        return Settings(
            **content
            | {
                "objects": None if objects is None else (objects[0], objects[1]),
                "anomalies": tuple(content["anomalies"]),
                "severity": (content["severity"][0], content["severity"][1]),
                "render": RenderSettings(**content["render"]),
                "benchmark": None if benchmark is None else Benchmark.from_json(benchmark),
            }
        )
