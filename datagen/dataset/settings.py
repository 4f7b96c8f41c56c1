"""What a run was asked to do, as it is stored with all that it made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from datagen.base.typed import LEFT_OUT, plain
from datagen.geometry.rig import Rig


@dataclass(frozen=True)
class RenderSettings:
    """samples: a pixel; resolution: of the square images, pixels; views: of the scene.

    rig: the user's own cameras, None for the paper's.
    """

    samples: int
    resolution: int
    views: int
    rig: Annotated[Rig | None, LEFT_OUT] = None


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

    Attributes:
        source: Where shapes come from, such as `builtin`.
        assets: Folder with the source's files.
        up: `y` or `z` where the files' up axis is not the usual one.
        hdri: Folder of HDRIs, Blender's own if None.
        floors: Folder of floor textures, the procedural ones if None.
        seed: Of all that is drawn.
        objects: Fewest and most in a scene; None for those usual for toys and for parts.
        pose: `drop` or `upright`.
        anomalies: Types to use, by name.
        severity: Lowest and highest, 0 to 1.
        normal_share: Of scenes without any anomaly.
        split: `all`, `seen` or `unseen`.
        render: Samples, resolution and number of views.
        scenes_per_shard: How many scenes are in a file.
        shapes: How many of the source's are drawn from, None for all.
        versions: How many odd versions a shape has, on average, for its scenes to choose from;
            None for new ones in every scene.
        benchmark: What a preset of the paper fixes besides.
        similar: Folder of the library of look-alikes.
        labels_only: True for scenes without images.
        shared_defect: Share of the scenes whose odd objects all have the same defect; None for 0.
        odd_series: True for scenes in series: of N objects 1, 2, ... N - 1 odd ones, of one shape.
        material: What all shapes are made of, by name; None for what their files say.
        max_faces: Shapes of files with more triangles are simplified to so many; None for 300,000.
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
    labels_only: Annotated[Literal[True] | None, LEFT_OUT] = None
    shared_defect: Annotated[float | None, LEFT_OUT] = None
    odd_series: Annotated[Literal[True] | None, LEFT_OUT] = None
    material: Annotated[str | None, LEFT_OUT] = None
    max_faces: Annotated[int | None, LEFT_OUT] = None

    def to_json(self) -> dict[str, Any]:
        """The settings as in index.json and in every specification.

        Returns:
            JSON-able entries by name.
        """
        found: dict[str, Any] = plain(self)
        return found


@dataclass(frozen=True)
class ImportedImages:
    """Number and size of a published scene's images."""

    views: int
    resolution: int


@dataclass(frozen=True)
class ImportSettings:
    """What `oddgen import` was asked to do.

    folders, splits: a count or name and a digest. render: of one scene, in its specification.
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
        """JSON-able entries by name, as in index.json and in every specification."""
        found: dict[str, Any] = plain(self)
        return found


@dataclass(frozen=True)
class SealSettings:
    """What `oddgen seal` was asked to do.

    seal: sha256 of the hashes of all scenes' labels. render: of the sealed dataset's images.
    """

    command: ClassVar[str] = "oddgen seal"
    packages: ClassVar[tuple[str, ...]] = ("odd-one-out", "numpy")
    source: Literal["sealed"]
    seal: str
    scenes_per_shard: int
    render: Annotated[ImportedImages | None, LEFT_OUT] = None

    def to_json(self) -> dict[str, Any]:
        """JSON-able entries by name, as in index.json and in every specification."""
        found: dict[str, Any] = plain(self)
        return found
