"""Procedural toy food: fruit, pastry and fast food."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from shapely.geometry import Polygon

from datagen.builtin.builder import ShapeBuilder
from datagen.builtin.legacy_solids import (
    Array,
    Material,
    Mesh,
    Rng,
    Shape,
    aim,
    blob,
    bumpy,
    curve,
    cut,
    disc,
    extrude,
    fillet,
    finish,
    lathe,
    loft,
    paints,
    place,
    plain,
    ring,
    rod,
    scatter,
    shade,
    sheet,
    sprinkle,
    sweep,
    warp,
    waves,
)

DOUGH = (0.55, 0.28, 0.08)
CHOCOLATE = (0.07, 0.025, 0.012)
CREAMS = {
    "vanilla": (0.85, 0.74, 0.48),
    "strawberry": (0.8, 0.25, 0.32),
    "chocolate": (0.11, 0.04, 0.018),
    "mint": (0.35, 0.68, 0.45),
    "blueberry": (0.3, 0.2, 0.55),
    "lemon": (0.85, 0.65, 0.15),
    "whipped": (0.86, 0.83, 0.78),
    "caramel": (0.6, 0.27, 0.06),
    "pistachio": (0.4, 0.5, 0.16),
}


def _creams(rng: Rng, count: int, rough: float = 0.4) -> list[Material]:
    names = rng.permutation(list(CREAMS))[:count]
    return [plain(f"{n} cream", shade(rng, CREAMS[str(n)]), rough) for n in names]


def _dough(rng: Rng) -> Material:
    return plain("dough", shade(rng, DOUGH, 0.25), 0.65)


def _draped(rng: Rng, radius: float, top: float, drop: float, thick: float) -> Mesh:
    """Icing over a cylinder's top, running down its side in drips."""
    t = thick
    outer = fillet([(0, t), (radius + t, t), (radius + t, -1), (radius - t, -1), (radius - t, -t),
                    (0, -t)], 1.5 * t, 5)  # fmt: skip
    count = int(rng.integers(7, 13))
    at = (np.arange(count) + rng.uniform(-0.25, 0.25, count)) * 2 * np.pi / count
    size = rng.uniform(0.25, 1, count)

    def change(p: Array) -> Array:
        angle = np.arctan2(p[:, 1], p[:, 0])
        near = np.angle(np.exp(1j * (angle[:, None] - at)))
        depth = drop * (0.25 + (0.75 * size * np.exp(-((near * count / 2.1) ** 2))).sum(axis=1))
        low = np.minimum(p[:, 2], 0)
        return np.column_stack([p[:, :2], np.maximum(p[:, 2], 0) + low * depth + top])

    return warp(lathe(outer, 120), change)


def _swirl(rng: Rng, radius: float, low: float, height: float, turns: float) -> Mesh:
    """Piped cream: a rope wound up into a point."""
    t = np.linspace(0, 1, int(30 * turns))
    angle = 2 * np.pi * turns * t * rng.choice([-1, 1]) + rng.uniform(0, 6)
    thick = radius * (0.36 - 0.25 * t)
    reach = (radius - thick) * (1 - t) ** 0.85
    path = np.column_stack([reach * np.cos(angle), reach * np.sin(angle), low + height * t])
    return sweep(path, thick, 16)


def _cherry(b: ShapeBuilder, rng: Rng, at: Array, size: float, name: str = "cherry") -> None:
    red = plain("cherry", (0.5, 0.008, 0.02), 0.15)
    b.add(name, blob((size, size, size * 0.94), at), red)
    tip = np.array([rng.uniform(-1, 1), rng.uniform(-1, 1), 2.6]) * size
    line = curve([at + [0, 0, size * 0.8], at + tip * (0.2, 0.2, 0.7), at + tip], 10)
    b.add(f"{name} stem", sweep(line, size * 0.09, 10), plain("stem", (0.12, 0.14, 0.03)))


def _banana(rng: Rng) -> Shape:
    b = ShapeBuilder()
    ripe = rng.uniform()
    skin = plain("peel", shade(rng, (0.8 - 0.15 * (1 - ripe), 0.52, 0.03), 0.08), 0.45)
    dark = plain("dark peel", shade(rng, (0.09, 0.05, 0.02)), 0.7)
    stalk = plain("stem", shade(rng, (0.5 - 0.2 * (1 - ripe), 0.42, 0.05)), 0.55)
    bend, thick = rng.uniform(0.55, 0.95), rng.uniform(0.13, 0.17)
    t = np.linspace(-1, 1, 60)
    radius = 1 / bend * 0.62
    angle = t * bend

    def at(a: Array) -> Array:
        return np.column_stack([radius * np.sin(a), 0 * a, radius * (1 - np.cos(a))])

    width = thick * (1 - np.abs(t) ** rng.uniform(2.6, 4) * 0.68)
    turn = np.arange(40) * 2 * np.pi / 40
    ridge = (1 + rng.uniform(0.03, 0.06) * np.cos(5 * turn))[:, None]
    section = ridge * np.column_stack([np.cos(turn), np.sin(turn)])
    tilt = rng.uniform(0.95, 1.3)

    def lay(mesh: Mesh) -> Mesh:
        return place(mesh, rx=tilt)

    body = sweep(at(angle), width, outline=section)
    b.add("body", lay(body), skin)
    more = np.linspace(0.97, 1.0 + rng.uniform(0.2, 0.35), 14) * bend
    neck = thick * np.interp(np.arange(14), [0, 4, 11, 13], [0.36, 0.24, 0.2, 0.26])
    b.add("stem", lay(sweep(at(more), neck, 10, True)), stalk)
    end = at(more[-2:])
    b.add("stem", lay(sweep([end[1] - (end[1] - end[0]) * 0.3, end[1] + (end[1] - end[0]) * 0.4],
                            thick * 0.25, 16)), dark)  # fmt: skip
    tip = at(-bend * np.linspace(1.0, 1.12, 6))
    b.add("tip", lay(sweep(tip, thick * np.linspace(0.3, 0.15, 6), 16)), dark)
    for point, normal in scatter(
        rng, body, int(rng.integers(3, 26)), 0.06, lambda p, n: abs(p[0]) < 0.5
    ):
        size = thick * rng.uniform(0.04, 0.14)
        spot = blob((size * rng.uniform(1, 2), size, 0.006), detail=2)
        b.add("spots", lay(aim(spot, point, normal)), dark)
    return finish(rng, b)


def _cake(rng: Rng) -> Shape:
    b = ShapeBuilder()
    icing, filling = _creams(rng, 2)
    trim, plate, *candle = paints(rng, 4, rough=0.3)
    sponge = plain(
        "sponge", shade(rng, (0.62, 0.4, 0.14) if rng.uniform() < 0.6 else CHOCOLATE), 0.8
    )
    tiers = int(rng.choice([1, 1, 2, 3]))
    radius, z = 0.5, 0.045
    rim = radius * rng.uniform(1.2, 1.35)
    b.add("plate", lathe(fillet([(0, 0), (rim * 0.6, 0), (rim, 0.035), (rim, 0.055),
                                 (rim * 0.62, 0.05), (0, 0.05)], 0.015)), plate)  # fmt: skip
    sliced = tiers == 1 and rng.uniform() < 0.55
    start, width = rng.uniform(-1.5, 0.1), rng.uniform(0.5, 0.85)
    fan = start + np.linspace(0, width, 5)
    wedge = extrude(Polygon([(0, 0), *np.column_stack([2 * np.cos(fan), 2 * np.sin(fan)])]), -1, 3)

    def keep(mesh: Mesh) -> Mesh:
        return cut(mesh, wedge) if sliced else mesh

    def outside(angle: float) -> bool:
        return not sliced or (angle - start + 0.08) % (2 * np.pi) > width + 0.16

    naked = rng.uniform() < 0.3
    for tier in range(tiers):
        height = rng.uniform(0.32, 0.44) * (1.1 if tiers == 1 else 0.8)
        name = f"tier {tier + 1}"
        layers = int(rng.integers(2, 4))
        step = height / layers
        if sliced or naked:
            for i in range(layers):
                low = z + i * step
                if i:
                    b.add(name, keep(rod(radius * 0.99, low - 0.03, low + 0.03, 0.025)), filling)
                b.add(name, keep(rod(radius * 0.97, low, low + step, 0.02)), sponge)
        if not naked:
            base = 0.88 * radius if sliced else 0
            shell = [(radius, z), (radius, z + height), (0, z + height)]
            inside = [(0, z + height - 0.04), (base, z + height - 0.04), (base, z)]
            full = [(0, z), *shell] if not sliced else [*shell[::-1], (base, z), *inside[1::-1]]
            b.add(name, keep(lathe(fillet(full, 0.035), 72)), filling)
        b.add(f"{name} icing", keep(_draped(rng, radius, z + height, height * 0.8, 0.014)), icing)
        count = int(rng.integers(14, 24))
        size = np.pi * radius / count * 0.98
        for a in np.arange(count) * 2 * np.pi / count:
            if outside(a):
                at = (radius * np.cos(a), radius * np.sin(a), z + size * 0.5)
                b.add(f"{name} border", blob((size, size, size * 0.85), at, detail=2), trim)
        z += height
        if tier < tiers - 1:
            radius *= rng.uniform(0.6, 0.72)
    top = rng.integers(3) if tiers == 1 else rng.integers(2)
    count = int(rng.integers(3, 8))
    reach = radius * rng.uniform(0.55, 0.75) if count > 1 else 0
    for i in range(count):
        a = start + width + 0.4 + i * (2 * np.pi - (width + 0.8 if sliced else 0)) / count
        x, y = reach * np.cos(a), reach * np.sin(a)
        if top == 0:
            b.add(
                f"berry {i + 1}",
                blob(0.07, (x, y, z + 0.05)),
                plain("berry", (0.5, 0.01, 0.02), 0.2),
            )
            continue
        tall = 0.26
        b.add(f"candle {i + 1}", place(rod(0.022, -0.02, tall, 0.006, 24), (x, y, z)), candle[0])
        turn = np.linspace(0, 6 * np.pi, 60)
        stripe = np.column_stack([x + 0.022 * np.cos(turn), y + 0.022 * np.sin(turn),
                                  z + 0.02 + (tall - 0.04) * turn / turn[-1]])  # fmt: skip
        b.add(f"candle {i + 1}", sweep(stripe, 0.007, 8), candle[1])
        drop = fillet([(0, 0), (0.026, 0.025), (0.014, 0.07), (0, 0.1)], 0.03)
        flame = plain("flame", (0.9, 0.45, 0.03), 0.3)
        b.add(f"candle {i + 1}", place(lathe(drop, 20), (x, y, z + tall - 0.005)), flame)
    if top == 2 and not sliced:
        _cherry(b, rng, np.array([0, 0, z + 0.06]), 0.06)
    return finish(rng, b)


def _cupcake(rng: Rng) -> Shape:
    b = ShapeBuilder()
    cream = _creams(rng, 1, 0.35)[0]
    paper, *mix = paints(rng, 4, "sugar", 0.4)
    paper = Material("paper", paper.base_color, 0.0, 0.7)
    low, high, tall = rng.uniform(0.26, 0.31), rng.uniform(0.38, 0.45), rng.uniform(0.38, 0.48)
    pleats, deep = int(rng.integers(18, 30)), rng.uniform(0.025, 0.04)
    rows = [
        (0, 0),
        (low, 0),
        *curve([(low, 0), (high, tall)], 6)[1:],
        (high - 0.03, tall),
        (0, tall - 0.1),
    ]

    def pleat(p: Array) -> Array:
        wave = 1 + deep * np.sign(np.cos(pleats * np.arctan2(p[:, 1], p[:, 0]))) * (
            np.abs(np.cos(pleats * np.arctan2(p[:, 1], p[:, 0]))) ** 0.6
        )
        return p * np.column_stack([wave, wave, np.ones(len(p))])

    b.add("wrapper", warp(lathe(rows, pleats * 8), pleat), paper)
    b.add("muffin", bumpy(rng, blob((high * 1.04, high * 1.04, 0.17), (0, 0, tall)), 0.02, 9),
          _dough(rng))  # fmt: skip
    height, wide = rng.uniform(0.32, 0.5), high * rng.uniform(0.85, 1.02)
    base = tall + 0.17
    swirl = _swirl(rng, wide, base, height, rng.uniform(2.6, 3.8))
    b.add("frosting", swirl, cream)
    core = fillet([(0, base - 0.1), (wide * 0.75, base - 0.08), (0, base + height * 0.95)], 0.05)
    b.add("frosting", lathe(core), cream)
    top = rng.integers(3)
    if top != 1:
        spots = scatter(rng, swirl, int(rng.integers(18, 50)), 0.05,
                        lambda p, n: n[2] > 0.2 and np.hypot(p[0], p[1]) > 0.1)  # fmt: skip
        sprinkle(b, "sprinkles", rng, spots, 0.02, mix)
    if top != 0:
        size = rng.uniform(0.075, 0.1)
        _cherry(b, rng, np.array([0, 0, base + height + size * 0.7]), size)
    return finish(rng, b)


def _donut(rng: Rng) -> Shape:
    b = ShapeBuilder()
    icing = _creams(rng, 1, 0.2)[0]
    big, small, squash = 0.34, rng.uniform(0.16, 0.21), rng.uniform(0.75, 0.95)
    a = np.arange(96) * 2 * np.pi / 96
    v = np.arange(32) * np.pi / 16

    def tube(radius: Array, at: Array, angle: Array) -> Array:
        out = big + radius * np.cos(at)
        return np.column_stack(
            [out * np.cos(angle), out * np.sin(angle), radius * np.sin(at) * squash]
        )

    dough = loft(np.array([tube(np.full(32, small), v, np.full(32, x)) for x in a]), True)
    b.add("dough", bumpy(rng, dough, small * 0.08, 5), _dough(rng))
    band = lathe([(big + small * 1.005, -0.025), (big + small * 1.02, 0.0), (big + small * 1.005, 0.025),
                  (big + small * 0.9, 0.02), (big + small * 0.9, -0.02)], 96)  # fmt: skip
    b.add("pale band", band, plain("pale dough", (0.75, 0.52, 0.24), 0.7))
    outer, inner = waves(rng, 4, 0.35, 3, 11), waves(rng, 4, 0.3, 2, 8)
    level, thick = rng.uniform(0.3, 0.5), small * rng.uniform(0.07, 0.13)
    rings = []
    for x in a:
        low, high = level + outer(x) * 0.8, np.pi - level - inner(x) * 0.8
        s = np.linspace(0, 1, 24)
        over = low + (high - low) * s
        skin = small + thick * np.sin(np.pi * s) ** 0.35
        under = low + (high - low) * s[-2:0:-1]
        at = np.concatenate([over, under])
        rings.append(tube(np.concatenate([skin, np.full(22, small * 0.9)]), at, np.full(46, x)))
    glaze = loft(np.array(rings), True)
    b.add("icing", glaze, icing)
    mix = paints(rng, int(rng.integers(2, 5)), "sugar", 0.3)
    if rng.uniform() < 0.7:
        spots = scatter(rng, glaze, int(rng.integers(30, 70)), 0.05, lambda p, n: n[2] > 0.45)
        sprinkle(b, "sprinkles", rng, spots, rng.uniform(0.018, 0.026), mix)
    else:
        turns = int(rng.integers(9, 16))
        t = np.arange(turns * 16) * 2 * np.pi / (turns * 16)
        wave = np.pi / 2 + rng.uniform(0.5, 0.7) * np.sin(turns * t)
        line = tube(np.full(len(t), small + thick * 0.95), wave, t)
        b.add("drizzle", sweep(line, small * rng.uniform(0.06, 0.1), 10, closed=True), mix[0])
    return finish(rng, b)


def _hamburger(rng: Rng) -> Shape:
    b = ShapeBuilder()
    bun = plain("bun", shade(rng, (0.6, 0.28, 0.07), 0.2), 0.45)
    meat = plain("patty", shade(rng, (0.1, 0.04, 0.02), 0.2), 0.75)
    cheese = plain("cheese", shade(rng, (0.85, 0.42, 0.03)), 0.35)
    lettuce = plain("lettuce", shade(rng, (0.2, 0.48, 0.05), 0.2), 0.5)
    tomato = plain("tomato", shade(rng, (0.62, 0.035, 0.02)), 0.3)
    seeds = plain("sesame", (0.82, 0.66, 0.4), 0.5)
    r, z = 0.45, rng.uniform(0.13, 0.18)
    b.add(
        "bottom bun",
        lathe(fillet([(0, 0), (r * 0.9, 0), (r, z * 0.6), (r * 0.97, z), (0, z)], 0.06)),
        bun,
    )
    double = rng.uniform() < 0.35
    kinds = ["lettuce", "patty", "cheese", *(["patty", "cheese"] if double else []), "tomato"]
    if rng.uniform() < 0.4:
        kinds = [*kinds[1:], "lettuce"]
    for i, kind in enumerate(kinds):
        name = kind if kind not in kinds[:i] else f"second {kind}"
        if kind == "patty":
            tall = rng.uniform(0.09, 0.14)
            disc_ = rod(r * rng.uniform(1.0, 1.07), z - 0.01, z + tall, tall * 0.42, 72)
            b.add(name, bumpy(rng, disc_, 0.03, 22), meat)
        elif kind == "cheese":
            tall, turn = 0.035, rng.uniform(0, 1.5)
            side = r * rng.uniform(0.95, 1.02)
            b.add(name, place(sheet(
                lambda a, side=side: side / (np.abs(np.cos(a)) ** 9 + np.abs(np.sin(a)) ** 9) ** (1 / 9),
                lambda s, a, side=side: -0.9 * np.maximum(
                    s * side / (np.abs(np.cos(a)) ** 9 + np.abs(np.sin(a)) ** 9) ** (1 / 9) - r, 0),
                0.035), (0, 0, z + 0.015), rz=turn), cheese)  # fmt: skip
        elif kind == "lettuce":
            tall, count = 0.04, int(rng.integers(9, 15))
            ripple = waves(rng, 3, 0.04, 3, 8)
            size, amp = r * rng.uniform(1.08, 1.18), rng.uniform(0.035, 0.055)
            b.add(name, place(sheet(
                lambda a, size=size, ripple=ripple: size * (1 + ripple(a)),
                lambda s, a, count=count, amp=amp: s**5 * amp * np.sin(count * a + 2 * np.sin(a)) - 0.02 * s**4,
                0.03, 144, 10), (0, 0, z + 0.02)), lettuce)  # fmt: skip
        else:
            tall = 0.05
            for k in range(3):
                a = k * 2.1 + rng.uniform(0, 0.5)
                at = (0.21 * np.cos(a), 0.21 * np.sin(a), z - 0.008 + 0.006 * k)
                b.add(f"tomato {k + 1}", place(rod(r * 0.55, 0, tall, 0.015), at), tomato)
        z += tall
    high = rng.uniform(0.25, 0.34)
    rows = curve(
        [(r * 0.97, z), (r * 1.05, z + high * 0.3), (r * 0.72, z + high * 0.85), (0, z + high)], 20
    )
    rows[-1, 0] = 0
    top = lathe([(0, z), *rows])
    b.add("top bun", top, bun)
    for point, normal in scatter(
        rng, top, int(rng.integers(20, 45)), 0.06, lambda p, n: n[2] > 0.5
    ):
        seed = place(blob((0.024, 0.014, 0.009), detail=1), rz=rng.uniform(0, 3))
        b.add("seeds", aim(seed, point, normal), seeds)
    return finish(rng, b)


def _ice_cream(rng: Rng) -> Shape:
    b = ShapeBuilder()
    waffle = plain("waffle", shade(rng, (0.62, 0.31, 0.09)), 0.65)
    toast = plain("toasted waffle", shade(rng, (0.42, 0.18, 0.05)), 0.7)
    creams = _creams(rng, 3)
    wide, tall = rng.uniform(0.25, 0.3), rng.uniform(0.6, 0.85)
    cup = rng.uniform() < 0.3
    tip = wide * (0.6 if cup else 0.16)
    if cup:
        tall *= 0.7
        rows = [(tip, 0), (tip * 1.15, tall * 0.6), (wide, tall * 0.68), (wide * 1.05, tall)]
        b.add(
            "cone",
            lathe(fillet([(0, 0), *rows, (wide * 0.9, tall), (0, tall * 0.8)], 0.02)),
            waffle,
        )
        for a in np.arange(16) * np.pi / 8:
            c, s = np.cos(a), np.sin(a)
            line = [(tip * c, tip * s, 0.02), (tip * 1.15 * c, tip * 1.15 * s, tall * 0.6)]
            b.add("cone", sweep(line, 0.014, 10), toast)
        b.add("rim", ring(wide * 1.04, 0.02, 0.03, tall - 0.02), toast)
    else:
        b.add(
            "cone",
            lathe(
                fillet([(0, 0), (tip, 0), (wide, tall), (wide * 0.9, tall), (0, tall * 0.9)], 0.02)
            ),
            waffle,
        )
        count, spin = int(rng.integers(7, 11)), rng.uniform(1.2, 2.0)
        t = np.linspace(0.01, 0.93, 20)
        for i in range(count):
            for way in (-1, 1):
                a = way * (spin * t + 2 * np.pi * i / count)
                r = tip + (wide - tip) * t
                line = np.column_stack([r * np.cos(a), r * np.sin(a), tall * t])
                b.add("cone", sweep(line, 0.011, 8), toast)
        b.add("rim", ring(wide * 0.99, 0.022, 0.035, tall - 0.02), toast)
    top = tall
    if rng.uniform() < 0.35:
        height = rng.uniform(0.45, 0.6)
        last = _swirl(rng, wide * 1.2, tall + 0.05, height, rng.uniform(3, 4))
        b.add("soft ice", last, creams[0])
        rows = fillet(
            [(0, tall - 0.06), (wide * 0.85, tall - 0.02), (0, tall + height * 0.9)], 0.05
        )
        b.add("soft ice", lathe(rows), creams[0])
        top = tall + 0.05 + height
    else:
        count, size, z = int(rng.integers(1, 4)), wide * rng.uniform(1.15, 1.3), tall
        for i in range(count):
            name = f"scoop {i + 1}"
            centre = np.array([*rng.uniform(-0.02, 0.02, 2), z + size * 0.55])
            last = bumpy(rng, blob(size, centre, detail=4), size * 0.06, 14)
            b.add(name, last, creams[i])
            wave, lobe = waves(rng, 4, 0.25, 4, 12), waves(rng, 4, 0.12, 4, 12)
            skirt = warp(
                ring(size * 0.9, size * 0.17, size * 0.14, 0, 96),
                lambda p, w=wave, m=lobe: p * np.column_stack([
                    1 + m(np.arctan2(p[:, 1], p[:, 0])) * 0.6, 1 + m(np.arctan2(p[:, 1], p[:, 0])) * 0.6,
                    1 + 2 * w(np.arctan2(p[:, 1], p[:, 0]))]))  # fmt: skip
            b.add(name, place(skirt, centre - [0, 0, size * 0.4]), creams[i])
            top = centre[2] + size
            z = centre[2] + size * 0.72
            size *= rng.uniform(0.86, 0.95)
    if rng.uniform() < 0.5:
        mix = paints(rng, 3, "sugar", 0.3)
        spots = scatter(rng, last, int(rng.integers(15, 35)), 0.04, lambda p, n: n[2] > 0.35)
        sprinkle(b, "sprinkles", rng, spots, 0.02, mix)
    if rng.uniform() < 0.6:
        _cherry(b, rng, np.array([0, 0, top + 0.045]), 0.065)
    if rng.uniform() < 0.5:
        lean = rng.uniform(0.25, 0.5)
        stick = place(rod(0.04, -0.22, 0.3, 0.012, 24), (0.12, 0.05, top - 0.1), ry=lean)
        b.add("wafer", stick, toast)
    return finish(rng, b)


def _apple(rng: Rng) -> Shape:
    b = ShapeBuilder()
    base = [(0.5, 0.015, 0.02), (0.3, 0.48, 0.05), (0.72, 0.45, 0.05), (0.35, 0.01, 0.03)][
        rng.integers(4)
    ]
    skin = plain("skin", shade(rng, base), rng.uniform(0.15, 0.35))
    bark = plain("stem", shade(rng, (0.12, 0.055, 0.02)), 0.7)
    green = plain("leaf", shade(rng, (0.06, 0.3, 0.04), 0.25), 0.45)
    flesh = plain("flesh", (0.83, 0.74, 0.46), 0.5)
    tall, foot = rng.uniform(0.75, 0.98), rng.uniform(0.2, 0.27)
    rows = curve([(0, 0.09), (0.08, 0.035), (foot, 0), (0.42, 0.25 * tall), (0.5, 0.62 * tall),
                  (0.36, 0.93 * tall), (0.18, tall), (0.06, 0.92 * tall), (0, 0.84 * tall)], 44)  # fmt: skip
    rows[[0, -1], 0] = 0
    rows[1:-1, 0] = np.maximum(rows[1:-1, 0], 0.004)
    lobes, lean, phase = rng.uniform(0.05, 0.11), rng.uniform(-0.06, 0.06), rng.uniform(0, 6)

    def shape(p: Array) -> Array:
        a = np.arctan2(p[:, 1], p[:, 0])
        share = np.clip(1 - p[:, 2] / tall, 0, 1)
        z = (
            p[:, 2]
            + lobes * share**2 * (1 - np.cos(5 * a + phase)) * 0.35 * np.hypot(p[:, 0], p[:, 1]) * 2
        )
        return np.column_stack([p[:, 0] + lean * p[:, 2], p[:, 1], z])

    whole = warp(lathe(rows, 80), shape)
    inner = warp(whole, lambda p: (p - [0, 0, tall / 2]) * 0.965 + [0, 0, tall / 2])
    if rng.uniform() < 0.4:
        side = rng.uniform(-1.4, 0.4)
        bites = []
        for k in range(3):
            a = side + (k - 1) * 0.42
            at = (0.62 * np.cos(a), 0.62 * np.sin(a), tall * (0.55 + rng.uniform(-0.06, 0.06)))
            bites.append((at, rng.uniform(0.2, 0.25)))
        b.add("skin", cut(whole, *[blob(r, at) for at, r in bites]), skin)
        b.add("flesh", cut(inner, *[blob(r * 0.97 + 0.0, at) for at, r in bites]), flesh)
    else:
        b.add("skin", whole, skin)
        freckle = plain("freckle", shade(rng, (0.75, 0.55, 0.2)), 0.4)
        for point, normal in scatter(rng, whole, int(rng.integers(20, 50)), 0.07,
                                     lambda p, n: p[2] > 0.4 * tall and np.hypot(p[0], p[1]) > 0.25):  # fmt: skip
            size = rng.uniform(0.006, 0.011)
            b.add("freckles", aim(blob((size, size, 0.003), detail=1), point, normal), freckle)
    dip = np.array([lean * tall * 0.85, 0, 0.82 * tall])
    end = dip + [rng.uniform(-0.12, 0.12), rng.uniform(-0.12, 0.12), rng.uniform(0.28, 0.4)]
    stem = curve([dip, dip * 0.6 + end * 0.4 + [0.03, 0, 0.0], end], 14)
    b.add("stem", sweep(stem, np.linspace(0.022, 0.034, 14), 16), bark)
    for i in range(int(rng.integers(1, 3))):
        long, slim = rng.uniform(0.2, 0.3), rng.uniform(0.35, 0.5)
        turn, arch = rng.uniform(0, 1.5) + i * 2.6, rng.uniform(0.3, 0.8)
        blade = sheet(lambda a: 1 + 0 * a, lambda s, a: 0 * s, 0.06, 40, 6)

        def leaf(p: Array, long: float = long, slim: float = slim, arch: float = arch) -> Array:
            x = (p[:, 0] + 1) * long
            narrow = slim * (1 - 0.35 * p[:, 0]) * (1 - 0.3 * np.abs(p[:, 0]) ** 3)
            y = p[:, 1] * long * narrow
            return np.column_stack(
                [x, y, p[:, 2] * 0.35 + arch * x * (1 - x / (1.6 * long)) + np.abs(y) * 0.4]
            )

        b.add(f"leaf {i + 1}" if i else "leaf", place(warp(blade, leaf), stem[7], rz=turn), green)
    for k in range(5):
        a = k * 2 * np.pi / 5
        at = (0.03 * np.cos(a), 0.03 * np.sin(a), 0.085)
        b.add("calyx", place(blob((0.045, 0.014, 0.03), detail=2), at, rz=a), bark)
    return finish(rng, b)


def _cookie(rng: Rng) -> Shape:
    b = ShapeBuilder()
    dark = plain("chocolate", shade(rng, CHOCOLATE, 0.25), 0.3)
    kind = rng.integers(4)
    r = 0.45
    if kind == 3:
        biscuit = plain(
            "biscuit", shade(rng, CHOCOLATE if rng.uniform() < 0.6 else DOUGH, 0.3), 0.7
        )
        cream = _creams(rng, 1)[0]
        tall, gap, teeth = (
            rng.uniform(0.07, 0.1),
            rng.uniform(0.07, 0.11),
            int(rng.integers(28, 44)),
        )
        half = extrude(disc(r), 0, tall, 0.02)
        half = warp(lathe(fillet([(0, 0), (r, 0), (r, tall), (0, tall)], 0.02), teeth * 6), lambda p: p * np.column_stack([
            *[1 + 0.012 * np.cos(teeth * np.arctan2(p[:, 1], p[:, 0]))] * 2, np.ones(len(p))]))  # fmt: skip
        b.add("bottom biscuit", half, biscuit)
        b.add("cream", rod(r * 0.93, tall - 0.01, tall + gap + 0.01, 0.025), cream)
        b.add("top biscuit", place(half, (0, 0, tall + gap)), biscuit)
        top = 2 * tall + gap
        b.add("pattern", ring(r * 0.84, 0.014, 0.012, top), biscuit)
        b.add("pattern", ring(r * 0.3, 0.014, 0.012, top), biscuit)
        count = int(rng.integers(5, 13))
        for a in np.arange(count) * 2 * np.pi / count:
            at = (r * 0.57 * np.cos(a), r * 0.57 * np.sin(a), top)
            b.add("pattern", place(blob((0.08, 0.03, 0.014), detail=2), at, rz=a), biscuit)
        return finish(rng, b)
    wave, height = waves(rng, 5, 0.05, 2, 9), rng.uniform(0.13, 0.2)
    rows = curve([(0, height), (r * 0.55, height * 0.95), (r * 0.95, height * 0.55), (r, height * 0.25),
                  (r * 0.92, 0.0)], 20)  # fmt: skip

    def round_off(p: Array) -> Array:
        size = 1 + wave(np.arctan2(p[:, 1], p[:, 0]))
        return p * np.column_stack([size, size, np.ones(len(p))])

    dough = bumpy(rng, warp(lathe([*rows, (0, 0)], 96), round_off), 0.022, 16)
    bitten = rng.uniform() < 0.45
    side = rng.uniform(-1.4, 0.3)
    bites = [
        rod(rng.uniform(0.12, 0.16), -1, 1).apply_translation(
            [0.46 * np.cos(side + k * 0.45), 0.46 * np.sin(side + k * 0.45), 0]
        )
        for k in (-1, 0, 1)
    ]
    b.add("cookie", cut(dough, *bites) if bitten else dough, _dough(rng))

    def free(p: Array, n: Array) -> bool:
        hole = 0.46 * np.array([np.cos(side), np.sin(side)])
        return bool(n[2] > 0.4 and (not bitten or np.hypot(*(p[:2] - hole)) > 0.42))

    if kind == 1:
        cap = _creams(rng, 1, 0.25)[0]
        swell = waves(rng, 4, 0.06, 3, 9)
        icing = sheet(lambda a: r * 0.8 * (1 + wave(a) + swell(a)),
                      lambda s, a: height * (0.985 - 0.2 * s**3), 0.045)  # fmt: skip
        icing = cut(icing, *bites) if bitten else icing
        b.add("icing", icing, cap)
        mix = paints(rng, 4, "sugar", 0.3)
        spots = scatter(rng, icing, int(rng.integers(25, 50)), 0.05, free)
        sprinkle(b, "sprinkles", rng, spots, 0.022, mix)
        b.add("button", blob((0.07, 0.07, 0.04), (0, 0, height + 0.02)), mix[0])
        return finish(rng, b)
    mix = [dark] if kind == 0 else [dark, *paints(rng, 4, "candy", 0.2)]
    for i, (point, normal) in enumerate(scatter(rng, dough, int(rng.integers(8, 17)), 0.11, free)):
        size = rng.uniform(0.04, 0.062)
        chip = blob(
            (size * rng.uniform(0.85, 1.2), size, size * 0.7), square=rng.uniform(2, 2.8), detail=2
        )
        if len(mix) == 1:
            chip = bumpy(rng, chip, size * 0.2, 30)
        b.add(f"chip {i + 1}", aim(chip, point + normal * size * 0.1, normal), mix[i % len(mix)])
    crumbs = plain("crumb", shade(rng, (0.4, 0.18, 0.05)), 0.8)
    for point, normal in scatter(rng, dough, 14, 0.06, free):
        b.add("crumbs", aim(blob(rng.uniform(0.008, 0.016), detail=1), point, normal), crumbs)
    return finish(rng, b)


FOOD: dict[str, Callable[[Rng], Shape]] = {
    "banana": _banana,
    "cake": _cake,
    "cupcake": _cupcake,
    "donut": _donut,
    "hamburger": _hamburger,
    "ice_cream": _ice_cream,
    "apple": _apple,
    "cookie": _cookie,
}
