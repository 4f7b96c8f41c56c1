"""A cookie: with chips, with icing, or two biscuits with cream between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from datagen.geometry.shape import Floats, Material, Shape
from datagen.sources.builtin.builder import Mesh, ShapeBuilder, draw_size
from datagen.sources.builtin.drawn import Details, Rng, chance, details, real, whole
from datagen.sources.builtin.edits import aim, bumpy, cut, draw_bumps, knurl, place, ripple
from datagen.sources.builtin.paints import paints, plain, shade
from datagen.sources.builtin.paths import curve, fillet, turns, waves
from datagen.sources.builtin.scatter import Spot, scatter
from datagen.sources.builtin.solids import blob, lathe, ring, rod, sheet
from datagen.sources.builtin.toys.sweets import (
    CHOCOLATE,
    DOUGH,
    Sprinkles,
    add_sprinkles,
    creams,
    dough,
    draw_sprinkles,
)

R = 0.45
BITE = 0.46  # from the middle of the cookie to the middle of the bite
Kind = Literal["chips", "icing", "candy", "sandwich"]
KINDS: tuple[Kind, ...] = ("chips", "icing", "candy", "sandwich")


@dataclass(frozen=True)
class CookieBite:
    """A bite out of the edge: the angle of its middle, and the radii of three teeth."""

    side: float
    teeth: tuple[float, ...]

    def keep(self, mesh: Mesh, proud: float = 0.0) -> Mesh:
        """What the bite leaves of a mesh, its cut faces so far out of the dough's."""
        holes = []
        for k, radius in zip((-1, 0, 1), self.teeth, strict=True):
            angle = self.side + k * 0.45
            at = (BITE * np.cos(angle), BITE * np.sin(angle), 0)
            holes.append(place(rod(radius - proud, -1, 1), at))
        return cut(mesh, *holes)

    def spares(self, point: Floats) -> bool:
        """Whether something at this point would remain."""
        hole = BITE * np.array([np.cos(self.side), np.sin(self.side)])
        return bool(np.hypot(*(point[:2] - hole)) > 0.42)


@dataclass(frozen=True)
class CookieBody:
    """One biscuit; height: of its middle; edge: how it goes in and out."""

    edge: Details
    height: float
    bumps: Details
    bite: CookieBite | None
    dough: Material

    def whole(self) -> Mesh:
        """The biscuit before the bite."""
        height, wave = self.height, _edge(self.edge.rng)
        side = [
            (0, height),
            (R * 0.55, height * 0.95),
            (R * 0.95, height * 0.55),
            (R, height * 0.25),
        ]
        rows = curve([*side, (R * 0.92, 0.0)], 20)
        uneven = ripple(lathe([*rows, (0, 0)], 96), lambda angle: 1 + wave(angle))
        return bumpy(self.bumps.rng, uneven, 0.022, 16)

    def left(self, mesh: Mesh, proud: float = 0.0) -> Mesh:
        """What a bite, if there is one, leaves of a mesh."""
        return self.bite.keep(mesh, proud) if self.bite is not None else mesh

    def upper(self, point: Floats, normal: Floats) -> bool:
        """Whether something may lie here, on the upper side and clear of a bite."""
        return bool(normal[2] > 0.4 and (self.bite is None or self.bite.spares(point)))


@dataclass(frozen=True)
class Icing:
    """swell: how its edge goes in and out, beside that of the cookie."""

    material: Material
    swell: Details
    sprinkles: Sprinkles


@dataclass(frozen=True)
class Chip:
    """wide: of its size; square: how boxy it is; bumps: of chocolate."""

    size: float
    wide: float
    square: float
    bumps: Details | None


@dataclass(frozen=True)
class Chips:
    """Chips of these materials in turn, one for each of the spots, and crumbs."""

    mix: tuple[Material, ...]
    spots: Details
    most: int
    chips: tuple[Chip, ...]
    crumb: Material
    crumbs: Details


@dataclass(frozen=True)
class Biscuit:
    """One biscuit with something on it."""

    body: CookieBody
    topping: Icing | Chips


@dataclass(frozen=True)
class Sandwich:
    """tall: of one biscuit; gap: between the two; teeth: round a biscuit; petals: on it."""

    brown: Material
    cream: Material
    tall: float
    gap: float
    teeth: int
    petals: int


@dataclass(frozen=True)
class Cookie:
    """A single biscuit or two with cream between them."""

    form: Biscuit | Sandwich
    size: float


def draw(rng: Rng) -> Cookie:
    """Everything that makes one cookie differ from another."""
    dark = plain("chocolate", shade(rng, CHOCOLATE, 0.25), 0.3)
    kind = KINDS[rng.integers(4)]
    return Cookie(
        form=_draw_sandwich(rng) if kind == "sandwich" else _draw_biscuit(rng, kind, dark),
        size=draw_size(rng),
    )


def _draw_biscuit(rng: Rng, kind: Kind, dark: Material) -> Biscuit:
    body = CookieBody(
        edge=details(rng, _edge),
        height=real(rng, 0.13, 0.2),
        bumps=draw_bumps(rng),
        bite=_draw_bite(rng),
        dough=dough(rng),
    )
    if kind == "icing":
        return Biscuit(body, _draw_icing(rng, body))
    candy = paints(rng, 4, "candy", 0.2) if kind == "candy" else []
    return Biscuit(body, _draw_chips(rng, body, (dark, *candy)))


def _draw_bite(rng: Rng) -> CookieBite | None:
    taken = chance(rng, 0.45)
    bite = CookieBite(
        side=real(rng, -1.4, 0.3),
        teeth=tuple(real(rng, 0.12, 0.16) for _ in range(3)),
    )
    return bite if taken else None


def _draw_icing(rng: Rng, body: CookieBody) -> Icing:
    material = creams(rng, 1, 0.25)[0]
    swell = details(rng, _swell)
    mix = tuple(paints(rng, 4, "sugar", 0.3))
    cover = _cover(body, swell)
    return Icing(material, swell, draw_sprinkles(rng, mix, cover, body.upper, (25, 49), size=0.022))


def _draw_chips(rng: Rng, body: CookieBody, mix: tuple[Material, ...]) -> Chips:
    biscuit = body.whole()
    most = int(rng.integers(8, 17))
    spots = details(rng, lambda rng: _spots(rng, biscuit, body, most))
    return Chips(
        mix,
        spots,
        most,
        chips=tuple(
            _draw_chip(rng, rough=len(mix) == 1) for _ in _spots(spots.rng, biscuit, body, most)
        ),
        crumb=plain("crumb", shade(rng, (0.4, 0.18, 0.05)), 0.8),
        crumbs=details(rng, lambda rng: _crumbs(rng, biscuit, body)),
    )


def _draw_chip(rng: Rng, rough: bool) -> Chip:
    return Chip(
        size=real(rng, 0.04, 0.062),
        wide=real(rng, 0.85, 1.2),
        square=real(rng, 2, 2.8),
        bumps=draw_bumps(rng) if rough else None,
    )


def _draw_sandwich(rng: Rng) -> Sandwich:
    colour = CHOCOLATE if chance(rng, 0.6) else DOUGH
    return Sandwich(
        brown=plain("biscuit", shade(rng, colour, 0.3), 0.7),
        cream=creams(rng, 1)[0],
        tall=real(rng, 0.07, 0.1),
        gap=real(rng, 0.07, 0.11),
        teeth=whole(rng, 28, 43),
        petals=whole(rng, 5, 12),
    )


def make(cookie: Cookie) -> Shape:
    """The cookie of these parameters."""
    toy = ShapeBuilder()
    if isinstance(cookie.form, Sandwich):
        _add_sandwich(toy, cookie.form)
    else:
        _add_biscuit(toy, cookie.form.body, cookie.form.topping)
    return toy.finish(cookie.size)


def _add_biscuit(toy: ShapeBuilder, body: CookieBody, topping: Icing | Chips) -> None:
    biscuit = body.whole()
    toy.add("cookie", body.left(biscuit), body.dough)
    if isinstance(topping, Icing):
        _add_icing(toy, topping, body)
    else:
        _add_chips(toy, topping, biscuit, body)


def _edge(rng: Rng) -> Callable[[Floats], Floats]:
    return waves(rng, 5, 0.05, 2, 9)


def _swell(rng: Rng) -> Callable[[Floats], Floats]:
    return waves(rng, 4, 0.06, 3, 9)


def _cover(body: CookieBody, swelling: Details) -> Mesh:
    """The icing."""
    wave, swell = _edge(body.edge.rng), _swell(swelling.rng)
    height = body.height
    cover = sheet(
        lambda angle: R * 0.8 * (1 + wave(angle) + swell(angle)),
        lambda share, angle: height * (0.985 - 0.2 * share**3),
        0.045,
    )
    return body.left(cover, 0.006)


def _add_icing(toy: ShapeBuilder, icing: Icing, body: CookieBody) -> None:
    """Icing with sprinkles and a sugar button."""
    cover = _cover(body, icing.swell)
    toy.add("icing", cover, icing.material)
    add_sprinkles(toy, icing.sprinkles, cover, body.upper)
    button = blob((0.07, 0.07, 0.04), (0, 0, body.height + 0.02))
    toy.add("button", button, icing.sprinkles.mix[0])


def _add_chips(toy: ShapeBuilder, chips: Chips, biscuit: Mesh, body: CookieBody) -> None:
    """Chips where there is room for them, and crumbs."""
    spots = _spots(chips.spots.rng, biscuit, body, chips.most)
    for i, ((point, normal), chip) in enumerate(zip(spots, chips.chips, strict=False)):
        piece = aim(_chip(chip), point + normal * chip.size * 0.1, normal)
        toy.add(f"chip {i + 1}", piece, chips.mix[i % len(chips.mix)])
    for crumb in _crumbs(chips.crumbs.rng, biscuit, body):
        toy.add("crumbs", crumb, chips.crumb)


def _spots(rng: Rng, biscuit: Mesh, body: CookieBody, most: int) -> list[Spot]:
    return scatter(rng, biscuit, most, 0.11, body.upper)


def _chip(chip: Chip) -> Mesh:
    size = chip.size
    smooth = blob((size * chip.wide, size, size * 0.7), square=chip.square)
    return smooth if chip.bumps is None else bumpy(chip.bumps.rng, smooth, size * 0.2, 30)


def _crumbs(rng: Rng, biscuit: Mesh, body: CookieBody) -> list[Mesh]:
    crumbs = []
    for point, normal in scatter(rng, biscuit, 14, 0.06, body.upper):
        crumb = blob(rng.uniform(0.008, 0.016))
        crumbs.append(aim(crumb, point, normal))
    return crumbs


def _add_sandwich(toy: ShapeBuilder, sandwich: Sandwich) -> None:
    """Two stamped biscuits with cream between them."""
    brown, tall, gap = sandwich.brown, sandwich.tall, sandwich.gap
    disc = lathe(fillet([(0, 0), (R, 0), (R, tall), (0, tall)], 0.02), sandwich.teeth * 6)
    half = knurl(disc, sandwich.teeth, 0.012)
    toy.add("bottom biscuit", half, brown)
    toy.add("cream", rod(R * 0.93, tall - 0.01, tall + gap + 0.01, 0.025), sandwich.cream)
    toy.add("top biscuit", place(half, (0, 0, tall + gap)), brown)
    top = 2 * tall + gap
    toy.add("pattern", ring(R * 0.84, 0.014, 0.012, top), brown)
    toy.add("pattern", ring(R * 0.3, 0.014, 0.012, top), brown)
    for a in turns(sandwich.petals):
        at = (R * 0.57 * np.cos(a), R * 0.57 * np.sin(a), top)
        toy.add("pattern", place(blob((0.08, 0.03, 0.014)), at, rz=a), brown)
