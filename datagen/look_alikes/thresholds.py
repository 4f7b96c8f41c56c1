"""Between which Chamfer distances a neighbour is a look-alike, from the library's own distances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datagen.base.files import whole_file
from datagen.geometry.shape import Floats
from datagen.look_alikes.chamfer import Aligned

SAME = 8e-4  # metres: other triangles on one form differ by up to half as much
CLOSEST = 0.05  # share of the nearest neighbours that are too near
LONELY = 0.5  # share of the shapes whose nearest neighbour may be none
WIDTH = 5  # high over low, at least, wherever that leaves low above SAME
STRANGERS = 0.02  # share of random pairs that are less than twice as far as a look-alike


@dataclass(frozen=True)
class Thresholds:
    """low, high: metres in the frame of shapes of radius .5; a look-alike lies between.

    near, random: how many shapes and how many random pairs they were set from.
    """

    low: float
    high: float
    near: int
    random: int

    def verdict(self, pair: Aligned) -> str | None:
        """Why a pair is none of look-alikes, or None."""
        if pair.distance < self.low:
            return "a copy"
        if pair.mirror_distance < self.low or pair.mirrored:
            return "a mirrored copy"
        if pair.distance > self.high:
            return "another thing"
        return None


@dataclass(frozen=True)
class MeasuredPair:
    """first, second: ids; near: whether the second is a nearest neighbour, not a random shape.

    distance, mirror_distance: as of datagen.look_alikes.chamfer.Aligned.
    """

    first: str
    second: str
    near: bool
    distance: float
    mirror_distance: float


ANY = Thresholds(0.0, float("inf"), 0, 0)


def thresholds_of(pairs: Sequence[MeasuredPair]) -> Thresholds:
    """High: LONELY of the nearest neighbours lie above, and all but STRANGERS of the random pairs
    twice as far. Low: CLOSEST of the nearest neighbours lie below. Copies and mirror images are
    no neighbours.
    """
    near, random = nearest(pairs), strangers(pairs)
    limits = [float(np.quantile(near, 1 - LONELY))] if len(near) else []
    limits += [float(np.quantile(random, STRANGERS)) / 2] if len(random) else []
    high = max(min(limits, default=0.0), 2 * SAME)
    low = float(np.quantile(near, CLOSEST)) if len(near) else SAME
    return Thresholds(max(SAME, min(low, high / WIDTH)), high, len(near), len(random))


def nearest(pairs: Sequence[MeasuredPair]) -> Floats:
    """The smallest distance of every shape from a neighbour that is neither copy nor mirrored."""
    least: dict[str, float] = {}
    for pair in pairs:
        if pair.near and not is_copy(pair):
            least[pair.first] = min(pair.distance, least.get(pair.first, np.inf))
    return np.array(list(least.values()))


def strangers(pairs: Sequence[MeasuredPair]) -> Floats:
    """Distances of the random pairs."""
    return np.array([pair.distance for pair in pairs if not pair.near])


def is_copy(pair: MeasuredPair) -> bool:
    """Whether the second is the first's copy or mirror image, wherever the thresholds lie."""
    aligned = Aligned(pair.distance, np.eye(4), pair.mirror_distance)
    return min(pair.distance, pair.mirror_distance) < SAME or aligned.mirrored


def plot(pairs: Sequence[MeasuredPair], found: Thresholds, path: Path) -> None:
    """Both distributions and the thresholds, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.add_subplot()
    near, random = nearest(pairs), strangers(pairs)
    copies = np.array([pair.distance for pair in pairs if pair.near and is_copy(pair)])
    every = np.concatenate([near, random, copies])
    edges = np.geomspace(max(every.min(), 1e-5), every.max() * 1.01, 36).tolist()
    for values, label, colour in (
        (near, f"nearest neighbour of each of {len(near)} shapes", "tab:blue"),
        (random, f"{len(random)} random pairs", "tab:orange"),
        (copies, f"{len(copies)} copies and mirror images", "tab:gray"),
    ):
        axes.hist(np.maximum(values, edges[0]), edges, alpha=0.6, label=label, color=colour)
    axes.axvspan(found.low, found.high, color="tab:green", alpha=0.12, label="look-alikes")
    for limit in (found.low, found.high):
        axes.axvline(limit, color="tab:green")
        axes.annotate(f"{limit:.4f}", (limit, 0.97), xycoords=("data", "axes fraction"),
                      rotation=90, va="top", ha="right", fontsize=8)  # fmt: skip
    axes.set(xscale="log", xlabel="Chamfer distance after alignment (radius .5)", ylabel="pairs")
    axes.legend(fontsize=8)
    with whole_file(path) as aside:
        figure.savefig(aside, dpi=110, format="png")
