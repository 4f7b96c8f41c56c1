"""Procedural mechanical parts, z up, about 1 unit: every generator state gives another object."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import trimesh
from numpy.typing import NDArray
from shapely.geometry import Point, Polygon, box
from shapely.ops import unary_union
from trimesh.transformations import rotation_matrix, translation_matrix

from datagen.builtin.builder import ShapeBuilder
from datagen.shape import Material, Shape

Rng = np.random.Generator
Mesh = trimesh.Trimesh
Matrix = NDArray[np.float64]
X, Y = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)

ANODISED = {
    "red": (0.55, 0.03, 0.04),
    "blue": (0.03, 0.12, 0.55),
    "gold": (0.75, 0.42, 0.06),
    "green": (0.04, 0.36, 0.12),
    "violet": (0.25, 0.05, 0.42),
    "orange": (0.75, 0.2, 0.02),
    "natural": (0.72, 0.73, 0.75),
}
PAINT = {
    "grey": (0.2, 0.22, 0.23),
    "machine green": (0.07, 0.2, 0.13),
    "blue": (0.03, 0.1, 0.28),
    "red": (0.38, 0.03, 0.02),
    "yellow": (0.65, 0.38, 0.03),
    "cream": (0.6, 0.54, 0.4),
}


def _steel(rng: Rng) -> Material:
    level = rng.uniform(0.48, 0.62)
    colour = (level, level * 1.01, level * 1.04)
    return Material("brushed steel", colour, 1.0, rng.uniform(0.22, 0.4))


def _brass(rng: Rng) -> Material:
    return Material("brass", (0.76, rng.uniform(0.46, 0.54), 0.17), 1.0, rng.uniform(0.18, 0.35))


def _black_oxide(rng: Rng) -> Material:
    return Material("black oxide", (0.035, 0.036, 0.04), 0.8, rng.uniform(0.35, 0.5))


def _rubber(rng: Rng) -> Material:
    return Material("rubber", (0.02, 0.02, 0.021), 0.0, rng.uniform(0.7, 0.9))


def _copper(rng: Rng) -> Material:
    return Material("copper", (0.86, 0.4, 0.27), 1.0, rng.uniform(0.15, 0.3))


def _shade(rng: Rng, colour: tuple[float, float, float]) -> tuple[float, float, float]:
    red, green, blue = np.clip(np.array(colour) * rng.uniform(0.8, 1.25), 0, 1).tolist()
    return red, green, blue


def _anodised(rng: Rng) -> Material:
    name = str(rng.choice(list(ANODISED)))
    colour = _shade(rng, ANODISED[name])
    return Material(f"{name} anodised aluminium", colour, 0.9, rng.uniform(0.28, 0.42))


def _painted(rng: Rng) -> Material:
    name = str(rng.choice(list(PAINT)))
    colour = _shade(rng, PAINT[name])
    return Material(f"{name} painted cast iron", colour, 0.0, rng.uniform(0.35, 0.6))


def _body(rng: Rng) -> Material:
    """A finish for the main body."""
    return [_steel, _anodised, _painted][rng.integers(3)](rng)


def _fitting(rng: Rng) -> Material:
    """A finish for hubs and fasteners that no main body has."""
    return [_brass, _black_oxide][rng.integers(2)](rng)


def _disc(radius: float, x: float = 0.0, y: float = 0.0, quad: int = 12) -> Polygon:
    return Point(x, y).buffer(radius, quad_segs=quad)


def _ring_points(radius: float, count: int, start: float = 0.0) -> NDArray[np.float64]:
    angle = start + np.arange(count) * 2 * np.pi / count
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def _hexagon(radius: float) -> Polygon:
    return Polygon(_ring_points(radius, 6))


def _rounded(width: float, depth: float, radius: float) -> Polygon:
    half_x, half_y = width / 2 - radius, depth / 2 - radius
    return box(-half_x, -half_y, half_x, half_y).buffer(radius, quad_segs=6)


def _outward(mesh: Mesh) -> Mesh:
    if mesh.volume < 0:
        mesh.invert()
    return mesh


def _extrude(polygon: Polygon, low: float, high: float) -> Mesh:
    mesh = trimesh.creation.extrude_polygon(polygon, high - low)
    mesh.apply_translation([0, 0, low])
    return _outward(mesh)


def _plate(polygon: Polygon, low: float, high: float, chamfer: float) -> Mesh:
    """A convex outline with a chamfered rim; its holes go straight through."""
    inset = np.array(polygon.exterior.coords)
    inner = np.array(Polygon(inset).buffer(-chamfer, join_style="mitre").exterior.coords)
    rows = [(inner, low), (inset, low + chamfer), (inset, high - chamfer), (inner, high)]
    points = np.concatenate([np.column_stack([xy, np.full(len(xy), z)]) for xy, z in rows])
    solid = trimesh.convex.convex_hull(points)
    if len(polygon.interiors) == 0:
        return solid
    holes = [_extrude(Polygon(hole), low - 0.1, high + 0.1) for hole in polygon.interiors]
    return _cut(solid, holes)


def _cut(solid: Mesh, tools: Sequence[Mesh]) -> Mesh:
    return trimesh.boolean.difference([solid, *tools], engine="manifold")


def _common(first: Mesh, second: Mesh) -> Mesh:
    return trimesh.boolean.intersection([first, second], engine="manifold")


def _joined(meshes: Sequence[Mesh]) -> Mesh:
    mesh = trimesh.util.concatenate(meshes)
    assert isinstance(mesh, Mesh)
    return mesh


def _revolve(profile: Sequence[tuple[float, float]], sections: int = 64) -> Mesh:
    """Turn a closed (radius, z) outline about z."""
    outline = [*profile, profile[0]] if profile[0] != profile[-1] else list(profile)
    return _outward(trimesh.creation.revolve(np.array(outline), sections=sections))


def _tube(inner: float, outer: float, low: float, high: float, chamfer: float) -> Mesh:
    """A ring of rectangular section with chamfered edges; inner > 0."""
    c = chamfer
    return _revolve([
        (inner, low + c), (inner + c, low), (outer - c, low), (outer, low + c),
        (outer, high - c), (outer - c, high), (inner + c, high), (inner, high - c),
    ])  # fmt: skip


def _rod(radius: float, low: float, high: float, chamfer: float, sections: int = 48) -> Mesh:
    c = chamfer
    return _revolve(
        [(0, low), (radius - c, low), (radius, low + c), (radius, high - c), (radius - c, high),
         (0, high)],
        sections,
    )  # fmt: skip


def _hex_prism(radius: float, low: float, high: float) -> Mesh:
    """A hexagon whose corners are turned down at both ends, as on bolts and nuts."""
    cone = _rod(radius * 1.01, low, high, min(0.14 * radius, 0.4 * (high - low)))
    return _common(_extrude(_hexagon(radius), low, high), cone)


def _screw(radius: float, length: float, socket: bool) -> Mesh:
    """A fastener pointing down: its head sits on z = 0."""
    if socket:
        head = _rod(1.55 * radius, 0, 1.5 * radius, 0.15 * radius, 32)
        head = _cut(head, [_extrude(_hexagon(0.85 * radius), 0.6 * radius, 2 * radius)])
    else:
        head = _hex_prism(1.85 * radius, 0, 1.2 * radius)
    shank = _rod(radius, -length, 0.1 * radius, 0.15 * radius, 24)
    return _joined([head, shank])


def _at(mesh: Mesh, *matrices: Matrix) -> Mesh:
    """A copy moved by the matrices, the first one first."""
    moved = mesh.copy()
    for matrix in matrices:
        moved.apply_transform(matrix)
    return moved


def _move(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Matrix:
    return translation_matrix([x, y, z])


def _turn(angle: float, axis: tuple[float, float, float]) -> Matrix:
    return rotation_matrix(angle, axis)


def _gear_outline(teeth: int, outer: float, slant: float) -> tuple[Polygon, float]:
    """The toothed outline and its root radius."""
    module = 2 * outer / (teeth + 2)
    root = outer - 2.2 * module
    pitch_radius = outer - module
    steps = [(-0.32, root), (-0.25, pitch_radius), (-slant, outer)]
    steps += [(-turn, radius) for turn, radius in reversed(steps)]
    pitch = 2 * np.pi / teeth
    angle = (np.arange(teeth)[:, None] + [turn for turn, _ in steps]).ravel() * pitch
    radius = np.tile([radius for _, radius in steps], teeth)
    return Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])), root


def gear(rng: Rng) -> Shape:
    """A spur gear: toothed rim, web with holes or spokes, hub with keyway, bolts."""
    builder = ShapeBuilder()
    body, hub_material, bolt_material = _body(rng), _fitting(rng), _steel(rng)
    teeth = int(rng.integers(14, 37))
    outer, thick = 0.5, rng.uniform(0.12, 0.24)
    outline, root = _gear_outline(teeth, outer, rng.uniform(0.1, 0.15))
    rim, hub = root - rng.uniform(0.03, 0.06), rng.uniform(0.14, 0.19)
    bore = hub * rng.uniform(0.42, 0.58)
    blank = _rod(outer + 0.001, 0, thick, 0.015, 96)
    builder.add("teeth", _common(_extrude(outline - _disc(rim, quad=24), 0, thick), blank), body)

    web = _disc(rim + 0.01, quad=24) - _disc(hub - 0.01)
    count = int(rng.integers(4, 8))
    middle, width = (rim + hub) / 2, rim - hub
    if rng.random() < 0.5:
        limit = min(0.38 * width, 0.75 * middle * np.sin(np.pi / count))
        size = limit * rng.uniform(0.75, 1)
        web -= unary_union([_disc(size, *p) for p in _ring_points(middle, count)])
    else:
        window = _disc(rim - 0.015, quad=24) - _disc(hub + 0.03)
        half = rng.uniform(0.025, 0.045)
        spoke = box(0, -half, 1, half)
        angles = np.degrees(np.arange(count) * 2 * np.pi / count)
        spokes = unary_union([_rotated(spoke, angle) for angle in angles])
        web -= (window - spokes).buffer(-0.015).buffer(0.015)
    dish = thick * rng.uniform(0.2, 0.34)
    builder.add("web", _extrude(web, dish, thick - dish), body)

    rise = rng.uniform(0.02, 0.14)
    key = box(0, -0.25 * bore, 1.3 * bore, 0.25 * bore)
    hub_mesh = _cut(
        _rod(hub, 0, thick + rise, 0.012, 64),
        [_extrude(_disc(bore, quad=16) | key, -0.1, thick + rise + 0.1)],
    )
    builder.add("hub", hub_mesh, hub_material)
    size = 0.16 * (hub - 1.3 * bore) + 0.006
    screw = _screw(size, 0.03, bool(rng.random() < 0.5))
    for i, (x, y) in enumerate(_ring_points((hub + 1.2 * bore) / 2, 4, np.pi / 4)):
        builder.add(f"bolt_{i}", _at(screw, _move(x, y, thick + rise)), bolt_material)
    return builder.build()


def _rotated(polygon: Polygon, degrees: float) -> Polygon:
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return Polygon(np.array(polygon.exterior.coords) @ matrix)


def flange(rng: Rng) -> Shape:
    """A weld-neck flange: drilled disc, neck, sealing ring, bolts with nuts."""
    builder = ShapeBuilder()
    body, bolt_material = _body(rng), _fitting(rng)
    outer, thick = 0.5, rng.uniform(0.08, 0.13)
    bore, count = rng.uniform(0.14, 0.22), int(rng.choice([4, 6, 8, 10]))
    size = min(rng.uniform(0.026, 0.036), 0.5 * np.sin(np.pi / count) * 0.3)
    circle = outer - rng.uniform(2.1, 2.5) * size - 0.015
    wall, height = rng.uniform(0.035, 0.05), rng.uniform(0.2, 0.42)
    foot = min(bore + wall + rng.uniform(0.02, 0.08), circle - 2.2 * size)
    holes = _ring_points(circle, count)
    disc = _tube(bore, outer, 0, thick, 0.012)
    drills = [_extrude(_disc(1.12 * size, x, y, quad=6), -0.1, thick + 0.1) for x, y in holes]
    builder.add("disc", _cut(disc, drills), body)
    neck = [
        (bore, thick - 0.01), (foot, thick - 0.01), (foot, thick + 0.02),
        (bore + wall, thick + 0.45 * height), (bore + wall, thick + height - 0.015),
        (bore + wall - 0.015, thick + height), (bore, thick + height),
    ]  # fmt: skip
    builder.add("neck", _revolve(neck), body)
    gasket = _tube(bore + 0.005, circle - 1.6 * size, -0.025, 0.005, 0.004)
    builder.add("gasket", gasket, _rubber(rng))
    below = rng.uniform(0.05, 0.1)
    screw = _screw(size, thick + below, bool(rng.random() < 0.4))
    nut = _hex_prism(1.75 * size, -1.6 * size, 0)
    for i, (x, y) in enumerate(holes):
        builder.add(f"bolt_{i}", _at(screw, _move(x, y, thick)), bolt_material)
        builder.add(f"nut_{i}", _at(nut, _move(x, y)), bolt_material)
    return builder.build()


def bracket(rng: Rng) -> Shape:
    """An L bracket: drilled base, slotted wall, gussets, bolts on washers."""
    builder = ShapeBuilder()
    body, bolt_material, washer_material = _body(rng), _fitting(rng), _steel(rng)
    width, depth = rng.uniform(0.45, 0.8), rng.uniform(0.5, 0.75)
    height, thick = rng.uniform(0.5, 0.85), rng.uniform(0.05, 0.09)
    size = rng.uniform(0.028, 0.042)
    off_x, hole_y = width / 2 - 0.1, depth / 2 - rng.uniform(0.1, 0.14)
    outline = _rounded(width, depth, rng.uniform(0.03, 0.07))
    spots = [(-off_x, hole_y), (off_x, hole_y)]
    base = outline - unary_union([_disc(1.1 * size, *p) for p in spots])
    builder.add("base", _plate(base, 0, thick, 0.01), body)

    wall = _rounded(width, height, rng.uniform(0.03, 0.12))
    slot = box(-0.3 * width, -0.001, 0.3 * width, 0.001).buffer(rng.uniform(0.03, 0.05))
    top = _disc(rng.uniform(0.04, 0.06), 0, 0.32 * height)
    if rng.random() < 0.5:
        slot = unary_union([_disc(0.045, -off_x, 0.1 * height), _disc(0.045, off_x, 0.1 * height)])
    stand = _plate(wall - slot - top, 0, thick, 0.01)
    lift = [_turn(np.pi / 2, X), _move(0, 0.004 - depth / 2 + thick, height / 2 + 0.5 * thick)]
    builder.add("wall", _at(stand, *lift), body)

    run, rise = depth * rng.uniform(0.5, 0.7), height * rng.uniform(0.35, 0.5)
    triangle = Polygon([(-0.01, -0.01), (run, -0.01), (run, 0.03), (0.03, rise), (-0.01, rise)])
    rib = _extrude(triangle, -0.4 * thick, 0.4 * thick)
    rib = _at(rib, _turn(np.pi / 2, X), _turn(np.pi / 2, (0.0, 0.0, 1.0)))
    places = [0.0] if rng.random() < 0.5 else [-0.22 * width, 0.22 * width]
    for i, x in enumerate(places):
        builder.add(f"gusset_{i}", _at(rib, _move(x, -depth / 2 + thick, thick)), body)
    screw = _screw(size, thick + rng.uniform(0.02, 0.08), bool(rng.random() < 0.5))
    washer = _tube(1.05 * size, 2.2 * size, 0, 0.014, 0.003)
    for i, (x, y) in enumerate(spots):
        builder.add(f"washer_{i}", _at(washer, _move(x, y, thick)), washer_material)
        builder.add(f"bolt_{i}", _at(screw, _move(x, y, thick + 0.014)), bolt_material)
    return builder.build()


def bearing(rng: Rng) -> Shape:
    """A ball bearing: grooved races, balls, a cage, at times a seal on the far side."""
    builder = ShapeBuilder()
    steel, ball_material = _steel(rng), Material("chrome", (0.72, 0.72, 0.74), 1.0, 0.08)
    outer, bore = 0.5, rng.uniform(0.17, 0.27)
    gap = outer - bore
    ball, middle = gap * rng.uniform(0.24, 0.29), (outer + bore) / 2
    half = ball * rng.uniform(1.15, 1.5)
    land = ball * rng.uniform(0.5, 0.62)
    reach = np.arccos(land / (1.02 * ball))
    arc = np.linspace(-reach, reach, 9)
    c = 0.014

    def race(sign: float, far: float) -> Mesh:
        """The ring between radius far and the groove that the balls run in."""
        near = middle + sign * land
        groove = [(middle + sign * 1.02 * ball * np.cos(a), 1.02 * ball * np.sin(a)) for a in arc]
        back = [(far - sign * c, half), (far, half - c), (far, c - half), (far - sign * c, -half)]
        return _revolve([(near, -half), *groove, (near, half), *back], 80)

    builder.add("outer_race", race(1, outer), steel)
    builder.add("inner_race", race(-1, bore), steel)
    count = int(2 * np.pi * middle / (2 * ball * rng.uniform(1.15, 1.5)))
    sphere = trimesh.creation.icosphere(subdivisions=2, radius=ball)
    spots = _ring_points(middle, count)
    for i, (x, y) in enumerate(spots):
        builder.add(f"ball_{i}", _at(sphere, _move(x, y)), ball_material)
    thin, tall = 0.3 * land, ball * rng.uniform(0.3, 0.6)
    pockets = [_at(sphere, _move(x, y)) for x, y in spots]
    cage = _tube(middle - 2 * thin, middle + 2 * thin, -tall, tall, 0.004)
    builder.add("cage", _cut(cage, pockets), _brass(rng) if rng.random() < 0.6 else _rubber(rng))
    if rng.random() < 0.5:
        reach = land + 0.004
        low = 0.01 - half
        seal = _tube(middle - reach, middle + reach, low, low + 0.015, 0.003)
        builder.add("seal", seal, _rubber(rng))
    return builder.build()


def _thread(radius: float, low: float, high: float, pitch: float) -> Mesh:
    """A threaded rod: rings of triangular section on a core."""
    count = max(3, int((high - low) / pitch))
    z = np.linspace(low, high, 2 * count + 1)
    r = np.where(np.arange(len(z)) % 2 == 0, radius - 0.7 * pitch, radius)
    return _revolve([(0, low), *zip(r.tolist(), z.tolist(), strict=True), (0, high)], 48)


def shaft(rng: Rng) -> Shape:
    """A stepped shaft lying along x: journals, a key in its keyway, a thread, a collar."""
    builder = ShapeBuilder()
    steel, collar_material, key_material = _steel(rng), _anodised(rng), _brass(rng)
    length = rng.uniform(0.95, 1.15)
    share = rng.uniform(0.7, 1.4, 5)
    ends = np.concatenate([[0], np.cumsum(share / share.sum())]) * length - length / 2
    big = rng.uniform(0.09, 0.14)
    radii = big * np.array([0.55, rng.uniform(0.68, 0.8), 1, rng.uniform(0.68, 0.85), 0.6])
    lay = _turn(np.pi / 2, Y)
    builder.add("thread", _at(_thread(radii[0], ends[0], ends[1] + 0.002, 0.022), lay), steel)
    high = radii[3]
    key_half = rng.uniform(0.2, 0.28) * high
    start, stop = ends[3] + 0.2 * (ends[4] - ends[3]), ends[3] + 0.85 * (ends[4] - ends[3])
    slot = box(-0.001, start + key_half, 0.001, stop - key_half).buffer(key_half, quad_segs=6)
    upright = [_turn(np.pi / 2, X)]
    cutter = _at(_extrude(slot.buffer(0.002), -2 * high, -0.7 * high), *upright)
    key = _at(_extrude(slot, -1.2 * high, -0.65 * high), *upright)
    for i in range(1, 5):
        step = _rod(radii[i], ends[i], ends[i + 1] + 0.002, 0.01, 64)
        if i == 3:
            step = _cut(step, [cutter])
        builder.add(f"step_{i - 1}", _at(step, lay), steel)
    if rng.random() < 0.8:
        builder.add("key", _at(key, lay), key_material)
    middle, half = (ends[1] + ends[2]) / 2, rng.uniform(0.03, 0.05)
    rim = radii[1] * rng.uniform(1.5, 1.75)
    collar = _tube(radii[1] - 0.004, rim, middle - half, middle + half, 0.01)
    builder.add("collar", _at(collar, lay), collar_material)
    screw = _at(_screw(0.35 * half, 0.02, True), _move(0, 0, rim - 0.004))
    sideways = [_turn(rng.uniform(-0.8, 0.8), X), _move(middle)]
    builder.add("set_screw", _at(screw, *sideways), _black_oxide(rng))
    if rng.random() < 0.5:
        flat = radii[4] * 1.9
        spot = ends[4] + rng.uniform(0.4, 0.6) * (ends[5] - ends[4])
        ring = _tube(radii[4] - 0.004, flat, spot - 0.015, spot + 0.015, 0.004)
        builder.add("retaining_ring", _at(ring, lay), _black_oxide(rng))
    return builder.build()


def housing(rng: Rng) -> Shape:
    """A gearbox housing: ribbed box on feet, side bosses with bores, bolted lid, filler plug."""
    builder = ShapeBuilder()
    body, lid_material, bolt_material = _painted(rng), _anodised(rng), _fitting(rng)
    width, depth, height = rng.uniform(0.7, 0.95), rng.uniform(0.45, 0.65), rng.uniform(0.32, 0.5)
    corner, foot = rng.uniform(0.05, 0.1), rng.uniform(0.04, 0.06)
    outline = _rounded(width, depth, corner)
    block = _plate(outline, foot * 0.5, foot + height, 0.012)
    bore, boss = rng.uniform(0.06, 0.1), rng.uniform(0.13, 0.16)
    across, axis_z = rng.uniform(-0.2, 0.2) * width, foot + 0.48 * height
    lie = [_turn(np.pi / 2, X), _move(across, 0, axis_z)]
    reach = depth / 2 + rng.uniform(0.04, 0.09)
    hole = _at(_rod(bore, -1, 1, 0.01), *lie)
    builder.add("box", _cut(block, [hole]), body)
    for i, (low, high) in enumerate([(depth / 2 - 0.01, reach), (-reach, 0.01 - depth / 2)]):
        builder.add(f"boss_{i}", _at(_tube(bore, boss, low, high, 0.01), *lie), body)
        sleeve = _tube(0.72 * bore, bore + 0.003, low, high + (0.012 if i == 0 else 0), 0.004)
        builder.add(f"bush_{i}", _at(sleeve, *lie), bolt_material)
    base = _rounded(width + rng.uniform(0.1, 0.18), 0.9 * depth, 0.04)
    builder.add("base", _plate(base, 0, foot, 0.01), body)

    thick, inset = rng.uniform(0.03, 0.05), rng.uniform(0.055, 0.07)
    overhang = outline.buffer(rng.uniform(0.01, 0.03))
    top = foot + height
    builder.add("gasket", _extrude(outline.buffer(0.004), top - 0.004, top + 0.01), _rubber(rng))
    builder.add("lid", _plate(overhang, top + 0.008, top + thick, 0.008), lid_material)
    along = int(rng.integers(2, 5))
    screw = _screw(rng.uniform(0.017, 0.024), 0.02, bool(rng.random() < 0.5))
    spots = [
        (x, y)
        for x in np.linspace(inset - width / 2, width / 2 - inset, along)
        for y in (inset - depth / 2, depth / 2 - inset)
    ]
    for i, (x, y) in enumerate(spots):
        builder.add(f"bolt_{i}", _at(screw, _move(x, y, top + thick)), bolt_material)
    plug = _joined([_rod(0.06, 0, 0.03, 0.006), _hex_prism(0.045, 0.025, rng.uniform(0.06, 0.09))])
    side = rng.uniform(-0.2, 0.2) * width
    builder.add("plug", _at(plug, _move(side, 0, top + thick - 0.002)), bolt_material)
    ribs = int(rng.integers(2, 5))
    for i, y in enumerate(np.linspace(-0.3, 0.3, ribs) * depth):
        rib = box(-width / 2 - 0.035, y - 0.012, width / 2 + 0.035, y + 0.012)
        builder.add(f"rib_{i}", _extrude(rib, foot - 0.005, foot + 0.8 * height), body)
    return builder.build()


def pulley(rng: Rng) -> Shape:
    """A V-belt pulley: grooved rim, web with holes, hub with screws, at times belts."""
    builder = ShapeBuilder()
    body, hub_material = _body(rng), _fitting(rng)
    outer, grooves = rng.uniform(0.44, 0.5), int(rng.integers(1, 5))
    pitch, depth = rng.uniform(0.075, 0.11), rng.uniform(0.06, 0.09)
    edge, flank = 0.022, rng.uniform(0.2, 0.28)
    width = grooves * pitch + 2 * edge
    inside = outer - depth - rng.uniform(0.035, 0.05)
    profile = [(inside, 0.0), (outer - 0.008, 0.0), (outer, 0.008)]
    for i in range(grooves):
        low = edge + i * pitch
        profile += [
            (outer, low + 0.08 * pitch),
            (outer - depth, low + flank * pitch),
            (outer - depth, low + (1 - flank) * pitch),
            (outer, low + 0.92 * pitch),
        ]
    profile += [(outer, width - 0.008), (outer - 0.008, width), (inside, width)]
    builder.add("rim", _revolve(profile, 96), body)
    hub = rng.uniform(0.13, 0.17)
    bore = hub * rng.uniform(0.45, 0.6)
    count = int(rng.integers(4, 8))
    middle, room = (hub + inside) / 2, inside - hub
    size = min(0.4 * room, 0.75 * middle * np.sin(np.pi / count)) * rng.uniform(0.75, 1)
    web = _disc(inside + 0.008, quad=24) - _disc(hub - 0.008)
    web -= unary_union([_disc(size, *p) for p in _ring_points(middle, count)])
    builder.add("web", _extrude(web, 0.3 * width, 0.7 * width), body)
    rise = rng.uniform(0.03, 0.1)
    builder.add("hub", _tube(bore, hub, -0.02, width + rise, 0.01), hub_material)
    screw = _screw(0.2 * (hub - bore), 0.02, True)
    screws = int(rng.integers(2, 5))
    for i, (x, y) in enumerate(_ring_points((hub + bore) / 2, screws)):
        builder.add(f"bolt_{i}", _at(screw, _move(x, y, width + rise - 0.002)), _steel(rng))
    if rng.random() < 0.5:
        rubber = _rubber(rng)
        for i in range(grooves):
            low = edge + i * pitch
            belt = [
                (outer - 0.75 * depth, low + 0.25 * pitch),
                (outer + 0.012, low + 0.1 * pitch),
                (outer + 0.012, low + 0.9 * pitch),
                (outer - 0.75 * depth, low + 0.75 * pitch),
            ]
            builder.add(f"belt_{i}", _revolve(belt, 96), rubber)
    return builder.build()


def _bend(inner: float, outer: float, radius: float, angle: float) -> Mesh:
    """A hollow bend from (radius, 0, 0) upward, about the y axis through the origin."""
    stations, around = 20, 40
    turn = np.linspace(0, angle, stations)[:, None]
    loop = np.arange(around) * 2 * np.pi / around
    sheets = []
    for size in (outer, inner):
        away = radius + size * np.cos(loop)
        x, z = away * np.cos(turn), away * np.sin(turn)
        y = np.broadcast_to(size * np.sin(loop), x.shape)
        sheets.append(np.stack([x, y, z], axis=-1).reshape(-1, 3))
    index = np.arange(2 * stations * around).reshape(2, stations, around)
    strip = np.concatenate([index[0], index[1, ::-1], index[0, :1]])
    here, there = strip[:-1], strip[1:]
    quad = np.stack([here, np.roll(here, -1, 1), np.roll(there, -1, 1), there], -1).reshape(-1, 4)
    faces = np.concatenate([quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]])
    return _outward(trimesh.Trimesh(np.concatenate(sheets), faces, process=False))


def pipe_elbow(rng: Rng) -> Shape:
    """A pipe bend between two drilled flanges with gaskets and bolts."""
    builder = ShapeBuilder()
    body, flange_material, bolt_material = _painted(rng), _steel(rng), _fitting(rng)
    angle = rng.uniform(np.pi / 3, np.pi / 2)
    inner, radius = rng.uniform(0.1, 0.14), rng.uniform(0.4, 0.5)
    outer = inner + rng.uniform(0.02, 0.035)
    builder.add("bend", _bend(inner, outer, radius, angle), body)
    count, size = int(rng.choice([4, 6, 8])), rng.uniform(0.018, 0.025)
    rim, thick = outer + rng.uniform(4.5, 5.3) * size, rng.uniform(0.045, 0.07)
    circle = (outer + rim) / 2
    spots = _ring_points(circle, count, np.pi / count)
    drills = [_extrude(_disc(1.1 * size, x, y, quad=6), -1, 1) for x, y in spots]
    plate = _cut(_tube(inner, rim, -thick, 0.004, 0.008), drills)
    gasket = _tube(inner, circle - 1.3 * size, -thick - 0.012, -thick + 0.002, 0.003)
    screw = _at(_screw(size, thick + 0.06, False), _move(0, 0, 0.002))
    lip = _tube(outer - 0.004, outer + rng.uniform(0.01, 0.02), -0.004, 0.05, 0.006)
    rubber = _rubber(rng)
    start = [_move(radius)]
    end = [_turn(np.pi, X), _move(radius), _turn(-angle, Y)]
    bolts = 0
    for i, way in enumerate((start, end)):
        builder.add(f"flange_{i}", _at(plate, *way), flange_material)
        builder.add(f"collar_{i}", _at(lip, *way), body)
        builder.add(f"gasket_{i}", _at(gasket, *way), rubber)
        for x, y in spots:
            builder.add(f"bolt_{bolts}", _at(screw, _move(x, y), *way), bolt_material)
            bolts += 1
    return builder.build()


def bolt(rng: Rng) -> Shape:
    """A bolt standing on its head: hexagon or socket head, washer, shank, thread rings, nut."""
    builder = ShapeBuilder()
    steel, nut_material, washer_material = _steel(rng), _fitting(rng), _anodised(rng)
    radius, length = rng.uniform(0.09, 0.14), rng.uniform(0.75, 0.95)
    head = radius * rng.uniform(1.1, 1.5)
    if rng.random() < 0.65:
        builder.add("head", _hex_prism(radius * rng.uniform(1.8, 2.1), 0, head), steel)
    else:
        cap = _rod(radius * rng.uniform(1.6, 1.8), 0, 1.3 * head, 0.015, 64)
        socket = _extrude(_hexagon(0.8 * radius), -0.1, 0.6 * head)
        head *= 1.3
        builder.add("head", _cut(cap, [socket]), steel)
    thin = rng.uniform(0.025, 0.045)
    washer = _tube(1.03 * radius, radius * rng.uniform(2.1, 2.4), head, head + thin, 0.006)
    builder.add("washer", washer, washer_material)
    split = head + (length - head) * rng.uniform(0.25, 0.5)
    builder.add("shank", _rod(radius, head - 0.01, split, 0.008), steel)
    thread = _thread(radius, split - 0.01, length, rng.uniform(0.026, 0.038))
    builder.add("thread", thread, steel)
    tall = radius * rng.uniform(1.2, 1.7)
    low = split + (length - split - tall) * rng.uniform(0.1, 0.85)
    ring = _cut(
        _hex_prism(radius * rng.uniform(1.8, 2.0), low, low + tall),
        [_extrude(_disc(radius - 0.008), -1, 2)],
    )
    builder.add("nut", ring, nut_material)
    if rng.random() < 0.5:
        width = radius * rng.uniform(1.7, 1.85)
        collar = _tube(radius - 0.008, width, low + tall, low + tall + 0.03, 0.008)
        builder.add("lock_ring", collar, _rubber(rng))
    return builder.build()


def heatsink(rng: Rng) -> Shape:
    """A finned heat sink on a base, with heat pipes and corner bolts."""
    builder = ShapeBuilder()
    fin_material, base_material, bolt_material = _anodised(rng), _steel(rng), _black_oxide(rng)
    width, depth = rng.uniform(0.75, 0.95), rng.uniform(0.6, 0.85)
    thick, height = rng.uniform(0.06, 0.1), rng.uniform(0.25, 0.5)
    fins, half = int(rng.integers(7, 15)), rng.uniform(0.008, 0.014)
    margin, crown = rng.uniform(0.1, 0.13), rng.uniform(-0.25, 0.25)
    base = _rounded(width, depth, rng.uniform(0.02, 0.05))
    builder.add("base", _plate(base, 0, thick, 0.01), base_material)
    at = np.linspace(margin - width / 2, width / 2 - margin, fins)
    tops = thick + height * (1 - np.abs(crown) + crown * np.cos(np.pi * at / width))
    for i, (x, top) in enumerate(zip(at, tops, strict=True)):
        fin = _rounded(2 * half, depth - 0.03, 0.4 * half)
        low = thick - 0.005
        mesh = _plate(fin, low, top, 0.3 * half)
        builder.add(f"fin_{i}", _at(mesh, _move(x)), fin_material)
    copper, size = _copper(rng), rng.uniform(0.025, 0.035)
    level = thick + rng.uniform(0.35, 0.55) * float(tops.min() - thick)
    pipe = _at(_rod(size, -width / 2, width / 2, 0.01, 32), _turn(np.pi / 2, Y))
    pipes = int(rng.integers(1, 4))
    for i, y in enumerate((np.arange(pipes) - (pipes - 1) / 2) * depth / 4):
        builder.add(f"pipe_{i}", _at(pipe, _move(0, y, level)), copper)
    screw = _screw(rng.uniform(0.018, 0.022), thick + 0.03, bool(rng.random() < 0.5))
    spots = [(sx * (width / 2 - 0.05), sy * (depth / 2 - 0.06)) for sx in (-1, 1) for sy in (-1, 1)]
    for i, (x, y) in enumerate(spots):
        builder.add(f"bolt_{i}", _at(screw, _move(x, y, thick)), bolt_material)
    return builder.build()


PARTS: dict[str, Callable[[Rng], Shape]] = {
    "gear": gear,
    "flange": flange,
    "bracket": bracket,
    "bearing": bearing,
    "shaft": shaft,
    "housing": housing,
    "pulley": pulley,
    "pipe_elbow": pipe_elbow,
    "bolt": bolt,
    "heatsink": heatsink,
}
