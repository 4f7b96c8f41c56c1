"""Parts of what is one piece: what a thin neck holds, such as a mug's handle or an animal's head.

They are components that the fracture modes break off, ranked by the area of the cut over
volume^(2/3).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from anomalies.fracturing.crumbs import without_crumbs
from anomalies.fracturing.fracture_modes import FractureModes
from anomalies.fracturing.region import region_field
from anomalies.parts.detach import Detached, Side
from anomalies.parts.parts import MAX_SHARE, MIN_SHARE, Part
from anomalies.surgery.cut import cut
from anomalies.surgery.scalar_grid import Grid
from datagen.geometry.components import linked
from datagen.geometry.shape import Bools, Shape

MAX_NECKNESS = 1.3
MIN_VOLUME, MAX_VOLUME = 0.015, 0.45  # of the solid
SAME = 0.6  # of the volume of both together: such components are one part
MOST = 6  # the best of them
SMOOTH = 0.0  # roughness of the cut
STRETCH = 1.6  # typical sizes of a tetrahedron: boundary faces nearer together are one stretch
MARGIN = 1.1  # typical sizes of a tetrahedron: how far a plane may be from the boundary
MIN_AGREEING = 0.4  # of a stretch's area faces one way, or it has no plane


def find_necks(shape: Shape, solid: Grid, modes: FractureModes) -> list[Part]:
    """The parts that necks hold, thinnest neck first.

    solid, modes: of the shape (anomalies.fracturing.breakage).
    """
    from scipy.spatial import cKDTree

    nearest = cKDTree(modes.centres).query(shape.corners.mean(axis=1))[1]
    area = shape.face_areas
    found: list[Part] = []
    for chosen in neck_components(modes):
        faces = chosen[nearest]
        share = float(area[faces].sum() / area.sum())
        if MIN_SHARE <= share <= MAX_SHARE:
            separate = partial(cut_off, shape, solid, modes, chosen)
            found.append(Part(shape, f"neck {len(found)}", "neck", faces, share, separate))
    return found


def neck_components(modes: FractureModes) -> list[Bools]:
    """(T,) bool each: components of a mode that a thin neck holds, thinnest first, none twice."""
    ranked: list[tuple[float, Bools]] = []
    for mode in range(modes.modes.shape[1]):
        component = modes.components_of(mode)
        for number in range(1, int(component.max()) + 1):
            chosen = component == number
            if MIN_VOLUME <= modes.share(chosen) <= MAX_VOLUME:
                ranked.append((neckness(modes, chosen), chosen))
    kept: list[Bools] = []
    for value, chosen in sorted(ranked, key=lambda pair: pair[0]):
        if value >= MAX_NECKNESS or len(kept) == MOST:
            break
        alike = (modes.share(chosen & other) / modes.share(chosen | other) for other in kept)
        if all(overlap < SAME for overlap in alike) and _one_rest(modes, chosen):
            kept.append(chosen)
    return kept


def neckness(modes: FractureModes, chosen: Bools) -> float:
    """Area of the cut round the chosen tetrahedra (T,) bool over their volume^(2/3)."""
    size: float = float(modes.volumes[chosen].sum()) ** (2 / 3)
    return modes.cut_area(chosen) / size


def _one_rest(modes: FractureModes, chosen: Bools) -> bool:
    """Whether what is not chosen hangs together no worse than before."""
    alone = modes.components(~chosen[modes.pairs].any(axis=1))[~chosen]
    whole = modes.components(np.ones(len(modes.pairs), bool))[~chosen]
    rest = modes.volumes[~chosen]
    return bool(np.bincount(alone, rest).max() > 0.98 * np.bincount(whole, rest).max())


def straight_cut(phi: Grid, modes: FractureModes, chosen: Bools) -> Grid:
    """The field with a plane instead of each stretch of the boundary, where one is near enough.

    phi: about a distance in metres from the boundary of the chosen tetrahedra (T,) bool.
    """
    from scipy.spatial import cKDTree

    border = modes.pairs[chosen[modes.pairs[:, 0]] != chosen[modes.pairs[:, 1]]]
    area = modes.areas[chosen[modes.pairs[:, 0]] != chosen[modes.pairs[:, 1]]]
    inner = np.where(chosen[border[:, :1]], border, border[:, ::-1])
    ends = modes.centres[inner]
    middle, outward = ends.mean(axis=1), ends[:, 1] - ends[:, 0]
    outward *= (area / np.maximum(np.linalg.norm(outward, axis=1), 1e-12))[:, None]
    size = float(np.median(modes.volumes)) ** (1 / 3)
    tree = cKDTree(middle)
    stretch = linked(tree.query_pairs(STRETCH * size, output_type="ndarray"), len(middle))
    margin = MARGIN * size
    values = phi.values.astype(np.float64)
    near = np.abs(values) < margin
    points = phi.points[near]
    nearest = stretch[tree.query(points)[1]]
    for which in range(int(stretch.max()) + 1):
        mine, here = stretch == which, nearest == which
        normal = outward[mine].sum(axis=0)
        length = float(np.linalg.norm(normal))
        if length < MIN_AGREEING * area[mine].sum():
            continue
        centre = np.average(middle[mine], axis=0, weights=area[mine])
        plane = (points[here] - centre) @ normal / length
        index = np.flatnonzero(near)[here]
        field = values.ravel()[index]
        values.ravel()[index] = np.clip(plane, field - margin, field + margin)
    return phi.like(values)


def cut_off(shape: Shape, solid: Grid, modes: FractureModes, chosen: Bools) -> Detached | None:
    """Cut along the boundary of the chosen tetrahedra (T,) bool, both sides closed.

    None where either side crumbles, or there is nothing to cut.
    """
    phi: Grid | None = straight_cut(region_field(solid, modes, chosen, 0, SMOOTH), modes, chosen)
    for inner in (True, False):
        phi = None if phi is None else without_crumbs(solid, phi, inner)
    if phi is None:
        return None
    halves = cut(shape, solid, phi)
    if not halves.inner.any() or halves.inner.all() or not len(halves.cap.faces):
        return None
    sides = []
    for inner in (True, False):
        closed, _ = halves.closed_half(inner)
        count = int((halves.inner == inner).sum())
        sides.append(Side(closed, np.arange(len(closed.faces)) >= count))
    return Detached(*sides)
