"""What counts as a part: the file's parts, else its materials, else pieces, else necks (App. A.1).

A part is one thing: what has one name but does not hang together is several parts, and what would
be left hanging in the air goes with it. Parts may overlap one another. A piece is one of those that
the shape is made of, a connected component of its surface (anomalies.parts.pieces).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from anomalies.parts.detach import Detached, detach
from anomalies.parts.joint import Joint, find_joint
from anomalies.parts.pieces import components, contacts, piece_components
from datagen.geometry.shape import Bools, Floats, Ints, Shape

MIN_SHARE, MAX_SHARE = 0.01, 0.5  # of the surface's area
ENOUGH = 2  # movable parts that are LARGE; then no further way of dividing is tried
LARGE = 0.04  # of the surface's area
AMPLE = 0.15  # of the surface's area: parts larger than that are no more likely to be chosen


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a shape.

    faces: (F,) bool of the shape; share: of its area, 0 to 1; source: part, material, piece or
    neck, what it was told by; separate: works out `detached`. A neck is cut across faces: there
    `faces` are those mostly on its side.
    """

    shape: Shape
    name: str
    source: str
    faces: Bools
    share: float
    separate: Callable[[], Detached | None]

    @cached_property
    def detached(self) -> Detached | None:
        """The part and the rest, closed; None for a mere patch of the surface."""
        return self.separate()

    @cached_property
    def joint(self) -> Joint | None:
        """Where the part meets the rest; None where it cannot be told from it, or hangs free."""
        return None if self.detached is None else find_joint(self.detached, self.shape.diagonal)


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts of a shape. items: those neither specks nor most of it, in a fixed order."""

    items: tuple[Part, ...]

    def in_random_order(self, rng: np.random.Generator) -> list[int]:
        """Indices of all, larger ones first more often: of a small one little would be seen."""
        weight = np.minimum([part.share for part in self.items], AMPLE)
        count = len(weight)
        order: list[int] = rng.choice(count, count, replace=False, p=weight / weight.sum()).tolist()
        return order

    def is_movable(self, index: int) -> bool:
        """Whether the part is a thing of its own, attached to the rest."""
        return self.items[index].joint is not None

    @cached_property
    def any_movable(self) -> bool:
        """Whether any part is movable; asks no more than it must: to cut off a neck takes time."""
        return any(self.is_movable(index) for index in range(len(self.items)))

    @cached_property
    def movable(self) -> tuple[int, ...]:
        """Indices of the movable parts."""
        return tuple(index for index in range(len(self.items)) if self.is_movable(index))


def find_parts(shape: Shape, necks: Callable[[], list[Part]] | None = None) -> Parts:
    """Divide the shape in one way after another until there are enough movable parts.

    necks: asked only where nothing else gave enough.
    """
    material_names = tuple(material.name for material in shape.materials)
    found: list[Part] = []
    for source, label, names in (
        ("part", shape.face_part, shape.part_names),
        ("material", shape.face_material, material_names),
        ("piece", np.zeros(len(shape.faces), np.int64), ("piece",)),
    ):
        for part in divide(shape, label, names, source):
            if not any(np.array_equal(part.faces, other.faces) for other in found):
                found.append(part)
        if enough(found):
            return Parts(tuple(found))
    return Parts((*found, *(necks() if necks else ())))


def enough(parts: list[Part]) -> bool:
    """Whether ENOUGH of the parts are LARGE and movable."""
    movable = 0
    for part in parts:
        movable += part.share >= LARGE and part.joint is not None
        if movable == ENOUGH:
            return True
    return False


def divide(shape: Shape, label: Ints, names: tuple[str, ...], source: str) -> Iterator[Part]:
    """The usable parts of a division, label by label.

    label: (F,) int64 into names; source: what the division goes by, for Part.source. Touching
    pieces of one label are one part, unless together they are most of the object; a label all of
    whose pieces are specks is one part. A piece inside another of its label is none.
    """
    piece = components(shape, label)
    area = np.bincount(piece, shape.face_areas).astype(np.float64)
    total = area.sum()
    owner = np.zeros(len(area), np.int64)
    owner[piece] = label
    near, inside = contacts(shape, piece)
    component = piece_components(near & (owner[:, None] == owner[None, :]))
    for value in np.unique(owner):
        mine = [np.flatnonzero((owner == value) & (component == number))
                for number in dict.fromkeys(component[owner == value])]  # fmt: skip
        shares = [area[members].sum() / total for members in mine]
        bag = np.flatnonzero(owner == value)
        if max(shares) < MIN_SHARE and source != "piece":
            mine = [bag]
        split = [
            members
            for whole in mine
            for members in ([whole] if area[whole].sum() <= MAX_SHARE * total else whole[:, None])
        ]
        sized = [members for members in split if area[members].sum() >= MIN_SHARE * total]
        for number, members in enumerate(sized):
            others = (owner == value) & ~np.isin(np.arange(len(owner)), members)
            if inside[np.ix_(members, others)].any():
                continue
            taken = with_dependants(members, near, inside, area)
            share = float(area[taken].sum() / total)
            if share > MAX_SHARE:
                continue
            name = names[value] if len(sized) == 1 else f"{names[value]} {number}"
            faces = np.isin(piece, taken)
            yield Part(shape, name, source, faces, share, partial(detach, shape, faces))


def with_dependants(members: Ints, near: Bools, inside: Bools, area: Floats) -> Ints:
    """(K,) the pieces, those inside them, and those that would hang in the air without them.

    members: pieces (M,); near, inside: (P, P) bool as contacts has them; area: (P,) square metres.
    """
    taken = np.zeros(len(area), bool)
    taken[members] = True
    taken |= inside[:, taken].any(axis=1)
    before, left = piece_components(near), np.flatnonzero(~taken)
    if not len(left):
        return np.flatnonzero(taken)
    after = piece_components(near[np.ix_(left, left)])
    for whole in np.unique(before[taken]):
        held = before[left] == whole
        if held.any():
            weight = np.bincount(after[held], area[left[held]])
            taken[left[held & (after != np.argmax(weight))]] = True
    return np.flatnonzero(taken)
