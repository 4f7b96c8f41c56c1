"""Parts: one thing each, with what hangs on it, closed on both sides where it comes off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from anomalies.fracturing.fracture_modes import fracture_modes
from anomalies.fracturing.region import region_field
from anomalies.fracturing.solid import signed_distance
from anomalies.parts.detach import detach
from anomalies.parts.necks import cut_off, neck_components, neckness, straight_cut
from anomalies.parts.parts import Part, find_parts
from anomalies.parts.pieces import components, contacts, largest_share
from anomalies.parts.rims import caps, rims
from datagen.geometry.shape import Shape
from tests.support.shapes import GREY, RED, box, built


def mesh_of(shape: Shape) -> trimesh.Trimesh:
    return trimesh.Trimesh(shape.vertices, shape.faces)


def faces_named(parts: list[Part]) -> dict[str, int]:
    return {part.name: int(part.faces.sum()) for part in parts}


def cart() -> Shape:
    wheels = [box((0.2, 0.08, 0.2), (x, y, -0.15)) for x in (-0.35, 0.35) for y in (-0.28, 0.28)]
    caps_ = [box((0.06, 0.06, 0.06), (x, y, -0.15)) for x in (-0.35, 0.35) for y in (-0.33, 0.33)]
    return built(
        ("body", box((1.0, 0.5, 0.2), (0, 0, 0)), GREY),
        ("wheels", trimesh.util.concatenate(wheels), RED),
        ("caps", trimesh.util.concatenate(caps_), GREY),
    )


def test_four_wheels_of_one_name_are_four_parts_with_their_caps() -> None:
    shape = cart()
    wheels = [part for part in find_parts(shape).items if part.name.startswith("wheels")]
    assert len(wheels) == 4
    for wheel in wheels:
        assert wheel.faces.sum() == 24
        assert len(np.unique(shape.face_part[wheel.faces])) == 2
        assert largest_share(shape.keep_faces(wheel.faces)) == 1.0
    assert not np.any(np.sum([wheel.faces for wheel in wheels], axis=0) > 1)


def test_what_would_hang_in_the_air_goes_with_the_part() -> None:
    shape = built(
        ("base", box((0.7, 0.6, 0.2), (0, 0, 0)), RED),
        ("pole", box((0.06, 0.06, 0.5), (0, 0, 0.35)), GREY),
        ("head", box((0.2, 0.2, 0.15), (0, 0, 0.67)), RED),
    )
    assert faces_named(list(find_parts(shape).items)) == {"pole": 24, "head": 12}


def test_a_file_of_one_piece_falls_back_to_components_and_joins_what_is_inside() -> None:
    pieces = [
        box((1, 1, 1), (0, 0, 0)),
        box((0.5, 0.5, 0.5), (0, 0, 0.75)),
        box((0.3, 0.3, 0.2), (0, 0, 0.75)),
    ]
    shape = built(("body", trimesh.util.concatenate(pieces), RED))
    assert components(shape).max() == 2
    (knob,) = find_parts(shape).items
    np.testing.assert_array_equal(np.flatnonzero(knob.faces), np.arange(12, 36))


def test_contacts_tell_touching_from_apart_and_inside() -> None:
    pieces = [
        box((1, 1, 1), (0, 0, 0)),
        box((0.6, 0.6, 0.6), (0.8, 0, 0)),
        box((0.3, 0.3, 0.3), (0, 0, 0)),
        box((0.2, 0.2, 0.2), (0, 0.65, 0)),
    ]
    shape = built(("body", trimesh.util.concatenate(pieces), RED))
    near, inside = contacts(shape, components(shape))
    assert near[0, 1]
    assert near[0, 2]
    assert not near[0, 3]
    assert inside[2, 0]
    assert inside.sum() == 1


def stud_brick() -> Shape:
    """One welded surface, a box and a box on it; the upper one has its own material."""
    lower, upper = box((1, 1, 0.6), (0, 0, 0)), box((0.4, 0.4, 0.3), (0.1, 0, 0.45))
    whole = trimesh.boolean.union([lower, upper], engine="manifold")
    shape = built(("brick", whole, RED))
    high = shape.corners[:, :, 2].max(axis=1) > shape.vertices[:, 2].max() * 0.99
    return replace(shape, face_material=high.astype(np.int64), materials=(RED, GREY))


def test_a_welded_part_comes_off_closed_on_both_sides() -> None:
    shape = stud_brick()
    assert components(shape).max() == 0
    (stud,) = [part for part in find_parts(shape).items if part.source == "material"]
    sides = stud.detached
    assert sides is not None
    part, rest = mesh_of(sides.part.shape), mesh_of(sides.rest.shape)
    assert part.is_watertight
    assert rest.is_watertight
    assert part.is_winding_consistent
    assert part.volume + rest.volume == pytest.approx(mesh_of(shape).volume)
    assert sides.part.capped.sum() == sides.rest.capped.sum() == 2
    assert set(sides.part.shape.face_material[sides.part.capped]) == {1}
    assert set(sides.rest.shape.face_material[sides.rest.capped]) == {0}


def test_a_patch_of_the_surface_does_not_come_off() -> None:
    shape = built(("body", box((1, 0.8, 0.6), (0, 0, 0)), RED))
    top = np.isclose(shape.corners[:, :, 2], shape.vertices[:, 2].max()).all(axis=1)
    assert detach(shape, top) is None
    painted = replace(shape, face_material=top.astype(np.int64), materials=(RED, GREY))
    (part,) = find_parts(painted).items
    assert (part.name, part.joint) == ("grey", None)


def test_a_rim_hidden_in_the_rest_is_closed() -> None:
    body, peg = box((1, 1, 0.4), (0, 0, 0)), box((0.2, 0.2, 0.5), (0, 0, 0.4))
    peg.update_faces(peg.triangles_center[:, 2] > 0.16)
    assert not peg.is_watertight
    shape = built(("body", body, RED), ("peg", peg, GREY))
    sides = detach(shape, shape.face_part == shape.part_names.index("peg"))
    assert sides is not None
    assert mesh_of(sides.part.shape).is_watertight
    assert not sides.rest.capped.any()


def test_rims_and_caps_of_a_ring_leave_its_hole() -> None:
    ring = trimesh.creation.annulus(0.3, 0.5, 0.4)
    keep = ring.triangles_center[:, 2] < 0.19
    shape = built(("ring", ring, RED)).keep_faces(keep)
    chains = rims(shape)
    assert chains is not None
    assert len(chains) == 2
    triangles = caps(shape.vertices, chains)
    assert triangles is not None
    closed = trimesh.Trimesh(shape.vertices, np.concatenate([shape.faces, triangles]))
    assert closed.is_watertight
    assert closed.is_winding_consistent
    assert closed.euler_number == 0


@pytest.fixture(scope="module")
def dumbbell() -> Shape:
    ends = [trimesh.creation.icosphere(3, 0.22) for _ in range(2)]
    ends[0].apply_translation((-0.5, 0, 0))
    ends[1].apply_translation((0.5, 0, 0))
    bar = trimesh.creation.cylinder(0.1, 0.9, sections=24)
    bar.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, (0, 1, 0)))
    return built(("dumbbell", trimesh.boolean.union([*ends, bar], engine="manifold"), RED))


def test_a_dumbbells_heads_are_held_by_necks_and_come_off_closed(dumbbell: Shape) -> None:
    solid = signed_distance(dumbbell)
    modes = fracture_modes(solid, np.random.default_rng(0), 4)
    found = neck_components(modes)
    assert [neckness(modes, chosen) for chosen in found] == sorted(
        neckness(modes, chosen) for chosen in found
    )
    sides_of = [modes.centres[chosen, 0].mean() for chosen in found[:2]]
    assert np.prod(sides_of) < 0
    for chosen in found[:2]:
        assert 0.33 < modes.share(chosen) < 0.5
        sides = cut_off(dumbbell, solid, modes, chosen)
        assert sides is not None
        part, rest = sides.part.shape, sides.rest.shape
        assert mesh_of(part).volume + mesh_of(rest).volume == pytest.approx(
            mesh_of(dumbbell).volume, rel=0.01
        )
        assert largest_share(part) == largest_share(rest) == 1.0
        assert sides.part.capped.any()
        flat = part.corners[sides.part.capped].reshape(-1, 3)
        flat = flat - flat.mean(axis=0)
        assert np.linalg.svd(flat)[1][2] / np.sqrt(len(flat)) < 0.01


def test_a_straight_cut_keeps_to_the_boundary(dumbbell: Shape) -> None:
    solid = signed_distance(dumbbell)
    modes = fracture_modes(solid, np.random.default_rng(0), 2)
    chosen = modes.centres[:, 0] > 0
    phi = region_field(solid, modes, chosen, 0, 0.0)
    straight = straight_cut(phi, modes, chosen)
    bar = np.column_stack([np.linspace(-0.15, 0.15, 301), np.zeros((301, 2))])
    crossing = bar[np.argmin(np.abs(straight.at(bar))), 0]
    assert abs(crossing) < 0.03
    far = np.abs(phi.values) > 0.9 * np.abs(phi.values).max()
    np.testing.assert_array_equal(np.sign(straight.values[far]), np.sign(phi.values[far]))
