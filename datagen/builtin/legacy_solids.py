"""Smooth closed solids and toy colours shared by the procedural toys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import mapbox_earcut
import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.polygon import orient

from datagen.builtin.builder import ShapeBuilder
from datagen.shape import Material, Shape

Rng = np.random.Generator
Mesh = trimesh.Trimesh
Array = NDArray[np.float64]
Vector = Sequence[float] | Array
Colour = tuple[float, float, float]

COLOURS: dict[str, Colour] = {
    "red": (0.6, 0.02, 0.025),
    "orange": (0.8, 0.2, 0.015),
    "yellow": (0.85, 0.52, 0.03),
    "lime": (0.32, 0.55, 0.05),
    "green": (0.03, 0.3, 0.08),
    "teal": (0.02, 0.32, 0.32),
    "sky": (0.1, 0.42, 0.72),
    "blue": (0.02, 0.11, 0.5),
    "violet": (0.2, 0.05, 0.42),
    "pink": (0.82, 0.22, 0.38),
    "cream": (0.8, 0.68, 0.46),
    "white": (0.85, 0.85, 0.82),
}
WOODS: dict[str, Colour] = {
    "beech": (0.62, 0.36, 0.16),
    "oak": (0.42, 0.23, 0.09),
    "walnut": (0.16, 0.075, 0.035),
    "maple": (0.7, 0.48, 0.26),
}


def shade(rng: Rng, colour: Colour, amount: float = 0.15) -> Colour:
    """The colour a little lighter or darker, and a little off in hue."""
    factor = rng.uniform(1 - amount, 1 + amount) * rng.uniform(1 - amount / 3, 1 + amount / 3, 3)
    red, green, blue = np.clip(np.array(colour) * factor, 0.005, 0.9).tolist()
    return red, green, blue


def paints(
    rng: Rng, count: int, kind: str = "plastic", rough: float = 0.35, names: Sequence[str] = ()
) -> list[Material]:
    """Materials of distinct toy colours, by default of the whole palette."""
    chosen = rng.permutation(list(names) or list(COLOURS))[:count]
    wear = rng.uniform(0.8, 1.2) * rough
    return [Material(f"{n} {kind}", shade(rng, COLOURS[str(n)]), 0.0, wear) for n in chosen]


def wood(rng: Rng, *names: str) -> Material:
    name = str(rng.choice(list(names) or list(WOODS)))
    return Material(f"{name} wood", shade(rng, WOODS[name]), 0.0, rng.uniform(0.45, 0.65))


def metal(rng: Rng, name: str = "steel") -> Material:
    level = rng.uniform(0.5, 0.65)
    tint = {
        "steel": (1.0, 1.01, 1.03), "brass": (1.3, 0.85, 0.3), "gold": (1.5, 1.0, 0.35),
        "copper": (1.4, 0.65, 0.42), "iron": (0.42, 0.42, 0.45),
    }[name]  # fmt: skip
    red, green, blue = (np.array(tint) * level).tolist()
    return Material(name, (red, green, blue), 1.0, rng.uniform(0.2, 0.38))


def rubber(rng: Rng) -> Material:
    return Material("rubber", (0.02, 0.02, 0.022), 0.0, rng.uniform(0.65, 0.85))


def plain(name: str, colour: Colour, rough: float = 0.5) -> Material:
    return Material(name, colour, 0.0, rough)


def window(rng: Rng) -> Material:
    return Material("window", shade(rng, (0.05, 0.09, 0.13)), 0.0, 0.12)


def _outward(mesh: Mesh) -> Mesh:
    if mesh.volume < 0:
        mesh.invert()
    return mesh


def loft(rings: ArrayLike, closed: bool = False, caps: ArrayLike | None = None) -> Mesh:
    """Skin rings (N, M, 3); the ends meet in two cap points (by default the rings' centres)."""
    grid = np.asarray(rings, dtype=float)
    count, size = grid.shape[:2]
    index = np.arange(count * size).reshape(count, size)
    low, high = (index, np.roll(index, -1, axis=0)) if closed else (index[:-1], index[1:])
    a, b, c, d = low, np.roll(low, -1, axis=1), np.roll(high, -1, axis=1), high
    faces = [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    points = grid.reshape(-1, 3)
    if not closed:
        ends = grid[[0, -1]].mean(axis=1) if caps is None else np.asarray(caps, dtype=float)
        first, last = index[0], index[-1]
        faces.append(np.stack([np.roll(first, -1), first, np.full(size, len(points))], -1))
        faces.append(np.stack([last, np.roll(last, -1), np.full(size, len(points) + 1)], -1))
        points = np.concatenate([points, ends])
    return _outward(Mesh(points, np.concatenate(faces), process=False))


def curve(points: ArrayLike, count: int = 32) -> Array:
    """Evenly parametrised points on a cubic spline through the given ones (any dimension)."""
    given = np.asarray(points, dtype=float)
    steps = np.linalg.norm(np.diff(given, axis=0), axis=1)
    at = np.r_[0, np.cumsum(steps)]
    result: Array = CubicSpline(at, given)(np.linspace(0, at[-1], count))
    return result


def fillet(points: ArrayLike, radius: float, steps: int = 4, closed: bool = False) -> Array:
    """The polyline with its corners rounded off; the ends stay unless it is closed."""
    given = np.asarray(points, dtype=float)
    middle = range(len(given)) if closed else range(1, len(given) - 1)
    out = [] if closed else [given[:1]]
    for i in middle:
        before, here, after = given[i - 1], given[i], given[(i + 1) % len(given)]
        lengths = np.linalg.norm([before - here, after - here], axis=1)
        cut = min(radius, 0.46 * lengths.min())
        start = here + (before - here) * cut / lengths[0]
        end = here + (after - here) * cut / lengths[1]
        t = np.linspace(0, 1, steps + 1)[:, None]
        out.append((1 - t) ** 2 * start + 2 * t * (1 - t) * here + t**2 * end)
    return np.concatenate(out if closed else [*out, given[-1:]])


def lathe(profile: ArrayLike, sections: int = 48) -> Mesh:
    """Turn (radius, z) about z: an outline from axis to axis, or a closed one off the axis."""
    rows = np.asarray(profile, dtype=float)
    gap = np.linalg.norm(np.diff(rows, axis=0), axis=1)
    rows = rows[np.r_[True, gap > 1e-7]]
    angle = np.arange(sections) * 2 * np.pi / sections
    on_axis = rows[0, 0] < 1e-9 and rows[-1, 0] < 1e-9
    if not on_axis and np.linalg.norm(rows[0] - rows[-1]) < 1e-7:
        rows = rows[:-1]
    body = rows[1:-1] if on_axis else rows
    rings = np.stack([
        body[:, :1] * np.cos(angle), body[:, :1] * np.sin(angle), body[:, 1:] + 0 * angle,
    ], -1)  # fmt: skip
    caps = [[0, 0, rows[0, 1]], [0, 0, rows[-1, 1]]] if on_axis else None
    return loft(rings, not on_axis, caps)


def sweep(
    points: ArrayLike,
    radii: ArrayLike,
    sections: int = 24,
    flat: bool = False,
    closed: bool = False,
    outline: ArrayLike | None = None,
    up: Sequence[float] = (0.0, 0.0, 1.0),
) -> Mesh:
    """A tube along a path; radii: one, one a point, two, or two a point (across, along up).

    Its ends are round, or flat. The cross-section may be any outline about the origin.
    """
    path = np.asarray(points, dtype=float)
    given = np.asarray(radii, dtype=float)
    given = given[:, None] if given.shape == (len(path),) else given
    size = np.broadcast_to(given, (len(path), 2))
    angle = np.arange(sections) * 2 * np.pi / sections
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    section = circle if outline is None else np.asarray(outline, dtype=float)
    if closed:
        tangent = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    else:
        tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    second = np.array(up, dtype=float)
    if abs(second @ tangent[0]) > 0.95:
        second = np.array([1.0, 0.0, 0.0])
    frames = []
    for direction in tangent:
        second = second - direction * (second @ direction)
        second = second / np.linalg.norm(second)
        frames.append((np.cross(second, direction), second))
    across, along = (np.array(side) for side in zip(*frames, strict=True))

    def ring(i: int, shift: float = 0.0, scale: float = 1.0) -> Array:
        flatwise = section * size[i] * scale
        centre = path[i] + tangent[i] * shift
        result: Array = centre + flatwise[:, :1] * across[i] + flatwise[:, 1:] * along[i]
        return result

    rings = [ring(i) for i in range(len(path))]
    if closed:
        return loft(np.array(rings), True)
    first, last = size[0].min(), size[-1].min()
    if flat:
        return loft(np.array(rings))
    bend = np.linspace(0, np.pi / 2, 7)[1:-1]
    start = [ring(0, -first * np.sin(a), np.cos(a)) for a in bend[::-1]]
    end = [ring(-1, last * np.sin(a), np.cos(a)) for a in bend]
    poles = [path[0] - tangent[0] * first, path[-1] + tangent[-1] * last]
    return loft(np.array([*start, *rings, *end]), False, poles)


def _inset(ring: Array) -> Array:
    edge = np.roll(ring, -1, axis=0) - ring
    edge /= np.linalg.norm(edge, axis=1, keepdims=True)
    left = np.column_stack([-edge[:, 1], edge[:, 0]])
    previous = np.roll(left, 1, axis=0)
    dot = np.einsum("ij,ij->i", left, previous)
    result: Array = (left + previous) / np.maximum(1 + dot, 0.4)[:, None]
    return result


def extrude(
    polygon: Polygon | MultiPolygon, low: float, high: float, bevel: float = 0.0, steps: int = 3
) -> Mesh:
    """A flat outline, with its holes, made thick along z, its edges rounded by the bevel."""
    if isinstance(polygon, MultiPolygon):
        pieces = [extrude(piece, low, high, bevel, steps) for piece in polygon.geoms]
        return trimesh.util.concatenate(pieces)
    shape = orient(polygon.simplify(1e-5))
    loops = [np.array(ring.coords)[:-1, :2] for ring in (shape.exterior, *shape.interiors)]
    inward = np.concatenate([_inset(loop) for loop in loops])
    flat = np.concatenate(loops)
    if bevel > 0:
        bend = np.linspace(0, np.pi / 2, steps + 1)
        insets, rises = bevel * (1 - np.sin(bend)), bevel * (1 - np.cos(bend))
        levels = [*zip(insets, low + rises, strict=True)]
        levels += [*zip(insets[::-1], high - rises[::-1], strict=True)]
    else:
        levels = [(0.0, low), (0.0, high)]
    count = len(flat)
    points = np.concatenate(
        [np.column_stack([flat + inward * i, np.full(count, z)]) for i, z in levels]
    )
    ends = np.cumsum([len(loop) for loop in loops])
    cap = mapbox_earcut.triangulate_float64(points[:count, :2].copy(), ends.astype(np.uint32))
    triangles = cap.reshape(-1, 3).astype(np.int64)
    here = np.arange(count)
    follow = np.concatenate([np.roll(part, -1) for part in np.split(here, ends[:-1])])
    faces = [triangles[:, ::-1], triangles + count * (len(levels) - 1)]
    for level in range(len(levels) - 1):
        a, b = here + level * count, follow + level * count
        faces += [np.column_stack([a, b, b + count]), np.column_stack([a, b + count, a + count])]
    mesh = Mesh(points, np.concatenate(faces), process=False)
    return _outward(mesh)


def disc(radius: float, x: float = 0.0, y: float = 0.0) -> Polygon:
    return Point(x, y).buffer(radius, quad_segs=12)


def oblong(width: float, depth: float, radius: float, x: float = 0.0, y: float = 0.0) -> Polygon:
    """A rectangle with round corners about (x, y)."""
    r = min(radius, 0.49 * width, 0.49 * depth)
    half_x, half_y = width / 2 - r, depth / 2 - r
    return box(x - half_x, y - half_y, x + half_x, y + half_y).buffer(r, quad_segs=6)


def outline(points: ArrayLike, radius: float) -> Polygon:
    """A polygon with rounded corners."""
    return Polygon(fillet(points, radius, 5, closed=True))


def brick(size: Sequence[float], at: Vector, bevel: float = 0.02) -> Mesh:
    """A box with round edges, its centre at the given point."""
    x, y, z = size
    mesh = extrude(oblong(x, y, bevel * 1.2), -z / 2, z / 2, min(bevel, 0.45 * min(x, y, z)))
    return place(mesh, at)


def slab(polygon: Polygon, width: float, bevel: float = 0.0, y: float = 0.0) -> Mesh:
    """An outline drawn in x and z, made thick along y about the given y."""
    mesh = extrude(polygon, -width / 2, width / 2, bevel)
    return place(mesh, (0, y, 0), rx=np.pi / 2)


def rod(radius: float, low: float, high: float, bevel: float = 0.0, sections: int = 48) -> Mesh:
    """A cylinder on the z axis."""
    c = bevel
    corners = [(0, low), (radius, low), (radius, high), (0, high)]
    return lathe(fillet(corners, c, 4) if c > 0 else corners, sections)


def ring(
    radius: float, thick: float, high: float, z: float = 0.0, sections: int = 48, sides: int = 16
) -> Mesh:
    """A torus about z of elliptic section."""
    a = np.arange(sides) * 2 * np.pi / sides
    return lathe(np.column_stack([radius + thick * np.cos(a), z + high * np.sin(a)]), sections)


def sheet(
    radius: Callable[[Array], Array],
    lift: Callable[[Array, Array], Array],
    thick: float,
    sections: int = 72,
    rows: int = 9,
) -> Mesh:
    """A curved disc: radius(angle) wide, lifted by lift(share of the radius, angle)."""
    angle = np.arange(sections) * 2 * np.pi / sections
    share = np.linspace(0, 1, rows + 1)[1:]
    height = thick / 2 * np.sqrt(np.clip(1 - share**8, 0, 1))
    rows_of = [*zip(share, height, strict=True), *zip(share[-2::-1], -height[-2::-1], strict=True)]
    rings = [
        np.column_stack([
            s * radius(angle) * np.cos(angle), s * radius(angle) * np.sin(angle),
            lift(np.full(sections, s), angle) + h,
        ])
        for s, h in rows_of
    ]  # fmt: skip
    middle = lift(np.zeros(1), np.zeros(1))[0]
    caps = [[0, 0, middle + thick / 2], [0, 0, middle - thick / 2]]
    return loft(np.array(rings), False, caps)


def waves(rng: Rng, count: int, size: float, low: int = 2, high: int = 9) -> Callable:
    """A random periodic function of the angle, about size high."""
    order = rng.integers(low, high, count)
    phase, share = rng.uniform(0, 2 * np.pi, count), rng.uniform(0.4, 1, count)
    share *= size / share.sum()
    return lambda a: (share * np.sin(np.asarray(a)[..., None] * order + phase)).sum(axis=-1)


def bumpy(rng: Rng, mesh: Mesh, amount: float, frequency: float) -> Mesh:
    """The mesh with soft random bumps of the given height along its normals."""
    directions = rng.normal(size=(6, 3)) * frequency
    phase = rng.uniform(0, 2 * np.pi, 6)
    normals = np.array(mesh.vertex_normals)
    return warp(
        mesh,
        lambda p: p + normals * amount * np.sin(p @ directions.T + phase).mean(axis=1)[:, None],
    )


def blob(
    radii: float | Vector,
    at: Vector = (0.0, 0.0, 0.0),
    square: float = 2.0,
    detail: int = 3,
) -> Mesh:
    """An ellipsoid; a higher square makes it boxier."""
    ball = trimesh.creation.icosphere(subdivisions=detail)
    direction = np.asarray(ball.vertices)
    reach = (np.abs(direction) ** square).sum(axis=1) ** (-1 / square)
    points = direction * reach[:, None] * np.asarray(radii) + np.asarray(at)
    return Mesh(points, ball.faces, process=False)


def place(mesh: Mesh, at: Vector = (0, 0, 0), rx: float = 0, ry: float = 0, rz: float = 0) -> Mesh:
    """A copy turned about x, then y, then z, then moved."""
    matrix = trimesh.transformations.euler_matrix(rx, ry, rz, "sxyz")
    matrix[:3, 3] = at
    moved = mesh.copy()
    moved.apply_transform(matrix)
    return moved


def aim(mesh: Mesh, at: Vector, normal: Vector) -> Mesh:
    """A copy whose z axis points along the normal, its origin at the given point."""
    matrix = trimesh.geometry.align_vectors([0, 0, 1], normal)
    matrix[:3, 3] = at
    moved = mesh.copy()
    moved.apply_transform(matrix)
    return moved


def warp(mesh: Mesh, change: Callable[[Array], Array]) -> Mesh:
    """A copy with its vertices (V, 3) changed."""
    return _outward(Mesh(change(np.array(mesh.vertices)), mesh.faces.copy(), process=False))


def flip(mesh: Mesh) -> Mesh:
    """The mirror image in y."""
    return warp(mesh, lambda p: p * (1, -1, 1))


def cut(solid: Mesh, *tools: Mesh) -> Mesh:
    return trimesh.boolean.difference([solid, *tools], engine="manifold")


def common(*solids: Mesh) -> Mesh:
    return trimesh.boolean.intersection(list(solids), engine="manifold")


def scatter(
    rng: Rng, mesh: Mesh, count: int, gap: float, wanted: Callable[[Array, Array], bool]
) -> list[tuple[Array, Array]]:
    """Up to count surface points with normals, gap apart, where wanted(point, normal) holds."""
    weight = mesh.area_faces / mesh.area_faces.sum()
    corners, normals = mesh.triangles, mesh.face_normals
    found: list[tuple[Array, Array]] = []
    for face in rng.choice(len(weight), size=count * 12, p=weight):
        point = rng.dirichlet([1, 1, 1]) @ corners[face]
        far = all(np.linalg.norm(point - other) > gap for other, _ in found)
        if far and wanted(point, normals[face]):
            found.append((point, normals[face]))
        if len(found) == count:
            break
    return found


def sprinkle(b: ShapeBuilder, part: str, rng: Rng, spots: list, size: float, mix: list) -> None:
    """Little sugar rods lying on the surface points, in a mix of materials."""
    for point, normal in spots:
        line = np.array([[-size, 0, 0], [0, 0, 0], [size, 0, 0]])
        grain = place(sweep(line, size * 0.45, 8), rz=rng.uniform(0, np.pi))
        b.add(part, aim(grain, point, normal), mix[rng.integers(len(mix))])


def wheel(
    b: ShapeBuilder,
    name: str,
    at: Vector,
    radius: float,
    width: float,
    tyre: Material,
    hub: Material,
    spokes: int = 5,
) -> None:
    """A wheel on a y axle, its outer face away from y = 0, with rim and bolts."""
    w, side = width / 2, (-1 if at[1] < 0 else 1)
    turn = -np.pi / 2 * side
    profile = [(0.5, -1), (0.9, -1), (1, -0.6), (1, 0.6), (0.9, 1), (0.62, 1), (0.5, 0.6)]
    rows = np.array([(r * radius, z * w) for r, z in profile])
    b.add(name, place(lathe(fillet(rows, radius * 0.1, 3, closed=True)), at, rx=turn), tyre)
    core = fillet(
        [(0, -w * 0.9), (0.58 * radius, -w * 0.9), (0.58 * radius, w * 0.75),
         (0.45 * radius, w * 0.55), (0.24 * radius, w * 0.6), (0.18 * radius, w * 1.1),
         (0, w * 1.12)], radius * 0.06, 3)  # fmt: skip
    b.add(name, place(lathe(core), at, rx=turn), hub)
    for i in range(spokes):
        a = 2 * np.pi * i / spokes
        bolt = blob(radius * 0.055, (0.33 * radius * np.cos(a), 0.33 * radius * np.sin(a), w * 0.6),
                    detail=1)  # fmt: skip
        b.add(name, place(bolt, at, rx=turn), tyre)


def finish(rng: Rng, made: ShapeBuilder | Shape) -> Shape:
    """The shape on the ground, centred, with a bounding-box diagonal of about 1."""
    shape = made.build() if isinstance(made, ShapeBuilder) else made
    low, high = shape.bounds
    centre = np.array([*(low + high)[:2] / 2, low[2]])
    size = rng.uniform(0.95, 1.25) / np.linalg.norm(high - low)
    return shape.with_vertices((shape.vertices - centre) * size)
