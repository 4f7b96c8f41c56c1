"""Crumbs: loose components that a cut would leave on one side of it."""

from __future__ import annotations

import numpy as np

from anomalies.surgery.scalar_grid import Grid
from datagen.geometry.shape import Bools

SKIN = 0.5  # cells: surfaces nearer than this touch
SMALL = 0.03  # of the solid's volume


def without_crumbs(solid: Grid, phi: Grid, inner: bool, small: float = SMALL) -> Grid | None:
    """The field with the crumbs of one side given to the other; None where one is large.

    solid, phi: metres, on one grid; inner: the side where phi is negative, or the other one. A
    crumb is a component of the side that the cut parts from the largest one; it may have at most
    `small` of the solid's volume.
    """
    from scipy.ndimage import binary_dilation, label

    around = np.ones((3, 3, 3), bool)
    material = solid.values < SKIN * solid.spacing
    side = phi.values < 0 if inner else phi.values >= 0
    whole, _ = label(material, around)
    component, count = label(material & side, around)
    size = np.bincount(component.ravel(), minlength=count + 1)
    owner = np.zeros(count + 1, np.int64)
    owner[component[material & side]] = whole[material & side]
    size[0] = owner[0] = 0
    largest = np.zeros(int(whole.max()) + 1, np.int64)
    np.maximum.at(largest, owner, size)
    loose = size < largest[owner]
    if not loose.any():
        return phi
    if size[loose].max() > small * material.sum():
        return None
    crumbs: Bools = binary_dilation(loose[component], around, iterations=2)
    others = material & side & ~loose[component]
    return phi.like(np.where(crumbs & side & ~others, -phi.values, phi.values))


def share(solid: Grid, phi: Grid) -> float:
    """Share of the solid's volume, 0 to 1, on the inner side, where phi is negative."""
    inside = solid.values < 0
    return float((inside & (phi.values < 0)).sum() / max(inside.sum(), 1))
