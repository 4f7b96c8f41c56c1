"""What a run was asked to do, as it is stored with all that it made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from datagen.base.typed import LEFT_OUT, plain


@dataclass(frozen=True)
class RenderSettings:
    """samples per pixel, square image size in pixels, number of views round the scene."""

    samples: int
    resolution: int
    views: int


@dataclass(frozen=True)
class Benchmark:
    """What a published dataset fixes besides: which shapes, and how the scenes are split.

    kind: toy or part. categories: their first words, None for any. splits: (name, weight) each.
    """

    name: str
    kind: str
    categories: tuple[str, ...] | None
    splits: tuple[tuple[str, int], ...]


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
        """As in index.json and in every specification."""
        found: dict[str, Any] = plain(self)
        return found


@dataclass(frozen=True)
class ImportedImages:
    """Number and size of a published scene's images."""

    views: int
    resolution: int


@dataclass(frozen=True)
class ImportSettings:
    """Of `oddgen import`. folders and splits: a count or name and a digest.

    render: of one scene, in its specification.
    """

    command: ClassVar[str] = "oddgen import"
    packages: ClassVar[tuple[str, ...]] = ("odd-one-out", "numpy", "OpenEXR", "pillow")
    source: Literal["published"]
    folders: str
    splits: str | None
    licence: str
    scenes_per_shard: int
    render: Annotated[ImportedImages | None, LEFT_OUT] = None

    def to_json(self) -> dict[str, Any]:
        """As in index.json and in every specification."""
        found: dict[str, Any] = plain(self)
        return found
