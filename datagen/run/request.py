"""What a user asks of `oddgen generate`, and the settings that follow from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.errors import OddgenError
from datagen.geometry.limits import MAX_FACES

if TYPE_CHECKING:
    from datagen.dataset.settings import RenderSettings, Settings

BENCHMARK_NAMES = ("toysad-8k", "partsad-15k")
MATERIAL_NAMES = (
    *("steel", "aluminium", "brass", "copper", "titanium", "cast-iron"),
    *("abs-black", "abs-grey", "abs-white", "nylon", "rubber"),
)
NORMAL_SHARE = 0.1


@dataclass(frozen=True)
class Request:
    """One field for each option; None where nothing is said, and a preset or a default decides.

    scenes: how many. source: builtin, toys4k, abc, folder, or builtin+ one of these. assets: the
    source's files. up: y or z, where the files differ from the usual. objects: fewest and most in
    a scene. pose: drop or upright. anomalies: types by name. severity: subtle, normal, gross or a
    range. normal_share: of scenes without any anomaly. split: all, seen or unseen. preset: draft,
    default, published, or one of the paper's datasets. shapes: draw from so many. versions: odd
    versions a shape has on average. similar: library of look-alikes. samples, resolution, views:
    of the images. hdri, floors: folders. labels_only: make no images. shared_defect: share of the
    scenes whose odd objects all have the same defect. odd_series: scenes in series of one shape
    and odd version, with 1, 2, ... N - 1 odd ones of N objects. rig: a file of oddbench rig, or
    one's own; lens, distance, camera_height, arc, object_size, exposure: as of
    datagen.geometry.rig.Rig, instead of the file's. material: what all shapes are made of.
    max_faces: files of more triangles are simplified to so many.
    """

    scenes: int | None = None
    source: str | None = None
    assets: Path | None = None
    up: str | None = None
    seed: int = 0
    objects: tuple[int, int] | None = None
    pose: str | None = None
    anomalies: tuple[str, ...] | None = None
    severity: str = "normal"
    normal_share: float = NORMAL_SHARE
    split: str = "all"
    preset: str = "default"
    shapes: int | None = None
    versions: float | None = None
    similar: Path | None = None
    samples: int | None = None
    resolution: int | None = None
    views: int | None = None
    hdri: Path | None = None
    floors: Path | None = None
    scenes_per_shard: int = 50
    labels_only: bool = False
    shared_defect: float = 0.0
    odd_series: bool = False
    rig: Path | None = None
    lens: float | None = None
    distance: tuple[float, float] | None = None
    camera_height: tuple[float, float] | None = None
    arc: tuple[float, float] | None = None
    object_size: tuple[float, float] | None = None
    exposure: float | None = None
    material: str = "keep"
    max_faces: int = MAX_FACES


def settled(request: Request) -> tuple[Settings, int]:
    """The settings, and how many scenes.

    Raises OddgenError for what does not go together.
    """
    from anomalies.severity import parse_severity
    from datagen.blender.quality import QUALITIES
    from datagen.dataset.settings import Settings
    from datagen.scenes.presets import BENCHMARKS

    preset = BENCHMARKS.get(request.preset)
    stated = {} if preset is None else preset.options

    def value(name: str, default: Any = None) -> Any:
        given = getattr(request, name)
        return stated.get(name, default) if given is None else given

    source, scenes = value("source", "builtin"), value("scenes")
    if scenes is None:
        raise OddgenError(f"--scenes: give how many, or --preset {' or '.join(BENCHMARKS)}.")
    if preset is not None and request.split != "all":
        raise OddgenError(
            f"--split {request.split}: --preset {request.preset} has its own splits; leave it out."
        )
    if source == "builtin" and request.up is not None:
        raise OddgenError(f"--up {request.up}: the built-in source takes no files; leave --up out.")
    if source == "builtin" and request.max_faces != MAX_FACES:
        raise OddgenError(
            f"--max-faces {request.max_faces}: the built-in source takes no files; leave it out."
        )
    objects = value("objects")
    if request.odd_series and (objects is None or objects[0] != objects[1] or objects[0] < 3):
        raise OddgenError("--odd-series: needs one number of objects, 3 or more; give --objects 6.")
    if request.odd_series and (request.shared_defect or request.normal_share != NORMAL_SHARE):
        raise OddgenError(
            "--odd-series: its odd objects all share one version and every scene has some; leave "
            "--shared-defect and --normal-share out."
        )
    quality = QUALITIES["published" if preset is not None else request.preset]
    images = {name: value(name) for name in ("samples", "resolution", "views")}
    settings = Settings(
        source=source,
        assets=_absolute(request.assets),
        up=request.up,
        hdri=_absolute(request.hdri),
        floors=_absolute(request.floors),
        seed=request.seed,
        objects=objects,
        pose=value("pose", "drop"),
        anomalies=_anomalies(request, source, stated.get("anomalies")),
        severity=parse_severity(request.severity),
        normal_share=request.normal_share,
        split=request.split,
        render=_rendering(request, quality, images),
        scenes_per_shard=request.scenes_per_shard,
        shapes=value("shapes"),
        versions=value("versions"),
        benchmark=None if preset is None else preset.benchmark,
        similar=_absolute(request.similar),
        labels_only=request.labels_only or None,
        shared_defect=request.shared_defect or None,
        odd_series=request.odd_series or None,
        material=None if request.material == "keep" else request.material,
        max_faces=None if request.max_faces == MAX_FACES else request.max_faces,
    )
    return settings, scenes


def _rendering(
    request: Request, quality: RenderSettings, given: dict[str, int | None]
) -> RenderSettings:
    """Of a named quality, with the numbers given and the user's own cameras."""
    from datagen.dataset.rig_file import read_rig
    from datagen.geometry.rig import Rig, is_plain, rig_fault

    rig = Rig() if request.rig is None else read_rig(request.rig)
    rig = replace(
        rig,
        lens=request.lens or rig.lens,
        matrix=None if request.lens else rig.matrix,
        distance=request.distance or rig.distance,
        height=request.camera_height or rig.height,
        arc=request.arc or rig.arc,
        size=request.object_size or rig.size,
        exposure=rig.exposure if request.exposure is None else request.exposure,
    )
    if fault := rig_fault(rig):
        raise OddgenError(f"{request.rig or 'the cameras'}: {fault}.")
    if rig.cameras is not None:
        if given["views"] not in (None, len(rig.cameras)):
            raise OddgenError(
                f"--views {given['views']}: {request.rig} has {len(rig.cameras)} fixed cameras; "
                "leave --views out."
            )
        given = given | {"views": len(rig.cameras)}
    sizes = {key: size for key, size in given.items() if size is not None}
    return replace(quality, **sizes, rig=None if is_plain(rig) else rig)


def _anomalies(request: Request, source: str, stated: tuple[str, ...] | None) -> tuple[str, ...]:
    """Types by name; a library brings its own, unless the types were given one by one."""
    from anomalies import default_types, load_type

    given = request.anomalies
    if given is None:
        chosen = {*(stated or default_types(source == "builtin"))}
        return tuple(sorted(chosen | ({"look_alike"} if request.similar is not None else set())))
    for name in given:
        if load_type(name).needs_look_alikes and source != "builtin" and request.similar is None:
            raise OddgenError(
                f"--anomalies {name}: --source {source} needs --similar LIBRARY, which oddgen "
                "similar build makes."
            )
    return tuple(sorted(set(given)))


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())
