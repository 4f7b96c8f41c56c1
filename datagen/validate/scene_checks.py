"""One scene against its own meshes, taken from the shape cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from datagen.dataset.consistency import inconsistency
from datagen.dataset.reader import Scene, read_scene_file
from datagen.dataset.schema import ShapeFacts
from datagen.dataset.settings import Settings
from datagen.errors import OddgenError
from datagen.geometry.shape import Floats, Ints
from datagen.scenes.scene import MINIMUM_DEFECT_SHARE
from datagen.validate.checks import Finding
from datagen.validate.cues import object_cues
from datagen.validate.raycast_views import Placed, Seen, World, looks_different
from datagen.validate.rest import collisions, off_the_floor
from datagen.validate.stored import StoredShape, content_digest, read_stored

BOX_TOLERANCE = 2e-4  # metres
RAYCAST_VIEWS = 4  # besides the best one of every anomalous object
MOST_OTHER_PIXELS = 0.002  # of an image: masks and depth on silhouettes differ by rounding
DEPTH_TOLERANCE = 0.002  # metres
MOST_TURNED_PIXELS = 0.01  # of an image: normals more than TURN_STEPS of 127 away
TURN_STEPS = 16
LEAST_DEFECT_OVERLAP = 0.9  # intersection over union of the stored and the ray-cast defect mask
BLACK = 8.0  # mean of 255, below: black
BLOWN_OUT = 0.5  # share of pixels that are white, above: blown out
WHITE = 250
IMAGE_CHECKS = frozenset({"scene.black", "scene.blown-out", "scene.empty"})
MESH_CHECKS = frozenset(
    {"scene.shapes", "scene.boxes", "scene.masks", "scene.depth", "scene.normals", "scene.defect",
     "scene.floor", "scene.apart", "data.split-content", "data.duplicate"}
)  # fmt: skip


@dataclass(frozen=True)
class CheckedScene:
    """What is known of one scene.

    shape: the entry `shape` of its specification. cues: what a label might be guessed from.
    anomalous and cues are empty where the arrays contradict each other.
    content: digest of the normal shape; raycast: whether the meshes could be compared.
    inapplicable: checks that an imported scene does not tell enough for.
    """

    name: str
    findings: tuple[Finding, ...]
    shape: ShapeFacts | None = None
    content: str | None = None
    anomalous: tuple[int, ...] = ()
    cues: dict[str, list[list[float]]] = field(default_factory=dict)
    raycast: bool = False
    inapplicable: frozenset[str] = frozenset()


def check_scene(shard: Path, name: str, cache: Path) -> CheckedScene:
    """All checks of the scene of that name in a shard.

    cache: the folder of the shape cache that holds its meshes.
    """
    try:
        scene = read_scene_file(shard, name)
        told = inconsistency(scene)
    except OddgenError as error:
        return CheckedScene(name, (Finding("scene.file", name, str(error)),))
    findings = [] if told is None else [Finding("scene.consistent", name, told)]
    findings += [Finding(check, name, text) for check, text in _pictures(scene)]
    stored = _shapes(scene, cache)
    missing = [k for k, item in enumerate(stored) if item is None]
    if missing and scene.spec.published is None:
        findings.append(Finding("scene.shapes", name, f"no shape in the cache for {missing}"))
    findings += [Finding(check, name, text) for check, text in _labels(scene, stored, cache)]
    meshes = [item.shape for item in stored if item is not None]
    raycast = not missing
    if raycast:
        try:
            compared = list(_geometry(scene, stored, cache))
        except (ValueError, IndexError):
            if told is None:
                raise
            raycast, compared = False, []  # the arrays do not fit together, which is told
        findings += [Finding(check, name, text) for check, text in compared]
    normal = _normal_self(stored, cache)
    return CheckedScene(
        name,
        tuple(findings),
        scene.spec.shape,
        None if normal is None else content_digest(normal.shape),
        tuple(int(value) for value in scene.anomalous) if told is None else (),
        object_cues(scene, None if missing else meshes) if told is None else {},
        raycast,
        _inapplicable(scene),
    )


def _inapplicable(scene: Scene) -> frozenset[str]:
    if scene.spec.published is None:
        return IMAGE_CHECKS if "rgb" in scene.unknown else frozenset()
    unknown = {"scene.defect-visible"} if "defect_pixels" in scene.unknown else set()
    if scene.spec.shape.seen is None:
        unknown.add("data.split-id")
    return frozenset(unknown) | MESH_CHECKS


@lru_cache(maxsize=64)
def _read(cache: Path, key: str) -> StoredShape | None:
    found = read_stored(cache, key)
    return None if isinstance(found, Finding) else found


def _shapes(scene: Scene, cache: Path) -> list[StoredShape | None]:
    return [_read(cache, str(entry.shape_key)) for entry in scene.spec.objects]


def _normal_self(stored: Sequence[StoredShape | None], cache: Path) -> StoredShape | None:
    """The shape that all objects share: one without a parent, or else the parent of one."""
    found = [item for item in stored if item is not None]
    for item in found:
        if item.parent is None:
            return item
    return _read(cache, found[0].parent) if found and found[0].parent else None


def _pictures(scene: Scene) -> Iterator[tuple[str, str]]:
    if "rgb" in scene.unknown:
        return
    for view, image in enumerate(scene.rgb):
        mean = float(image.mean())
        if mean < BLACK:
            yield "scene.black", f"view {view}: mean brightness {mean:.1f} of 255"
        white = float((image >= WHITE).all(axis=2).mean())
        if white > BLOWN_OUT:
            yield "scene.blown-out", f"view {view}: {white:.0%} of the pixels are white"
        if image.std() < 1:
            yield "scene.empty", f"view {view}: the image is blank"
        elif not (scene.instance[view] > 0).any():
            yield "scene.empty", f"view {view}: shows no object"


def _labels(
    scene: Scene, stored: Sequence[StoredShape | None], cache: Path
) -> Iterator[tuple[str, str]]:
    normal = _normal_self(stored, cache)
    odd = scene.anomalous.astype(bool)
    settings = scene.spec.settings
    in_series = isinstance(settings, Settings) and settings.odd_series
    if odd.sum() * 2 >= len(odd) and not in_series:
        yield "scene.majority", f"{odd.sum()} of {len(odd)} objects are anomalous"
    for k, (entry, item) in enumerate(zip(scene.spec.objects, stored, strict=True)):
        declared = entry.anomaly
        if (declared is not None) != odd[k]:
            yield "scene.labels", f"object {k}: label and specification differ"
        if item is None or normal is None:
            continue
        if odd[k] and item.key == normal.key:
            yield "scene.labels", f"object {k}: anomalous, with the shape of the normal ones"
        if not odd[k] and item.key != normal.key:
            yield "scene.labels", f"object {k}: normal, with a shape of its own"
        if odd[k] and item.parent != normal.key:
            yield "scene.labels", f"object {k}: an anomaly of another shape"
        told = item.kind
        if told != (declared.type if declared is not None else None):
            yield "scene.labels", f"object {k}: the shape tells of {told or 'no anomaly'}"
    least = max(MINIMUM_DEFECT_SHARE * scene.defect[0].size, 1)
    for k in np.flatnonzero(odd):
        most = int(scene.defect_pixels[k].max())
        if "defect_pixels" not in scene.unknown and most < least:
            yield "scene.defect-visible", f"object {k}: at most {most} pixels in a view show it"


def _geometry(
    scene: Scene, stored: Sequence[StoredShape | None], cache: Path
) -> Iterator[tuple[str, str]]:
    shapes = [item.shape for item in stored if item is not None]
    poses = scene.object_to_world
    objects = [Placed(shape, pose) for shape, pose in zip(shapes, poses, strict=True)]
    for k, item in enumerate(objects):
        told = _boxes(scene, k, item.vertices)
        if told is not None:
            yield "scene.boxes", f"object {k}: {told}"
        told = off_the_floor(item)
        if told is not None:
            yield "scene.floor", f"object {k} {told}"
    for a, b, how in collisions(objects):
        yield "scene.apart", f"objects {a} and {b} {how}"
    yield from _views(scene, objects, _normal_world(objects, stored, cache))


def _normal_world(
    objects: Sequence[Placed], stored: Sequence[StoredShape | None], cache: Path
) -> list[Placed]:
    result = []
    for item, found in zip(objects, stored, strict=True):
        parent = None if found is None or not found.parent else _read(cache, found.parent)
        result.append(item if parent is None else Placed(parent.shape, item.pose))
    return result


def _boxes(scene: Scene, k: int, points: Floats) -> str | None:
    """points: (V, 3) the object's vertices in the world."""
    bounds = np.stack([points.min(axis=0), points.max(axis=0)])
    off = np.abs(bounds - scene.box_aabb[k]).max()
    if off > BOX_TOLERANCE:
        return f"its world box is off by {1000 * off:.1f} mm"
    local = (points - scene.box_oriented[k, :3, 3]) @ scene.box_oriented[k, :3, :3]
    half = scene.box_size[k] / 2
    off = max(np.abs(local.max(axis=0) - half).max(), np.abs(local.min(axis=0) + half).max())
    if off > BOX_TOLERANCE:
        return f"its oriented box is off by {1000 * off:.1f} mm"
    turn = scene.box_oriented[k, :3, :3]
    return None if np.allclose(turn @ turn.T, np.eye(3), atol=1e-6) else "its box is not rigid"


def _views(
    scene: Scene, objects: Sequence[Placed], normal_objects: Sequence[Placed]
) -> Iterator[tuple[str, str]]:
    world, normal_world = World(objects), World(normal_objects)
    size = scene.depth.shape[1:]
    for view in _chosen_views(scene):
        camera = scene.world_to_camera[view], scene.intrinsics, (size[0], size[1])
        seen = world.see(*camera)
        told = _pixels(scene, view, objects, seen)
        yield from ((check, f"view {view}: {text}") for check, text in told)
        if "defect" in scene.unknown:
            continue
        expected = looks_different(objects, seen, normal_objects, normal_world.see(*camera))
        found = scene.defect[view] > 0
        either, both = int((expected | found).sum()), int((expected & found).sum())
        slack = MOST_OTHER_PIXELS * found.size
        if both < LEAST_DEFECT_OVERLAP * either and either - both > slack:
            yield (
                "scene.defect",
                f"view {view}: {found.sum()} pixels, and {expected.sum()} by the meshes",
            )


def _chosen_views(scene: Scene) -> Ints:
    """Some spread evenly, and for each anomalous object the one that shows it best."""
    spread = np.linspace(0, len(scene.depth), RAYCAST_VIEWS, endpoint=False).astype(np.int64)
    best = scene.defect_pixels[scene.anomalous.astype(bool)].argmax(axis=1)
    return np.unique(np.concatenate([spread, best]))


def _pixels(
    scene: Scene, view: int, objects: Sequence[Placed], seen: Seen
) -> Iterator[tuple[str, str]]:
    owner = scene.instance[view].astype(np.int64) - 1
    expected = np.maximum(seen.owner, -1)
    other = float((owner != expected).mean())
    if other > MOST_OTHER_PIXELS:
        yield "scene.masks", f"{other:.2%} of the pixels show another object than the mesh"
    agree = owner == expected
    if "part" not in scene.unknown:
        part = np.zeros(owner.shape, np.int64)
        for k, item in enumerate(objects):
            part[expected == k] = item.shape.face_part[seen.face[expected == k]] + 1
        wrong = float((agree & (part != scene.part[view])).mean())
        if wrong > MOST_OTHER_PIXELS:
            yield "scene.masks", f"{wrong:.2%} of the pixels show another part than the mesh"
    gap = agree & (np.abs(scene.depth[view] - seen.depth) > DEPTH_TOLERANCE)
    if gap.mean() > MOST_OTHER_PIXELS:
        yield "scene.depth", f"{gap.mean():.2%} of the pixels are not at the mesh's depth"
    if "normal" not in scene.unknown:
        step = np.abs(scene.normal[view] - 127 * seen.normal).max(axis=2)
        turned = float((agree & (seen.owner >= 0) & (step > TURN_STEPS)).mean())
        if turned > MOST_TURNED_PIXELS:
            yield "scene.normals", f"{turned:.2%} of the pixels have another normal than the mesh"
