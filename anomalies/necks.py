"""Parts of what is one piece: what a thin neck holds, such as a mug's handle or an animal's head.

They are pieces of the fracture modes, ranked by the area of the cut over volume^(2/3).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from anomalies.crumbs import without_crumbs
from anomalies.cut import cut
from anomalies.detach import Detached, Side
from anomalies.fracture_modes import FractureModes
from anomalies.grid import Grid
from anomalies.parts import MAX_SHARE, MIN_SHARE, Part
from anomalies.region import region_field
from datagen.shape import Bools, Shape

MAX_NECKNESS = 1.3
MIN_VOLUME, MAX_VOLUME = 0.015, 0.45  # of the solid
SAME = 0.6  # of the volume of both together: such pieces are one part
MOST = 6  # the best of them
SMOOTH = 0.0008  # roughness of the cut, of the diagonal


def find_necks(shape: Shape, solid: Grid, modes: FractureModes) -> list[Part]:
    """The parts that necks hold, thinnest neck first."""
    from scipy.spatial import cKDTree

    nearest = cKDTree(modes.centres).query(shape.corners.mean(axis=1))[1]
    area = shape.face_areas
    found: list[Part] = []
    for chosen in neck_pieces(modes):
        faces = chosen[nearest]
        share = float(area[faces].sum() / area.sum())
        if MIN_SHARE <= share <= MAX_SHARE:
            separate = partial(cut_off, shape, solid, modes, chosen)
            found.append(Part(shape, f"neck {len(found)}", "neck", faces, share, separate))
    return found


def neck_pieces(modes: FractureModes) -> list[Bools]:
    """(T,) bool each: pieces of a mode that a thin neck holds, thinnest first, none twice."""
    ranked: list[tuple[float, Bools]] = []
    for mode in range(modes.modes.shape[1]):
        label = modes.pieces(mode)
        for piece in range(1, int(label.max()) + 1):
            chosen = label == piece
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
    return modes.cut_area(chosen) / float(modes.volumes[chosen].sum()) ** (2 / 3)


def _one_rest(modes: FractureModes, chosen: Bools) -> bool:
    """Whether what is not chosen hangs together no worse than before."""
    alone = modes.connected(~chosen[modes.pairs].any(axis=1))[~chosen]
    whole = modes.connected(np.ones(len(modes.pairs), bool))[~chosen]
    rest = modes.volumes[~chosen]
    return bool(np.bincount(alone, rest).max() > 0.98 * np.bincount(whole, rest).max())


def cut_off(shape: Shape, solid: Grid, modes: FractureModes, chosen: Bools) -> Detached | None:
    """Cut along the boundary of the chosen tetrahedra, both sides closed; None if it crumbles."""
    phi: Grid | None = region_field(solid, modes, chosen, 0, SMOOTH)
    for inner in (True, False):
        phi = None if phi is None else without_crumbs(solid, phi, inner)
    if phi is None:
        return None
    halves = cut(shape, solid, phi)
    if not halves.inner.any() or halves.inner.all() or not len(halves.cap.faces):
        return None
    sides = []
    for inner in (True, False):
        closed, _ = halves.piece(inner)
        count = int((halves.inner == inner).sum())
        sides.append(Side(closed, np.arange(len(closed.faces)) >= count))
    return Detached(*sides)
