"""A chess piece: pawn, rook, bishop, queen, king or knight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from shapely.affinity import translate
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Rng, chance, real, whole
from datagen.sources.builtin.edits import cut, place, warp
from datagen.sources.builtin.outlines import rounded
from datagen.sources.builtin.paints import metal, paints, plain, wood
from datagen.sources.builtin.paths import curve, fillet, turns
from datagen.sources.builtin.solids import blob, brick, extrude, lathe, ring, rod, slab

Kind = Literal["pawn", "rook", "bishop", "queen", "king", "knight"]
KINDS: tuple[Kind, ...] = ("pawn", "rook", "bishop", "queen", "king", "knight")
BODIES: dict[Kind, list[tuple[float, float]]] = {
    "pawn": [(0.14, 0.16), (0.085, 0.3), (0.065, 0.42), (0.06, 0.48)],
    "rook": [(0.17, 0.16), (0.125, 0.28), (0.11, 0.46), (0.125, 0.54)],
    "bishop": [(0.16, 0.16), (0.09, 0.32), (0.065, 0.5), (0.075, 0.6)],
    "queen": [(0.17, 0.16), (0.1, 0.34), (0.075, 0.56), (0.1, 0.7)],
    "king": [(0.175, 0.16), (0.105, 0.34), (0.08, 0.58), (0.1, 0.72)],
}
HORSE = [
    (-0.17, 0.0), (0.16, 0.0), (0.17, 0.1), (0.1, 0.22), (0.06, 0.31), (0.12, 0.34),
    (0.2, 0.28), (0.27, 0.26), (0.3, 0.31), (0.27, 0.4), (0.2, 0.48), (0.1, 0.57),
    (0.06, 0.67), (0.01, 0.58), (-0.1, 0.53), (-0.18, 0.42), (-0.2, 0.28), (-0.17, 0.14),
]  # fmt: skip
MANE = [(0.0, 0.6), (-0.08, 0.54), (-0.15, 0.46), (-0.19, 0.36), (-0.2, 0.26), (-0.18, 0.16)]


@dataclass(frozen=True, eq=False)
class Knight:
    """The horse's head of a knight.

    size: over that of HORSE; shifts: (18, 2), of the contour's corners.
    """

    size: float
    shifts: Floats


@dataclass(frozen=True)
class ChessPiece:
    """stout, lift: how wide and how tall, over the usual. The rest is 0 or None for other kinds.

    head: the pawn's radius; battlements: the rook's; mitre: the bishop's height; points: the
    queen's; arm: half the width of the king's cross. head and arm: before stout widens them.
    """

    kind: Kind
    main: Material
    trim: Material
    felt: Material
    stout: float
    lift: float
    horse: Knight | None
    head: float
    battlements: int
    mitre: float
    points: int
    arm: float
    size: float


def draw(rng: Rng) -> ChessPiece:
    """Everything that makes one chess piece differ from another."""
    if chance(rng, 0.65):
        main = wood(rng, "walnut") if chance(rng, 0.5) else wood(rng, "maple", "beech")
    else:
        main = paints(rng, 1, "lacquer", 0.2)[0]
    felt = plain("felt", paints(rng, 1, names=["green", "red", "blue"])[0].base_color, 0.9)
    trim = metal(rng, "gold") if chance(rng, 0.3) else main
    kind = KINDS[rng.choice(6)]
    return ChessPiece(
        kind,
        main,
        trim,
        felt,
        stout=real(rng, 0.85, 1.2),
        lift=real(rng, 0.9, 1.12),
        horse=_draw_horse(rng) if kind == "knight" else None,
        head=real(rng, 0.11, 0.14) if kind == "pawn" else 0.0,
        battlements=whole(rng, 5, 7) if kind == "rook" else 0,
        mitre=real(rng, 0.24, 0.3) if kind == "bishop" else 0.0,
        points=whole(rng, 7, 10) if kind == "queen" else 0,
        arm=real(rng, 0.055, 0.075) if kind == "king" else 0.0,
        size=draw_size(rng),
    )


def _draw_horse(rng: Rng) -> Knight:
    return Knight(size=real(rng, 0.9, 1.05), shifts=rng.normal(0, 0.006, (18, 2)))


def make(piece: ChessPiece) -> Shape:
    """The chess piece of these parameters."""
    toy = ShapeBuilder()
    _add_base(toy, piece)
    if piece.horse is not None:
        _add_knight(toy, piece, piece.horse)
        return toy.finish(piece.size)
    rows = curve(np.array(BODIES[piece.kind]) * (piece.stout, piece.lift), 24)
    r, z = rows[-1].tolist()
    toy.add("body", lathe([(0, rows[0, 1] - 0.01), *rows, (0, z)]), piece.main)
    below = [(0, z - 0.03), (r * 1.05, z - 0.02), (r * 1.75, z + 0.012)]
    collar = [*below, (r * 1.75, z + 0.03), (r, z + 0.05), (0, z + 0.05)]
    toy.add("collar", lathe(fillet(collar, 0.015)), piece.trim)
    if piece.kind == "pawn":
        size = piece.head * piece.stout
        toy.add("head", blob(size, (0, 0, z + 0.03 + size * 0.88), detail=4), piece.main)
    elif piece.kind == "rook":
        _add_tower(toy, piece, z)
    elif piece.kind == "bishop":
        _add_mitre(toy, piece, z)
    else:
        _add_crown(toy, piece, r, z)
        top = z + 0.19
        if piece.kind == "queen":
            _add_points(toy, piece, top)
        else:
            _add_cross(toy, piece, top)
    return toy.finish(piece.size)


def _add_base(toy: ShapeBuilder, piece: ChessPiece) -> None:
    foot = 0.23 * piece.stout
    toy.add("felt", rod(foot * 0.94, 0, 0.02), piece.felt)
    low = [(0, 0.012), (foot, 0.012), (foot * 1.02, 0.05), (foot * 0.97, 0.08)]
    high = [(foot * 0.78, 0.11), (foot * 0.8, 0.135), (foot * 0.7, 0.17), (0, 0.17)]
    toy.add("base", lathe(fillet(low + high, 0.02)), piece.main)
    toy.add("base ring", ring(foot * 0.8, 0.02, 0.016, 0.125), piece.trim)


def _slimmer(z: Floats) -> Floats:
    """How much slimmer than its shoulders the horse is at this height."""
    return 1 - 0.55 * np.clip((z - 0.3) / 0.6, 0, 0.7)


def _add_knight(toy: ShapeBuilder, piece: ChessPiece, horse: Knight) -> None:
    """A horse's head that looks towards x."""
    stout = piece.stout
    scale = np.array([horse.size * stout, horse.size * piece.lift])
    contour = np.array(HORSE) * scale + [0, 0.15] + horse.shifts
    block = slab(rounded(contour, 0.07), 0.19 * stout, 0.06)
    toy.add("head", warp(block, _taper), piece.main)

    def at(x: float, z: float) -> Floats:
        result: Floats = np.array([x, z]) * scale + [0, 0.15]
        return result

    half = 0.095 * stout
    for side, name in ((-1, "left"), (1, "right")):
        x, z = at(0.11, 0.45)
        eye = blob((0.024, 0.016, 0.024), (x, side * half * float(_slimmer(z)), z))
        toy.add(f"{name} eye", eye, piece.felt)
        x, z = at(0.25, 0.32)
        nostril = blob((0.014, 0.012, 0.014), (x, side * half * 0.8, z))
        toy.add(f"{name} nostril", nostril, piece.felt)
        x, z = at(0.035, 0.6)
        ear = place(blob((0.03, 0.022, 0.085)), (x, side * 0.035 * stout, z + 0.02), ry=-0.15)
        toy.add(f"{name} ear", ear, piece.main)
    mane = piece.trim if piece.trim != piece.main else piece.felt
    for spot in MANE:
        x, z = at(*spot)
        toy.add("mane", blob((0.045, 0.034, 0.06), (x, 0, z)), mane)


def _taper(p: Floats) -> Floats:
    return p * np.column_stack([np.ones(len(p)), _slimmer(p[:, 2]), np.ones(len(p))])


def _add_tower(toy: ShapeBuilder, piece: ChessPiece, z: float) -> None:
    """The rook's top with its battlements."""
    wide, high, count = 0.19 * piece.stout, 0.17, piece.battlements
    cup = [(0, z), (wide * 0.85, z + 0.03), (wide, z + 0.06)]
    cup += [(wide, z + high * 0.62), (0, z + high * 0.62)]
    toy.add("tower", lathe(fillet(cup, 0.015)), piece.main)
    for i, start in enumerate(turns(count)):
        a = np.linspace(0, 2 * np.pi / count * 0.62, 8) + start
        arc = np.column_stack([np.cos(a), np.sin(a)])
        tooth = Polygon([*(arc * wide), *(arc[::-1] * wide * 0.66)])
        block = extrude(tooth, z + high * 0.5, z + high, 0.006)
        toy.add(f"battlement {i + 1}", block, piece.main)


def _add_mitre(toy: ShapeBuilder, piece: ChessPiece, z: float) -> None:
    """The bishop's hat with its slot."""
    tall = piece.mitre
    side = [(0.06, z + 0.03), (0.12 * piece.stout, z + tall * 0.45)]
    rows = curve([*side, (0.03, z + tall), (0, z + tall)], 24)
    mitre = lathe(np.concatenate([[(0, z + 0.02)], rows]).clip(0))
    slot = brick((0.5, 0.5, 0.03), (0.22, 0, 0.1), 0.005)
    toy.add("mitre", cut(mitre, place(slot, (0, 0, z + tall * 0.45), ry=-0.7)), piece.main)
    toy.add("finial", blob(0.033 * piece.stout, (0, 0, z + tall + 0.015)), piece.trim)


def _add_crown(toy: ShapeBuilder, piece: ChessPiece, r: float, z: float) -> None:
    wide, top = 0.165 * piece.stout, z + 0.19
    outside = [(0, z + 0.02), (r * 1.1, z + 0.03), (wide, top)]
    inside = [(wide * 0.8, top), (wide * 0.7, z + 0.19 * 0.9), (0, z + 0.19 * 0.95)]
    toy.add("crown", lathe(fillet(outside + inside, 0.015)), piece.main)


def _add_points(toy: ShapeBuilder, piece: ChessPiece, top: float) -> None:
    """The queen's points round a dome."""
    wide = 0.165 * piece.stout
    for i, a in enumerate(turns(piece.points)):
        at = (wide * 0.9 * np.cos(a), wide * 0.9 * np.sin(a), top + 0.008)
        toy.add(f"point {i + 1}", blob(0.03 * piece.stout, at), piece.trim)
    toy.add("dome", blob((wide * 0.6, wide * 0.6, 0.07), (0, 0, top)), piece.main)
    toy.add("finial", blob(0.036 * piece.stout, (0, 0, top + 0.09)), piece.trim)


def _add_cross(toy: ShapeBuilder, piece: ChessPiece, top: float) -> None:
    """The king's cross on a dome."""
    wide, thick, arm = 0.165 * piece.stout, 0.036, piece.arm * piece.stout
    toy.add("dome", blob((wide * 0.85, wide * 0.85, 0.05), (0, 0, top)), piece.main)
    bars = [box(-thick / 2, 0, thick / 2, 0.17), box(-arm, 0.08, arm, 0.08 + thick)]
    cross = translate(unary_union(bars), 0, top + 0.03)
    toy.add("cross", slab(cross, thick, 0.006), piece.trim)
