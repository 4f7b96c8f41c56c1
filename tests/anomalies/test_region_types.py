"""Fracture, crack, dislodged and discoloured: what each promises, on simple and real shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import trimesh

from anomalies.fracturing.breakage import solid_of
from anomalies.fracturing.crumbs import share, without_crumbs
from anomalies.fracturing.fragments import Fragments, fragments_of, region
from anomalies.make import Anomaly, make_anomaly
from anomalies.subject import Subject
from anomalies.surgery.groove import Strand, carve
from anomalies.surgery.noise import lattice_noise
from anomalies.surgery.scalar_grid import Grid
from anomalies.types import crack, discoloured, dislodged, fracture
from anomalies.types.region_choice import region_field_of
from datagen.geometry.cache import ShapeCache
from datagen.geometry.canonical import canonical
from datagen.geometry.color import delta_e, lab
from datagen.geometry.raycast import raycaster
from datagen.geometry.shape import Floats, Material, Shape, Texture
from datagen.sources.builtin.builder import ShapeBuilder
from datagen.sources.open import load_shape, open_source
from tests.support.data import require
from tests.support.shapes import off_surface

KINDS = ("fracture", "crack", "dislodged", "discoloured")
PAINT = Material("paint", (0.6, 0.1, 0.1), 0.0, 0.4)


def mug_like() -> Shape:
    """A thick cup with texture coordinates u = x, v = y + z."""
    profile = [(0, -0.25), (0.3, -0.25), (0.3, 0.25), (0.22, 0.25), (0.22, -0.17), (0, -0.17)]
    builder = ShapeBuilder()
    builder.add("cup", trimesh.creation.revolve(profile, sections=24), PAINT)
    shape = builder.build()
    vertices = shape.vertices / np.linalg.norm(shape.vertices, axis=1).max() / 2
    shape = canonical(shape.with_vertices(vertices))[0]
    x, y, z = np.moveaxis(shape.corners, 2, 0)
    picture = np.random.default_rng(0).integers(150, 255, (16, 16, 3), dtype=np.uint8)
    painted = replace(PAINT, base_color=(1.0, 0.9, 0.8), base_color_texture=None)
    painted = replace(painted, base_color_texture=Texture.from_pixels(picture))
    return replace(shape, uv=np.stack([x, y + z], axis=2), materials=(painted,))


@pytest.fixture(scope="module")
def cup() -> Subject:
    return Subject(mug_like())


@cache
def made(kind: str, subject: Subject, seed: int = 1, severity: float = 0.5) -> Anomaly:
    rng = np.random.default_rng(seed)
    result = make_anomaly(kind, subject, rng, (severity, severity))
    assert isinstance(result, Anomaly), result
    return result


def solid_share(subject: Subject, odd: Shape) -> float:
    """Share of the parent's inner grid nodes that lie inside the odd shape (closed surface)."""
    import open3d as o3d

    inside = solid_of(subject).points[solid_of(subject).values < -solid_of(subject).spacing][::7]
    query = o3d.core.Tensor(inside.astype(np.float32))
    return float((raycaster(odd).compute_occupancy(query).numpy() > 0.5).mean())


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_changes_outside_the_affected_faces(kind: str, cup: Subject) -> None:
    result = made(kind, cup)
    calm = result.shape.keep_faces(~result.affected_faces)
    assert off_surface(calm.vertices, cup.shape).max() < 1e-6
    assert (calm.face_material == 0).all()
    assert calm.materials[0] == cup.shape.materials[0]
    assert calm.uv is not None
    x, y, z = np.moveaxis(calm.corners, 2, 0)
    np.testing.assert_allclose(calm.uv, np.stack([x, y + z], axis=2), atol=1e-6)
    assert result.affected_faces.any()


@pytest.mark.parametrize("kind", KINDS)
def test_severity_makes_it_stronger(kind: str, cup: Subject) -> None:
    mild, strong = (made(kind, cup, 1, severity).strength for severity in (0.0, 1.0))
    assert mild.visible_share < strong.visible_share


def test_fracture_keeps_ten_to_ninety_per_cent(cup: Subject) -> None:
    kept = []
    for severity in (0.0, 1.0):
        result = made("fracture", cup, 1, severity)
        kept.append(solid_share(cup, result.shape))
        assert 0.08 < kept[-1] < 0.92
        inside = result.shape.materials[int(result.shape.face_material.max())]
        assert inside.roughness >= 0.75
    assert kept[0] > 0.8
    assert kept[1] < 0.6


def test_fracture_names_what_fails(cup: Subject) -> None:
    count = len(fragments_of(cup).share)
    facts = {"seed": 1, "roughness": 0.004}
    most = facts | {"pieces": list(range(1, count))}
    assert fracture.apply(cup, most) in ("takes too much", "falls apart")
    smallest = facts | {"pieces": [int(np.argmin(fragments_of(cup).share))]}
    assert fracture.apply(cup, smallest) == "takes too little"


def test_regions_have_the_size_asked_for_and_hang_together() -> None:
    count = 20
    contact = np.zeros((count, count))
    for first in range(count - 1):
        contact[first, first + 1] = contact[first + 1, first] = 1.0
    chain = Fragments(np.arange(count), np.full(count, 1 / count), contact)
    for seed in range(20):
        members = region(np.random.default_rng(seed), chain, 0.15, 0.4)
        assert members is not None
        assert 3 <= len(members) <= 8
        assert members == list(range(members[0], members[-1] + 1))
        assert 0 in members or count - 1 in members  # or the rest would be in two
    assert region(np.random.default_rng(0), chain, 0.01, 0.04) is None


def test_crumbs_go_to_the_other_side() -> None:
    axis = np.linspace(-1, 1, 41)
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    bar = np.maximum(np.abs(x) - 0.9, np.maximum(np.abs(y), np.abs(z)) - 0.3)
    solid = Grid(np.full(3, -1.0), 0.05, bar.astype(np.float32))
    groove = solid.like(0.06 - np.abs(x - 0.7))  # cuts a slice off the end
    cleaned = without_crumbs(solid, groove, inner=True, small=0.1)
    assert cleaned is not None
    assert share(solid, groove) > share(solid, cleaned) + 0.01
    halves = solid.like(0.1 - np.abs(x))
    assert without_crumbs(solid, halves, inner=True) is None
    assert without_crumbs(solid, solid.like(x), inner=True).values is not None


def ball_strand(middle: Callable[[Floats], Floats]) -> tuple[Shape, Grid, Strand]:
    builder = ShapeBuilder()
    builder.add("ball", trimesh.creation.icosphere(3, 0.4), PAINT)
    shape = builder.build()
    nodes = 64
    empty = Grid(np.full(3, -0.48), 0.96 / (nodes - 1), np.zeros((nodes,) * 3, np.float32))
    solid = empty.like(np.linalg.norm(empty.points, axis=-1) - 0.4)
    centre = np.array([0.0, -0.4, 0.0])

    def half_width(points: Floats) -> Floats:
        return 0.01 * (1 - np.linalg.norm(points - centre, axis=1) / 0.25)

    return shape, solid, Strand(middle, half_width, centre, 0.25)


def test_groove_is_a_tapered_v_of_the_depth_asked_for() -> None:
    shape, solid, strand = ball_strand(
        lambda points: points[:, 0] + 0.008 * lattice_noise(points, 0.05, 3)
    )
    carved, groove = carve(shape, solid, raycaster(shape), [strand], 0.01, 0.03)
    mesh = trimesh.Trimesh(carved.vertices, carved.faces, process=False)
    assert mesh.is_watertight and mesh.is_winding_consistent
    assert mesh.euler_number == 2
    below = off_surface(carved.vertices, shape)
    low = np.unique(carved.faces[groove])
    untouched = np.setdiff1d(np.arange(len(carved.vertices)), low)
    assert below[untouched].max() < 1e-6
    assert 0.02 < below.max() <= 0.03 + 1e-6
    assert np.linalg.norm(carved.vertices, axis=1).max() <= 0.4 + 1e-9
    reach = np.linalg.norm(carved.vertices[low] - strand.centre, axis=1)
    assert reach.max() < 0.25 + 0.03
    far = np.linalg.norm(carved.vertices - strand.centre, axis=1) > 0.2
    assert below[far].max() < 0.007


def test_groove_does_not_break_through_a_thin_wall() -> None:
    builder = ShapeBuilder()
    builder.add("sheet", trimesh.creation.box((0.8, 0.6, 0.02)), PAINT)
    subject = Subject(builder.build())
    strand = Strand(
        lambda points: points[:, 0],
        lambda points: 0.01 - 0.04 * np.linalg.norm(points, axis=1),
        np.zeros(3),
        0.25,
    )
    carved, _ = carve(subject.shape, solid_of(subject), subject.raycaster, [strand], 0.01, 0.03)
    on_top = carved.vertices[:, 2] > 0
    middle = np.abs(carved.vertices[:, 0]) < 1e-9
    top, bottom = carved.vertices[on_top & middle], carved.vertices[~on_top & middle]
    assert top[:, 2].min() < 0.0099
    assert bottom[:, 2].max() > -0.0099
    assert trimesh.Trimesh(carved.vertices, carved.faces, process=False).volume > 0
    assert carved.vertices[:, 2].max() <= 0.01 + 1e-9


def test_crack_stays_in_its_ball_and_dark(cup: Subject) -> None:
    result = made("crack", cup)
    facts, odd = result.parameters, result.shape
    groove = odd.corners[result.affected_faces].reshape(-1, 3)
    away = np.linalg.norm(groove - facts["centre"], axis=1)
    assert away.max() < 1.7 * facts["radius"]  # forks may lead out of it
    assert off_surface(odd.vertices, cup.shape).max() <= facts["depth"] * 1.5 + 1e-6
    dark = {int(index) for index in odd.face_material[result.affected_faces]}
    for index in dark:
        assert max(odd.materials[index].base_color) < 0.12


def test_a_dislodged_fragment_touches_the_rest(cup: Subject) -> None:
    result = made("dislodged", cup)
    size = cup.shape.diagonal
    assert 0.02 <= np.linalg.norm(result.parameters["shift"]) / size <= 0.04
    assert 7 <= np.degrees(np.linalg.norm(result.parameters["turn"])) <= 10
    applied = dislodged.apply(cup, result.parameters)
    assert not isinstance(applied, str)
    odd, affected = applied
    # The fragment's faces come last, all of them affected.
    start = len(affected) - int(np.argmin(affected[::-1])) if not affected.all() else 0
    fragment = odd.keep_faces(np.arange(len(affected)) >= start)
    rest = odd.keep_faces(np.arange(len(affected)) < start)
    assert off_surface(fragment.vertices, rest).min() < 0.006 * size


def test_a_fragment_moved_away_is_named(cup: Subject) -> None:
    facts = made("dislodged", cup).parameters
    assert dislodged.apply(cup, facts | {"shift": [0.0, 0.0, 2.0]}) == "detached"


def test_discoloured_moves_nothing_and_is_another_colour(cup: Subject) -> None:
    found = []
    for severity in (0.0, 1.0):
        result = made("discoloured", cup, 1, severity)
        odd = result.shape
        assert off_surface(odd.vertices, cup.shape).max() < 1e-6
        assert odd.face_areas.sum() == pytest.approx(cup.shape.face_areas.sum(), rel=1e-6)
        inside = region_field_of(cup, result.parameters).at(odd.corners.mean(axis=1)) < 0
        assert (inside == result.affected_faces).mean() > 0.97
        everything = np.ones(len(cup.shape.faces), bool)
        before = discoloured.mean_color(cup.shape, everything)
        after = discoloured.mean_color(odd, result.affected_faces)
        found.append(delta_e(lab(before), lab(after)))
    assert 9 < found[0] < 20
    assert found[1] > 35


def test_a_colour_that_looks_alike_is_named(cup: Subject) -> None:
    facts = made("discoloured", cup).parameters
    plain = {key: value for key, value in facts.items() if key not in ("tint", "color")}
    assert discoloured.apply(cup, plain | {"tint": [0.97, 0.97, 0.97]}) == "looks alike"


@pytest.mark.parametrize(
    ("folder", "kind", "index"),
    [("toys", "toys4k", 7), ("cad", "folder", 4), ("ldraw", "folder", 9)],
)
def test_real_shapes_get_each_of_them(folder: str, kind: str, index: int, tmp_path: Path) -> None:
    store = ShapeCache(tmp_path)
    source = open_source(kind, require(folder), store)
    subject = Subject(load_shape(source, source.refs()[index], store))
    for name in KINDS:
        result = made(name, subject)
        calm = result.shape.keep_faces(~result.affected_faces)
        off = off_surface(calm.vertices[::7], subject.shape)
        assert off.max() < 1e-6
        assert (calm.face_material < len(subject.shape.materials)).all()


def test_crack_is_visible_at_the_size_a_camera_sees(cup: Subject) -> None:
    """At least eight dark pixels in a view where the object is 100 pixels wide."""
    assert made("crack", cup).strength.visible_share > 0.008
    assert crack.visible_points(np.random.default_rng(0), cup)[0].shape[1] == 3
