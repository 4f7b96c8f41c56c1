"""Procedural toy tableware: mugs, plates, cups, glasses, bottles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from shapely.geometry import Polygon

from datagen.builtin.builder import ShapeBuilder
from datagen.builtin.legacy_solids import (
    Array,
    Colour,
    Material,
    Mesh,
    Rng,
    Shape,
    blob,
    common,
    curve,
    extrude,
    fillet,
    finish,
    lathe,
    metal,
    outline,
    paints,
    place,
    plain,
    ring,
    rod,
    shade,
    slab,
    sweep,
    warp,
    waves,
)


def _radius_at(rows: Array, z: Array) -> Array:
    return np.interp(z, rows[:, 1], rows[:, 0])


def _vessel(rows: Array, thick: float, floor: float) -> Mesh:
    """An open pot: outer (radius, z) rows from the foot to the lip, a wall, a floor."""
    inner = rows[rows[:, 1] > floor + 0.02]
    inside = np.column_stack([np.maximum(inner[:, 0] - thick, 0.02), inner[:, 1]])[::-1]
    lip = [(rows[-1, 0] - thick * 0.15, rows[-1, 1] + thick * 0.4),
           (rows[-1, 0] - thick * 0.85, rows[-1, 1] + thick * 0.4)]  # fmt: skip
    low = [(max(inside[-1, 0] - 0.03, 0.01), floor), (0, floor)]
    return lathe(np.concatenate([[(0, rows[0, 1])], rows, lip, inside, low]), 64)


def _band(rows: Array, low: float, high: float, out: float, deep: float) -> Mesh:
    """A painted zone around a pot between two heights."""
    z = np.linspace(low, high, 12)
    r = _radius_at(rows, z)
    outside = np.column_stack([r + out, z])
    outside[[0, -1], 0] -= out * 0.6
    return lathe(np.concatenate([outside, np.column_stack([r - deep, z])[::-1]]), 64)


def _emblem(rng: Rng, size: float) -> Polygon:
    kind = rng.integers(4)
    a = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    if kind == 0:
        x = 0.062 * 16 * np.sin(a) ** 3
        y = 0.062 * (13 * np.cos(a) - 5 * np.cos(2 * a) - 2 * np.cos(3 * a) - np.cos(4 * a))
        return Polygon(np.column_stack([x, y]) * size)
    if kind == 1:
        count = int(rng.integers(5, 8))
        turn = np.arange(2 * count) * np.pi / count + np.pi / 2
        reach = np.where(np.arange(2 * count) % 2 == 0, 1.0, rng.uniform(0.42, 0.6)) * size
        points = np.column_stack([reach * np.cos(turn), reach * np.sin(turn)])
        return outline(points, size * 0.12)
    if kind == 2:
        reach = size * (0.78 + 0.22 * np.cos(int(rng.integers(5, 8)) * a))
        return Polygon(np.column_stack([reach * np.cos(a), reach * np.sin(a)]))
    return Polygon(np.column_stack([np.cos(a), np.sin(a)]) * size * 0.9)


def _decorate(
    b: ShapeBuilder,
    rng: Rng,
    rows: Array,
    low: float,
    high: float,
    deep: float,
    paint: list[Material],
) -> None:
    """Bands, emblems or dots between two heights of a pot."""
    tall = high - low
    kind = rng.integers(4)
    if kind == 0:
        for i in range(int(rng.integers(1, 4))):
            middle = low + tall * rng.uniform(0.15, 0.25) + i * tall * 0.27
            half = tall * rng.uniform(0.03, 0.09)
            b.add("bands", _band(rows, middle - half, middle + half, 0.007, deep), paint[i % 2])
        return
    shell = _band(rows, low, high, 0.008, deep)
    if kind == 3:
        count = int(rng.integers(7, 13))
        for i in range(count):
            for level in (0.25, 0.5, 0.75):
                a = 2 * np.pi * (i + (0.5 if level == 0.5 else 0)) / count
                z = np.array(low + tall * level)
                r = float(_radius_at(rows, z))
                slope = float(_radius_at(rows, z + 0.01) - _radius_at(rows, z - 0.01)) / 0.02
                dot = place(blob((0.008, 0.03, 0.03), detail=2), ry=np.arctan(slope))
                b.add("dots", place(dot, (r * np.cos(a), r * np.sin(a), float(z)), rz=a), paint[0])
        return
    size = tall * rng.uniform(0.24, 0.33)
    shape = slab(_emblem(rng, size), 2, 0)
    count = 1 if kind == 1 else 3
    for i in range(count):
        half = common(place(shape, (0, -1, (low + high) / 2)), shell)
        b.add("emblem", place(half, rz=i * np.pi * 0.5 - 0.4 * (count > 1)), paint[i % 2])


def _handle(top: Sequence[float], low: Sequence[float], reach: float, kind: int) -> Array:
    """A handle's path in the x, z plane from the top to the low (radius, z) joint."""
    (x0, z0), (x1, z1) = top, low
    far = max(x0, x1) + reach
    tall = z0 - z1
    if kind == 0:
        points = [(x0, z0), (x0 + reach * 0.55, z0 + tall * 0.1), (far, (z0 + z1) / 2 + tall * 0.1),
                  (x1 + reach * 0.6, z1 - tall * 0.02), (x1, z1)]  # fmt: skip
    elif kind == 1:
        points = [(x0, z0), (far * 0.96, z0 + tall * 0.02), (far, z1 + tall * 0.6), (x1, z1)]
    else:
        square = fillet([(x0, z0), (far, z0), (far, z1), (x1, z1)], reach * 0.5, 8)
        return np.column_stack([square[:, 0], 0 * square[:, 0], square[:, 1]])
    line = curve(points, 36)
    return np.column_stack([line[:, 0], 0 * line[:, 0], line[:, 1]])


def _mug(rng: Rng) -> Shape:
    b = ShapeBuilder()
    glaze, lining, first, second = paints(rng, 4, "glaze", 0.2)
    if rng.uniform() < 0.5:
        lining = plain("white glaze", (0.84, 0.83, 0.78), 0.2)
    r, tall, thick = rng.uniform(0.27, 0.37), rng.uniform(0.62, 0.86), rng.uniform(0.03, 0.045)
    foot, belly = rng.uniform(0.78, 1.0), rng.uniform(-0.06, 0.1)
    z = np.linspace(0.07, tall, 14)
    share = (z - 0.07) / (tall - 0.07)
    wide = r * (foot + (1 - foot) * share**0.7) + belly * r * 4 * share * (1 - share)
    base = curve([(wide[0] * 0.86, 0.0), (wide[0] * 0.95, 0.012), (wide[0], 0.07)], 6)
    rows = np.concatenate([base, np.column_stack([wide, z])[1:]])
    b.add("body", _vessel(rows, thick, 0.06), glaze)
    inside = rows[rows[:, 1] > 0.1] - [thick - 0.003, 0]
    shell = np.concatenate([inside, (inside - [0.01, 0])[::-1]])
    b.add("lining", lathe(shell, 64), lining)
    floor = float(inside[0, 0])
    b.add("lining", rod(floor, 0.05, 0.108, 0.01), lining)
    kind = int(rng.integers(3))
    z0, z1 = tall * rng.uniform(0.8, 0.88), tall * rng.uniform(0.16, 0.28)
    joints = [(float(_radius_at(rows, np.array(h))) - thick * 0.4, h) for h in (z0, z1)]
    path = _handle(joints[0], joints[1], rng.uniform(0.2, 0.28), kind)
    grip = rng.uniform(0.032, 0.045)
    size = np.column_stack(
        [np.full(len(path), grip * rng.uniform(1, 1.5)), np.full(len(path), grip)]
    )
    size *= (1 + 0.35 * np.abs(np.linspace(-1, 1, len(path))) ** 6)[:, None]
    paint = [first, second]
    b.add("handle", sweep(path, size, flat=True, up=(0, 1, 0)), [glaze, first][rng.integers(2)])
    b.add("foot", ring(wide[0] * 0.85, 0.03, 0.02, 0.012), lining if rng.uniform() < 0.4 else glaze)
    if rng.uniform() < 0.6:
        b.add(
            "rim",
            ring(wide[-1] - thick / 2, thick * 0.62, thick * 0.5, tall + thick * 0.2),
            paint[0],
        )
    if rng.uniform() < 0.85:
        _decorate(b, rng, rows, 0.1, tall * 0.94, thick * 0.6, paint)
    return finish(rng, b)


def _plate(rng: Rng) -> Shape:
    b = ShapeBuilder()
    glaze, first, second = paints(rng, 3, "glaze", 0.2)
    if rng.uniform() < 0.5:
        glaze = plain("white glaze", (0.84, 0.83, 0.79), 0.18)
    r, well = 0.5, rng.uniform(0.29, 0.37)
    rise, t = rng.uniform(0.06, 0.14), rng.uniform(0.022, 0.034)
    scallops = int(rng.integers(8, 20)) if rng.uniform() < 0.4 else 0
    deep = rng.uniform(0.02, 0.04)

    def wavy(mesh: Mesh) -> Mesh:
        def change(p: Array) -> Array:
            far = np.clip((np.hypot(p[:, 0], p[:, 1]) - well) / (r - well), 0, 1) ** 1.5
            size = 1 + deep * far * np.abs(np.cos(scallops / 2 * np.arctan2(p[:, 1], p[:, 0])))
            return p * np.column_stack([size, size, np.ones(len(p))])

        return warp(mesh, change) if scallops else mesh

    line = curve([(well - 0.02, 0.03), (well + 0.03, 0.03 + rise * 0.45), (r - 0.05, 0.03 + rise * 0.85),
                  (r, 0.03 + rise)], 20)  # fmt: skip
    edge = [(r + t * 0.3, 0.03 + rise + t * 0.4), (r + t * 0.1, 0.03 + rise + t * 0.9)]
    rows = np.concatenate([line, edge, (line + [-0.2 * t, t])[::-1]])
    b.add("rim", wavy(lathe(rows, 144)), glaze)
    b.add("well", lathe(fillet([(0, 0.02), (well + 0.01, 0.02), (well + 0.015, 0.03 + t), (well - 0.03, 0.025 + t),
                                (0, 0.022 + t)], 0.012), 72), glaze)  # fmt: skip
    b.add("foot", lathe(fillet([(well * 0.7, 0), (well * 0.78, 0), (well * 0.8, 0.03), (well * 0.66, 0.03)],
                               0.008, closed=True), 72), glaze)  # fmt: skip

    def top(radius: float) -> float:
        return float(np.interp(radius, line[:, 0] - 0.2 * t, line[:, 1] + t))

    for i in range(int(rng.integers(0, 3))):
        middle = r - 0.02 if i == 0 else rng.uniform(well + 0.03, r - 0.07)
        half = rng.uniform(0.008, 0.02)
        radii = np.linspace(middle - half, middle + half, 6)
        z = np.array([top(x) for x in radii])
        swell = np.column_stack([radii, z + 0.006])
        swell[[0, -1], 1] -= 0.004
        under = np.column_stack([radii, z - t * 0.5])[::-1]
        b.add(
            "rim line" if i == 0 else "inner line",
            wavy(lathe(np.concatenate([swell, under]), 144)),
            [first, second][i],
        )
    kind = rng.integers(4)
    middle = (well + r) / 2
    if kind == 0:
        count = int(rng.integers(8, 25))
        size = min(0.036, 2.2 / count / 2)
        slope = np.arctan2(top(middle + 0.02) - top(middle - 0.02), 0.04)
        for a in np.arange(count) * 2 * np.pi / count:
            dot = place(blob((size, size, 0.012), detail=2), ry=-slope)
            b.add(
                "dots",
                place(dot, (middle * np.cos(a), middle * np.sin(a), top(middle)), rz=a),
                second,
            )
    elif kind == 1:
        b.add(
            "emblem",
            extrude(_emblem(rng, well * rng.uniform(0.45, 0.65)), 0.03, 0.03 + t, 0.006),
            first,
        )
    elif kind == 2:
        b.add("ring", ring(well * rng.uniform(0.5, 0.8), 0.014, 0.008, 0.023 + t), second)
        b.add("centre", rod(well * rng.uniform(0.12, 0.3), 0.03, 0.03 + t, 0.006), first)
    return finish(rng, b)


def _cup(rng: Rng) -> Shape:
    b = ShapeBuilder()
    glaze, first, second = paints(rng, 3, "porcelain", 0.15)
    if rng.uniform() < 0.45:
        glaze = plain("white porcelain", (0.85, 0.84, 0.8), 0.15)
    gold = metal(rng, "gold") if rng.uniform() < 0.5 else first
    r, tall, foot = rng.uniform(0.29, 0.35), rng.uniform(0.36, 0.5), rng.uniform(0.13, 0.18)
    thick, base = 0.022, 0.06
    flare, belly = rng.uniform(0.0, 0.05), rng.uniform(0.72, 0.95)
    rows = curve([(foot, base), (r * belly * 0.85, base + tall * 0.22), (r * (belly + 0.04), base + tall * 0.6),
                  (r, base + tall * 0.9), (r + flare, base + tall)], 26)  # fmt: skip
    b.add("bowl", _vessel(rows, thick, base + 0.03), glaze)
    b.add("foot", lathe(fillet([(0, base * 0.3), (foot * 0.9, base * 0.3), (foot * 1.1, 0.005), (foot * 1.12, 0.02),
                                (foot * 0.85, base * 0.8), (foot * 0.95, base + 0.03), (0, base + 0.03)], 0.01)), glaze)  # fmt: skip
    b.add("rim", ring(r + flare - thick / 2, thick * 0.7, thick * 0.6, base + tall + 0.006), gold)
    z0, z1 = base + tall * rng.uniform(0.78, 0.86), base + tall * rng.uniform(0.22, 0.32)
    joints = [(float(_radius_at(rows, np.array(h))) - 0.01, h) for h in (z0, z1)]
    path = _handle(joints[0], joints[1], rng.uniform(0.15, 0.22), int(rng.integers(2)))
    b.add(
        "handle", sweep(path, (0.028, 0.02), up=(0, 1, 0)), gold if rng.uniform() < 0.3 else glaze
    )
    if rng.uniform() < 0.85:
        _decorate(b, rng, rows, base + tall * 0.3, base + tall * 0.9, thick * 0.6, [first, second])
    if rng.uniform() < 0.6:
        drink = [
            ("tea", (0.3, 0.09, 0.015)),
            ("coffee", (0.06, 0.022, 0.01)),
            ("milk", (0.82, 0.77, 0.66)),
        ]
        name, colour = drink[rng.integers(3)]
        level = base + tall * rng.uniform(0.7, 0.86)
        wide = float(_radius_at(rows, np.array(level)))
        b.add(name, rod(wide - thick * 0.5, level - 0.03, level), plain(name, colour, 0.08))
    if rng.uniform() < 0.65:
        far, lift = rng.uniform(0.44, 0.52), rng.uniform(0.04, 0.08)
        dish = fillet([(0, -0.03), (0.2, -0.03), (far, lift), (far - 0.005, lift + 0.02), (0.22, 0.0),
                       (foot * 1.25, 0.004), (foot * 1.15, -0.004), (0, 0.008)], 0.03)  # fmt: skip
        wave = waves(rng, 1, 0.02, 6, 14) if rng.uniform() < 0.4 else None

        def scallop(p: Array) -> Array:
            size = np.ones(len(p))
            if wave is not None:
                size += wave(np.arctan2(p[:, 1], p[:, 0]))
            return p * np.column_stack([size, size, np.ones(len(p))])

        b.add("saucer", warp(lathe(dish, 96), scallop), first if rng.uniform() < 0.35 else glaze)
        edge = warp(ring(far - 0.002, 0.012, 0.011, lift + 0.012, 96), scallop)
        b.add("saucer rim", edge, gold)
    return finish(rng, b)


GLASS_TINTS: dict[str, Colour] = {
    "clear": (0.9, 0.93, 0.93),
    "blue": (0.35, 0.6, 0.88),
    "green": (0.4, 0.8, 0.5),
    "amber": (0.88, 0.55, 0.2),
    "rose": (0.88, 0.45, 0.55),
}


def _pane(rng: Rng, name: str) -> Material:
    return Material(f"{name} glass", shade(rng, GLASS_TINTS[name], 0.05), 0.0, 0.03, 0.9)


def _glass(rng: Rng) -> Shape:
    b = ShapeBuilder()
    tint, other = rng.permutation(list(GLASS_TINTS))[:2]
    if rng.uniform() < 0.5:
        tint = "clear"
    clear, accent = _pane(rng, str(tint)), _pane(rng, str(other))
    if accent.name == clear.name:
        accent = _pane(rng, "blue")
    trim = metal(rng, "gold") if rng.uniform() < 0.4 else accent
    t = rng.uniform(0.016, 0.022)
    stemmed = rng.uniform() < 0.45
    if stemmed:
        foot, stem = rng.uniform(0.2, 0.26), rng.uniform(0.22, 0.4)
        r, tall = rng.uniform(0.2, 0.27), rng.uniform(0.32, 0.48)
        close = rng.uniform(0.78, 1.12)
        b.add(
            "foot",
            lathe(
                fillet(
                    [(0, 0), (foot, 0), (foot, 0.016), (0.05, 0.035), (0.025, 0.09), (0, 0.09)],
                    0.02,
                )
            ),
            accent,
        )
        line = curve([(0.03, 0.05), (0.019, stem * 0.5), (0.024, stem), (0.045, stem + 0.06)], 16)
        b.add("stem", lathe([(0, 0.05), *line, (0, stem + 0.06)]), accent)
        if rng.uniform() < 0.5:
            b.add("knop", blob((0.045, 0.045, 0.035), (0, 0, stem * rng.uniform(0.5, 0.8))), trim)
        rows = curve([(0.035, stem + 0.02), (r * 0.8, stem + tall * 0.28), (r, stem + tall * 0.58),
                      (r * close, stem + tall)], 28)  # fmt: skip
        name, floor = "bowl", stem + 0.05
    else:
        r, tall = rng.uniform(0.22, 0.3), rng.uniform(0.5, 0.85)
        low, belly = rng.uniform(0.68, 0.98), rng.uniform(-0.02, 0.06)
        z = np.linspace(0.07, tall, 20)
        s = z / tall
        rows = np.column_stack([r * (low + (1 - low) * s) + belly * np.sin(np.pi * s), z])
        b.add(
            "base",
            lathe(fillet([(0, 0), (rows[0, 0] * 0.96, 0), (rows[0, 0], 0.075), (0, 0.085)], 0.015)),
            accent,
        )
        name, floor = "wall", 0.08
    body = _vessel(rows, t, floor)
    sides = int(rng.integers(8, 17))
    if not stemmed and rng.uniform() < 0.4:
        body = warp(body, lambda p: p * np.column_stack([
            *[1 + 0.02 * np.cos(sides * np.arctan2(p[:, 1], p[:, 0])) * (p[:, 2] < 0.6 * tall)] * 2,
            np.ones(len(p))]))  # fmt: skip
    b.add(name, body, clear)
    top = rows[-1]
    b.add("rim", ring(top[0] - t / 2, t * 0.75, t * 0.7, top[1] + t * 0.25, 64), trim)
    if rng.uniform() < 0.75:
        juice = [("orange juice", (0.85, 0.36, 0.02)), ("cola", (0.07, 0.02, 0.01)), ("milk", (0.85, 0.83, 0.78)),
                 ("lemonade", (0.8, 0.75, 0.25)), ("berry juice", (0.45, 0.02, 0.1))]  # fmt: skip
        drink, colour = juice[rng.integers(5)]
        level = floor + (top[1] - floor) * rng.uniform(0.45, 0.82)
        z = np.linspace(floor + 0.035, level, 14)
        wet = np.column_stack([np.maximum(_radius_at(rows, z) - t * 0.9, 0.02), z])
        b.add("drink", lathe([(0, floor - 0.004), (wet[0, 0] * 0.8, floor - 0.004), *wet, (0, level)], 64),
              Material(drink, shade(rng, colour), 0.0, 0.06))  # fmt: skip
        if not stemmed and rng.uniform() < 0.5:
            lean = top[0] * 0.62
            line = [
                (-lean * 0.5, 0, floor),
                (lean, 0.0, top[1] + 0.05),
                (lean * 1.5, 0.0, top[1] + 0.22),
            ]
            path = fillet(line, 0.05, 6)
            b.add("straw", sweep(path, 0.024, 20, True), paints(rng, 1)[0])
    if rng.uniform() < 0.5:
        z = top[1] - (top[1] - floor) * rng.uniform(0.06, 0.25)
        b.add("band", _band(rows, z - 0.02, z, 0.006, t * 0.6), trim)
    return finish(rng, b)


def _bottle(rng: Rng) -> Shape:
    b = ShapeBuilder()
    kind = int(rng.integers(4))
    names = ["bottle green", "brown", "clear blue", "red", "yellow", "milk white"]
    colours = [(0.02, 0.15, 0.05), (0.16, 0.055, 0.015), (0.25, 0.5, 0.75), (0.55, 0.02, 0.02),
               (0.82, 0.48, 0.03), (0.82, 0.8, 0.74)]  # fmt: skip
    pick = [[0, 1], [0, 1, 2], [3, 4], [2, 5]][kind]
    i = pick[rng.integers(len(pick))]
    skin = Material(names[i], shade(rng, colours[i]), 0.0, rng.uniform(0.08, 0.3))
    paper, ink, lid = paints(rng, 3, "print", 0.5)
    r, tall = rng.uniform(0.17, 0.21), rng.uniform(0.85, 1.0)
    neck = r * (0.42 if kind != 3 else 0.6)
    shoulder = tall * [0.62, 0.5, 0.66, 0.62][kind] * rng.uniform(0.94, 1.04)
    slope = tall * [0.1, 0.24, 0.18, 0.2][kind]
    pinch = rng.uniform(0.05, 0.16) if kind in (1, 2) else 0.0
    z = np.linspace(0.05, shoulder, 14)
    side = r * (1 - pinch * np.sin(np.pi * (z - 0.05) / (shoulder - 0.05)) ** 2)
    s = np.linspace(0, 1, 16)[1:]
    fall = np.column_stack(
        [neck + (r - neck) * (0.5 + 0.5 * np.cos(np.pi * s)), shoulder + slope * s]
    )
    base = curve([(r * 0.85, 0.0), (r * 0.96, 0.012), (r, 0.05)], 6)
    wall = np.concatenate([base, np.column_stack([side, z])[1:], fall])
    end = shoulder + slope
    b.add("body", lathe([(0, 0.025), (r * 0.7, 0.004), *wall, (0, end)], 64), skin)
    top = max(tall, end + 0.1)
    b.add(
        "neck",
        lathe(fillet([(0, end - 0.02), (neck, end - 0.02), (neck * 0.94, top), (0, top)], 0.01)),
        skin,
    )
    b.add("collar", ring(neck * 0.98, 0.014, 0.014, top - rng.uniform(0.045, 0.06)), skin)
    if kind == 0:
        cork = plain("cork", (0.5, 0.29, 0.13), 0.8)
        if rng.uniform() < 0.5:
            b.add("cap", rod(neck * 0.8, top - 0.02, top + 0.07, 0.012), cork)
        else:
            foil = [metal(rng, "gold"), lid][rng.integers(2)]
            b.add("cap", rod(neck * 1.12, top - 0.12, top + 0.02, 0.015), foil)
    elif kind == 2 and rng.uniform() < 0.6:
        b.add("cap", rod(neck * 1.25, top - 0.05, top + 0.03, 0.012), lid)
        b.add(
            "nozzle",
            lathe(
                fillet(
                    [(0, top), (neck * 0.8, top + 0.02), (neck * 0.2, top + 0.2), (0, top + 0.2)],
                    0.015,
                )
            ),
            lid,
        )
    else:
        teeth = int(rng.integers(18, 30))
        cap = fillet(
            [
                (0, top - 0.045),
                (neck * 1.2, top - 0.045),
                (neck * 1.14, top + 0.045),
                (0, top + 0.045),
            ],
            0.015,
        )
        b.add("cap", warp(lathe(cap, teeth * 6), lambda p: p * np.column_stack([
            *[1 + 0.025 * np.cos(teeth * np.arctan2(p[:, 1], p[:, 0]))] * 2, np.ones(len(p))])),
            metal(rng, "brass") if kind == 1 and rng.uniform() < 0.5 else lid)  # fmt: skip
    low, high = shoulder * rng.uniform(0.16, 0.28), shoulder * rng.uniform(0.78, 0.92)
    b.add("label", _band(wall, low, high, 0.006, 0.03), paper)
    shell = _band(wall, low, high, 0.011, 0.02)
    for edge in (low, high - 0.02):
        b.add("label edge", _band(wall, edge, edge + 0.02, 0.01, 0.02), ink)
    mark = slab(_emblem(rng, (high - low) * 0.26), 2)
    middle = (low + high) / 2
    for turn in (0.0, np.pi):
        b.add("emblem", place(common(place(mark, (0, -1, middle)), shell), rz=turn + 0.5), ink)
    if rng.uniform() < 0.4:
        b.add(
            "neck band",
            _band(
                np.array([(neck, end - 0.02), (neck * 0.95, top)]),
                end + 0.01,
                end + 0.05,
                0.006,
                0.02,
            ),
            paper,
        )
    return finish(rng, b)


TABLEWARE: dict[str, Callable[[Rng], Shape]] = {
    "mug": _mug,
    "plate": _plate,
    "cup": _cup,
    "glass": _glass,
    "bottle": _bottle,
}
