"""What is stored with a scene and with a dataset: one type each (docs/schema)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Discriminator, Tag

from datagen.base.typed import LEFT_OUT, plain
from datagen.dataset.names import file_name
from datagen.dataset.settings import (
    ImportedImages,
    ImportSettings,
    RenderSettings,
    SealSettings,
    Settings,
)

FORMAT = "odd-one-out"
FORMAT_VERSION = 1


def _maker(content: Any) -> str:
    """Which command made it: published data are imported, all else is generated or sealed."""
    source = content.get("source") if isinstance(content, dict) else content.source
    return {"published": "imported", "sealed": "sealed"}.get(str(source), "generated")


def _renderer(content: Any) -> str:
    samples = "samples" in content if isinstance(content, dict) else hasattr(content, "samples")
    return "generated" if samples else "imported"


def _shard_name(value: str) -> str:
    """Nothing else is opened, so that an index cannot lead out of its folder."""
    if re.fullmatch(r"shards/shard-\d{5,}\.h5", value) is None:
        raise ValueError(f"{value} is no name of a shard")
    return value


FileName: TypeAlias = Annotated[str, AfterValidator(file_name)]
"""What an export or an answer makes a file or a folder of."""

AnySettings: TypeAlias = Annotated[
    Annotated[Settings, Tag("generated")]
    | Annotated[ImportSettings, Tag("imported")]
    | Annotated[SealSettings, Tag("sealed")],
    Discriminator(_maker),
]
AnyImages: TypeAlias = Annotated[
    Annotated[RenderSettings, Tag("generated")] | Annotated[ImportedImages, Tag("imported")],
    Discriminator(_renderer),
]


@dataclass(frozen=True)
class ShapeFacts:
    """The shape of a scene's objects.

    seen: None where nobody knows. split: of a benchmark. source: of `--source`, or published.
    author, origin: as told by the file or what lies beside it.
    """

    id: str
    category: str
    kind: Literal["toy", "part"]
    seen: bool | None
    licence: str
    provenance: str
    source: str
    split: Annotated[FileName | None, LEFT_OUT] = None
    author: Annotated[str | None, LEFT_OUT] = None
    origin: Annotated[str | None, LEFT_OUT] = None


@dataclass(frozen=True)
class AnomalyFacts:
    """What is odd about an object.

    parameters: the type's own. severity: 0 to 1, as asked for; strength: as measured
    (anomalies.checks.strength). code: the published data's; of a generated one its type tells it.
    """

    type: str
    parameters: dict[str, Any]
    severity: Annotated[float | None, LEFT_OUT] = None
    strength: Annotated[dict[str, float] | None, LEFT_OUT] = None
    code: Annotated[str | None, LEFT_OUT] = None


@dataclass(frozen=True)
class ObjectFacts:
    """One object of a scene.

    shape_key: of its shape in the shape cache, None where it was imported. part_names: part k of
    the masks is part_names[k - 1]. anomaly: None where it is normal.
    """

    shape_key: str | None
    part_names: tuple[str, ...]
    anomaly: AnomalyFacts | None


@dataclass(frozen=True)
class FloorFacts:
    """The floor's material. origin: its page, or the file of the user's."""

    name: str
    licence: str
    author: Annotated[str | None, LEFT_OUT] = None
    origin: Annotated[str | None, LEFT_OUT] = None


@dataclass(frozen=True)
class HdriFacts:
    """The light. rotation: radians about z; strength: a factor; neither of an imported scene.

    origin: its page, or the file of the user's.
    """

    name: str
    licence: str
    rotation: Annotated[float | None, LEFT_OUT] = None
    strength: Annotated[float | None, LEFT_OUT] = None
    author: Annotated[str | None, LEFT_OUT] = None
    origin: Annotated[str | None, LEFT_OUT] = None


@dataclass(frozen=True)
class PublishedObjectFacts:
    """An object as the published scene has it.

    bbox: centre and size, as stored there. box_aabb: whether ours is that one (published) or
    measured. iou: of the two.
    """

    name: FileName
    path: str
    bbox: tuple[tuple[float, float, float], tuple[float, float, float]]
    box_aabb: str
    iou: float


@dataclass(frozen=True)
class PublishedFacts:
    """Whence an imported scene comes. order: which of its objects each of ours is."""

    folder: FileName
    split: FileName | None
    order: tuple[int, ...]
    objects: tuple[PublishedObjectFacts, ...]
    missing: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class SceneSpec:
    """All that a scene was made from: the `spec` of its group (docs/format.md).

    Attributes:
        scene: Its number.
        settings: What the run was asked to do.
        shape: The shape of its objects: id, category, kind, licence, source, split and more.
        objects: One entry each: key of its shape in the cache, names of its parts, its anomaly.
        floor: The floor's material, by name and licence.
        hdri: The light, by name and licence, its rotation about z in radians and its strength.
        render: Samples, resolution and number of views.
        device: What rendered it, such as `CPU` or `OPTIX`.
        attempt: How many earlier ones failed.
        scale: Metres per unit of a shape.
        unknown: Arrays that an imported scene lacks.
        published: Whence an imported scene comes.
    """

    scene: int
    settings: AnySettings
    shape: ShapeFacts
    objects: tuple[ObjectFacts, ...]
    floor: FloorFacts
    hdri: HdriFacts
    render: AnyImages
    device: str
    attempt: Annotated[int | None, LEFT_OUT] = None
    scale: Annotated[float | None, LEFT_OUT] = None
    unknown: Annotated[tuple[str, ...] | None, LEFT_OUT] = None
    published: Annotated[PublishedFacts | None, LEFT_OUT] = None

    @property
    def split(self) -> str | None:
        """The recorded split; None where the scene was made or imported without splits."""
        imported = self.published.split if self.published is not None else None
        return imported or self.shape.split

    @property
    def knows_defects(self) -> bool:
        """Whether the scene's defect masks tell anything."""
        return "defect" not in (self.unknown or ())

    def kinds(self, odd: Sequence[bool]) -> tuple[str, ...]:
        """Anomaly types, "" for a normal, unknown where it is not told.

        Args:
            odd: Of each object whether it is labelled so.

        Returns:
            One of each object.
        """
        told = [one.anomaly.type if one.anomaly else "unknown" for one in self.objects]
        return tuple(kind if is_odd else "" for kind, is_odd in zip(told, odd, strict=True))

    def alike(self, odd: Sequence[bool]) -> tuple[int, ...]:
        """How many odd objects are copies of each one's odd version, itself among them.

        Args:
            odd: Of each object whether it is labelled so.

        Returns:
            One of each object, 0 for a normal.
        """
        pairs = list(zip(self.objects, odd, strict=True))
        keys = [one.shape_key for one, is_odd in pairs if is_odd]
        return tuple(
            0 if not is_odd else 1 if one.shape_key is None else keys.count(one.shape_key)
            for one, is_odd in pairs
        )

    def to_json(self) -> dict[str, Any]:
        """The specification as it is stored.

        Returns:
            JSON-able entries by name.
        """
        found: dict[str, Any] = plain(self)
        return found


@dataclass(frozen=True)
class FormatMark:
    """What tells whether the rest of a file is ours to read."""

    format: str = ""
    format_version: int = 0


@dataclass(frozen=True)
class ShardEntry:
    """One file of a dataset.

    file: within the dataset's folder; sha256: in hex; bytes: its size; scenes: names in order.
    """

    file: Annotated[str, AfterValidator(_shard_name)]
    sha256: str
    bytes: int
    scenes: tuple[FileName, ...]


@dataclass(frozen=True)
class Failure:
    """A scene that could not be made."""

    scene: str
    reason: str


@dataclass(frozen=True)
class Share:
    """Of so many runs, of which each makes its part of the scenes, this one's: 0, 1, ..."""

    rank: int
    world_size: int

    def __str__(self) -> str:
        return f"rank {self.rank} of {self.world_size}"


def numbers_of(scenes: int, share: Share | None) -> range:
    """Those of scenes 0, 1, ... that a share makes; of None all."""
    return range(scenes) if share is None else range(share.rank, scenes, share.world_size)


@dataclass(frozen=True)
class DatasetIndex:
    """index.json.

    config: what was asked for. catalog: digest of what is drawn from. versions: of what decides
    the arrays. scenes: how many were asked for. choices: what was chosen for the user. share: which
    of them are made here; None for all.
    """

    format: str
    format_version: int
    config: AnySettings
    catalog: str
    versions: dict[str, str]
    scenes: int
    shards: tuple[ShardEntry, ...]
    failures: tuple[Failure, ...]
    choices: Annotated[tuple[str, ...] | None, LEFT_OUT] = None
    share: Annotated[Share | None, LEFT_OUT] = None

    def asked_for(self) -> range:
        """Numbers of the scenes that are to be in it."""
        return numbers_of(self.scenes, self.share)
