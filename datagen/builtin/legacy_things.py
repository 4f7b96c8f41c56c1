"""Procedural toys that are things: tools, clothes, games, a robot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import trimesh
from shapely.affinity import scale, translate
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from datagen.builtin.builder import ShapeBuilder
from datagen.builtin.legacy_solids import (
    Array,
    Material,
    Mesh,
    Rng,
    Shape,
    aim,
    blob,
    brick,
    bumpy,
    common,
    curve,
    cut,
    disc,
    extrude,
    fillet,
    finish,
    lathe,
    loft,
    metal,
    oblong,
    outline,
    paints,
    place,
    plain,
    ring,
    rod,
    rubber,
    shade,
    sheet,
    slab,
    sweep,
    warp,
    wood,
)


def _hammer(rng: Rng) -> Shape:
    """Lying, the handle along x and the head along y."""
    b = ShapeBuilder()
    kind = int(rng.integers(4))
    steel = metal(rng, str(rng.choice(["steel", "iron"])))
    paint, second = paints(rng, 2)
    timber = wood(rng)
    long, thick = rng.uniform(0.8, 1.05), rng.uniform(0.036, 0.048)
    r = rng.uniform(0.075, 0.1) if kind else rng.uniform(0.12, 0.17)
    head, trim = (paint, second) if rng.uniform() < 0.35 else (steel, paint)
    handle = timber if rng.uniform() < 0.65 else second
    along = np.linspace(0, long, 30)
    swell = (
        1
        + 0.18 * np.sin(2 * np.pi * along / long * 1.2 + 0.5)
        + 0.25 * np.exp(-(((1 - along / long) / 0.06) ** 2))
    )
    path = np.column_stack([along, 0 * along, 0 * along])
    b.add(
        "handle",
        sweep(path, np.column_stack([thick * swell * 0.85, thick * swell * 1.15]), up=(0, 1, 0)),
        handle,
    )
    ends = []
    if kind == 0:
        half = rng.uniform(0.2, 0.27)
        body = timber if rng.uniform() < 0.5 else paint
        rows = fillet([(0, -half), (r, -half), (r * 1.08, 0), (r, half), (0, half)], 0.03)
        b.add("head", place(lathe(rows), rx=np.pi / 2), body)
        for side, name in ((-1, "left band"), (1, "right band")):
            z = side * half * 0.78
            b.add(name, place(lathe(fillet([(r * 0.9, z - 0.025), (r * 1.1, z - 0.025), (r * 1.1, z + 0.025),
                                            (r * 0.9, z + 0.025)], 0.01, closed=True)), rx=np.pi / 2), second)  # fmt: skip
        ends = [half]
    else:
        cheek = r * 1.9
        b.add("head", brick((cheek, cheek * 1.25, r * 1.7), (0, 0, 0), r * 0.3), head)
        far = rng.uniform(0.2, 0.26)
        rows = [
            (0, r * 0.8),
            (r * 0.62, r * 0.8),
            (r * 0.6, far * 0.68),
            (r * 0.95, far * 0.8),
            (r * 0.95, far),
            (0, far),
        ]
        b.add("face", place(lathe(fillet(rows, 0.02)), rx=np.pi / 2), head)
        b.add(
            "face",
            place(rod(r * 0.8, far - 0.02, far + 0.012, 0.008), rx=np.pi / 2),
            steel if head is paint else trim,
        )
        if kind == 1:
            for side, name in ((-1, "lower claw"), (1, "upper claw")):
                reach = rng.uniform(0.25, 0.31) if side < 0 else reach
                line = curve([(0, r * 0.8, side * r * 0.3), (0.005, reach * 0.55, side * r * 0.34),
                              (reach * 0.32, reach * 1.05, side * r * 0.5)], 20)  # fmt: skip
                size = (
                    np.column_stack([np.linspace(0.8, 0.16, 20), np.linspace(0.42, 0.26, 20)]) * r
                )
                b.add(name, sweep(line, size), head)
        elif kind == 2:
            b.add("peen", place(rod(r * 0.6, r * 0.8, r * 2.1), rx=-np.pi / 2), head)
            b.add("peen", blob(r * 0.9, (0, r * 2.5, 0)), head)
        else:
            wedge = outline(
                [(-r, 0.5 * r), (r, 0.5 * r), (0.25 * r, far * 1.15), (-0.25 * r, far * 1.15)],
                0.012,
            )
            b.add("peen", extrude(wedge, -r * 0.75, r * 0.75, 0.01), head)
    b.add(
        "eye",
        place(rod(thick * 1.05, 0.0, r * 1.22, 0.01), ry=-np.pi / 2),
        timber if handle is timber else trim,
    )
    b.add("collar", place(rod(thick * 1.45, r * 0.75, r * 1.25, 0.012), ry=np.pi / 2), trim)
    start = long * rng.uniform(0.52, 0.68)
    if rng.uniform() < 0.7:
        grip = rubber(rng) if rng.uniform() < 0.4 else trim
        part = along[(along > start)]
        line = np.column_stack([part, 0 * part, 0 * part])
        size = thick * np.interp(part, along, swell) * 1.17
        b.add("grip", sweep(line, np.column_stack([size * 0.9, size * 1.15]), up=(0, 1, 0)), grip)
        for x in np.linspace(start + 0.04, long - 0.07, int(rng.integers(3, 6))):
            size_here = float(np.interp(x, part, size))
            hoop = warp(ring(size_here, 0.013, 0.014), lambda p: p * (1.12, 0.93, 1))
            b.add("grip", place(hoop, (x, 0, 0), ry=np.pi / 2, rx=np.pi / 2 * 0), second)
    lean = np.arcsin((max(r * 0.85, ends[0] * 0 + r * 1.1 if ends else 0) - thick * 1.1) / long)
    turned = ShapeBuilder()
    shape = b.build()
    del turned
    matrix = trimesh.transformations.rotation_matrix(lean, (0, 1, 0))[:3, :3]
    return finish(rng, shape.with_vertices(shape.vertices @ matrix.T))


def _key(rng: Rng) -> Shape:
    """Lying flat, the shaft along x."""
    b = ShapeBuilder()
    main = metal(rng, str(rng.choice(["brass", "steel", "gold", "copper", "iron"])))
    if rng.uniform() < 0.3:
        main = paints(rng, 1)[0]
    other = paints(rng, 1)[0] if rng.uniform() < 0.5 else main
    long, flat = rng.uniform(0.5, 0.62), rng.uniform(0.028, 0.04)
    kind, size = int(rng.integers(5)), rng.uniform(0.14, 0.19)
    if kind < 3:
        thick = rng.uniform(0.026, 0.036)
        a = np.linspace(0, 2 * np.pi, 90, endpoint=False)
        if kind == 0:
            loop = np.column_stack([size * np.cos(a), size * rng.uniform(0.85, 1.35) * np.sin(a)])
            b.add(
                "bow", sweep(np.column_stack([loop - [size, 0], 0 * a]), thick, closed=True), other
            )
            if rng.uniform() < 0.5:
                inner = np.column_stack(
                    [size * 0.5 * np.cos(a) - size * 0.5, size * 0.5 * np.sin(a), 0 * a]
                )
                b.add("scroll", sweep(inner, thick * 0.6, 16, closed=True), other)
        elif kind == 1:
            for i, turn in enumerate((-np.pi / 2, 0, np.pi / 2)):
                r = size * 0.55
                x, y = -size * 0.75 - size * 0.75 * np.cos(turn), size * 0.75 * np.sin(turn)
                b.add(f"bow loop {i + 1}", place(ring(r, thick, thick), (x, y, 0)), other)
            b.add("bow", blob(thick * 1.9, (-size * 0.72, 0, 0)), other)
            b.add("bow", sweep([(-size * 0.72, 0, 0), (0, 0, 0)], thick), other)
        else:
            x = -0.062 * (13 * np.cos(a) - 5 * np.cos(2 * a) - 2 * np.cos(3 * a) - np.cos(4 * a))
            y = 0.062 * 16 * np.sin(a) ** 3
            loop = np.column_stack([(x - x.max()) * size * 1.05 + 0.012, y * size * 1.05, 0 * a])
            b.add("bow", sweep(loop, thick, closed=True), other)
        shaft = thick * rng.uniform(0.85, 1.05)
        b.add("shaft", place(rod(shaft, -0.03, long, 0.01), ry=np.pi / 2), main)
        b.add("tip", blob((shaft * 1.35, shaft * 1.15, shaft * 1.15), (long, 0, 0)), main)
        for i in range(int(rng.integers(1, 4))):
            x = 0.03 + 0.045 * i
            b.add("collar", place(ring(shaft, 0.022, 0.017), (x, 0, 0), ry=np.pi / 2), other)
        start = long * rng.uniform(0.66, 0.74)
        deep, wide = rng.uniform(0.15, 0.21), long * 0.93 - start
        plate = box(start, -deep, start + wide, 0)
        notches = []
        for i in range(int(rng.integers(1, 4))):
            x = start + wide * rng.uniform(0.1, 0.8)
            notches.append(box(x, -deep - 0.1, x + wide * 0.16, -deep * rng.uniform(0.55, 0.75)))
        y = -deep * rng.uniform(0.35, 0.5)
        if rng.uniform() < 0.6:
            notches.append(box(start - 0.1, y - 0.016, start + wide * 0.45, y + 0.016))
        bit = plate.difference(unary_union(notches)) if notches else plate
        for i, piece in enumerate(getattr(bit, "geoms", [bit])):
            if piece.bounds[3] > -1e-6:
                b.add(
                    "teeth" if i == 0 else f"teeth {i + 1}",
                    extrude(piece, -flat / 2, flat / 2, 0.004),
                    main,
                )
        return finish(rng, b)
    hole = disc(size * 0.28, -size * 1.35)
    if kind == 3:
        bow = oblong(
            size * 1.9, size * rng.uniform(1.9, 2.5), size * rng.uniform(0.4, 0.9), -size * 0.9
        )
    else:
        count = int(rng.integers(5, 9))
        a = np.linspace(0, 2 * np.pi, 90, endpoint=False)
        reach = size * (1.05 + 0.12 * np.cos(count * a + np.pi))
        bow = Polygon(np.column_stack([reach * np.cos(a) - size * 0.9, reach * np.sin(a)]))
    b.add("bow", extrude(bow.difference(hole), -flat * 0.8, flat * 0.8, 0.012), other)
    eyelet = place(ring(size * 0.32, size * 0.07, flat * 1.05), (-size * 1.35, 0, 0))
    b.add("eyelet", eyelet, metal(rng, "steel") if other is not main else main)
    half = size * rng.uniform(0.26, 0.36)
    b.add("shaft", extrude(outline([(-0.06, -half * 0.4), (long * 0.93, -half * 0.4), (long, half * 0.1),
                                    (long * 0.96, half), (-0.06, half)], 0.02), -flat / 2, flat / 2, 0.006), main)  # fmt: skip
    b.add(
        "groove",
        brick((long * 0.8, half * 0.28, flat * 1.25), (long * 0.45, half * 0.45, 0), 0.005),
        main,
    )
    b.add(
        "shoulder",
        brick((0.05, half * 3, flat * 1.3), (size * 0.12 + 0.02, half * 0.1, 0), 0.012),
        other,
    )
    count = int(rng.integers(4, 7))
    step = (long * 0.8) / count
    for i in range(count):
        x = long * 0.15 + i * step
        drop = half * rng.uniform(0.5, 1.4)
        tooth = Polygon([(x, -half * 0.3), (x + step * 0.3, -half * 0.4 - drop), (x + step * 0.7, -half * 0.4 - drop),
                         (x + step, -half * 0.3)])  # fmt: skip
        b.add(f"tooth {i + 1}", extrude(tooth, -flat / 2, flat / 2, 0.004), main)
    return finish(rng, b)


def _robot(rng: Rng) -> Shape:
    """A tin robot that looks towards -y."""
    b = ShapeBuilder()
    body, trim, glow, dots = paints(rng, 4, "lacquer", 0.28)
    if rng.uniform() < 0.4:
        body = metal(rng, "steel")
    steel, dark = metal(rng, "iron"), plain("dark panel", (0.03, 0.035, 0.045), 0.4)
    wide, deep, tall = rng.uniform(0.34, 0.46), rng.uniform(0.22, 0.3), rng.uniform(0.36, 0.48)
    leg = rng.uniform(0.2, 0.3)
    tracks = rng.uniform() < 0.25
    for side, name in ((-1, "left"), (1, "right")):
        x = side * wide * 0.27
        if tracks:
            belt = outline(
                [(-0.2, 0), (0.2, 0), (0.26, 0.09), (0.18, 0.17), (-0.18, 0.17), (-0.26, 0.09)],
                0.06,
            )
            x = side * wide * 0.42
            b.add(
                f"{name} track",
                place(slab(belt, 0.11, 0.02), (x, 0, 0), rz=np.pi / 2),
                rubber(rng) if side < 0 else belt_m,
            )
            b._materials[-1] if side < 0 else belt_m
            for k in (-0.15, 0, 0.15):
                b.add(
                    f"{name} track",
                    place(rod(0.055, -0.075, 0.075, 0.01), (x, k, 0.085), ry=np.pi / 2),
                    trim,
                )
            leg = 0.15
        else:
            b.add(f"{name} leg", place(rod(wide * 0.13, 0.05, leg + 0.03), (x, 0, 0)), steel)
            for k in range(3):
                b.add(
                    f"{name} leg",
                    place(
                        ring(wide * 0.14, 0.014, 0.018, 0.09 + k * leg * 0.28, 32, 10), (x, 0, 0)
                    ),
                    steel,
                )
            foot = brick((wide * 0.4, deep * 1.1, 0.09), (x, -deep * 0.12, 0.045), 0.025)
            b.add(f"{name} foot", foot, trim)
    z = leg + tall / 2
    if rng.uniform() < 0.6:
        b.add("body", brick((wide, deep, tall), (0, 0, z), rng.uniform(0.02, 0.06)), body)
    else:
        b.add(
            "body",
            place(
                warp(rod(1, -0.5, 0.5, 0.06), lambda p: p * (wide / 2, deep / 2 * 1.05, tall)),
                (0, 0, z),
            ),
            body,
        )
    front = -deep / 2
    panel_w, panel_h = wide * rng.uniform(0.6, 0.75), tall * rng.uniform(0.4, 0.55)
    b.add("panel", brick((panel_w, 0.05, panel_h), (0, front, z + tall * 0.08), 0.012), dark)
    face = front - 0.025
    gauge = place(
        rod(panel_h * 0.26, 0, 0.02, 0.006),
        (-panel_w * 0.25, face + 0.004, z + tall * 0.08 + panel_h * 0.15),
        rx=np.pi / 2,
    )
    b.add("gauge", gauge, plain("white dial", (0.85, 0.85, 0.8), 0.3))
    needle = place(brick((0.01, 0.012, panel_h * 0.22), (0, 0, panel_h * 0.08), 0.003),
                   (-panel_w * 0.25, face - 0.016, z + tall * 0.08 + panel_h * 0.13), ry=rng.uniform(-1, 1))  # fmt: skip
    b.add("gauge", needle, glow)
    cols, rows = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    for i in range(cols):
        for j in range(rows):
            x = panel_w * (0.08 + 0.34 * i / max(cols - 1, 1))
            h = z + tall * 0.08 + panel_h * (-0.3 + 0.6 * j / max(rows - 1, 1))
            b.add(
                "buttons",
                blob((0.019, 0.016, 0.019), (x, face - 0.002, h), detail=2),
                [glow, dots, trim][(i + j) % 3],
            )
    b.add("belt", brick((wide * 1.04, deep * 1.08, 0.04), (0, 0, leg + 0.045), 0.012), trim)
    top = leg + tall
    b.add("neck", rod(wide * 0.16, top - 0.02, top + 0.06), steel)
    b.add("neck", ring(wide * 0.17, 0.018, 0.018, top + 0.025), steel)
    hw, hd, hh = (
        wide * rng.uniform(0.62, 0.85),
        deep * rng.uniform(0.85, 1.0),
        rng.uniform(0.2, 0.27),
    )
    low = top + 0.045
    kind = int(rng.integers(3))
    if kind == 0:
        b.add("head", brick((hw, hd, hh), (0, 0, low + hh / 2), rng.uniform(0.02, 0.05)), body)
    elif kind == 1:
        dome = lathe(
            np.concatenate(
                [
                    [(0, 0), (0.9, 0), (1, 0.08)],
                    curve([(1, 0.5), (0.86, 0.8), (0.5, 1.05), (0, 1.15)], 16) * (1, 1),
                ]
            )
        )
        b.add(
            "head", place(warp(dome, lambda p: p * (hw / 2, hd / 2 * 1.1, hh)), (0, 0, low)), body
        )
    else:
        b.add(
            "head",
            place(warp(rod(1, 0, 1, 0.12), lambda p: p * (hw / 2, hd / 2 * 1.1, hh)), (0, 0, low)),
            body,
        )
    mask = brick(
        (hw * 0.8, 0.06, hh * 0.72),
        (0, -hd / 2 * (1.0 if kind == 0 else 0.98), low + hh * 0.5),
        0.02,
    )
    b.add("mask", mask, dark)
    y = -hd / 2 * (1.0 if kind == 0 else 0.98) - 0.03
    size = hw * rng.uniform(0.12, 0.17)
    for side, name in ((-1, "left"), (1, "right")):
        at = (side * hw * 0.2, y, low + hh * 0.62)
        b.add(f"{name} eye", place(rod(size, -0.01, 0.02, 0.006), at, rx=np.pi / 2), glow)
        b.add(
            f"{name} eye",
            blob((size * 0.45, 0.012, size * 0.45), (at[0], y - 0.02, at[2]), detail=2),
            dark,
        )
        b.add(
            f"{name} ear",
            place(
                rod(hh * 0.2, -0.04, 0.05, 0.012),
                (side * hw * 0.48, 0, low + hh * 0.5),
                ry=side * np.pi / 2,
            ),
            trim,
        )
        if kind == 1 or rng.uniform() < 0.0:
            b.add(
                f"{name} ear",
                blob(0.02, (side * (hw * 0.48 + 0.055), 0, low + hh * 0.5), detail=2),
                glow,
            )
    count = int(rng.integers(4, 7))
    for i in range(count):
        x = (i - (count - 1) / 2) * hw * 0.5 / count
        b.add(
            "mouth",
            brick((hw * 0.3 / count, 0.03, hh * 0.16), (x, y, low + hh * 0.28), 0.006),
            steel,
        )
    antennas = (
        [(0.0, "antenna")]
        if rng.uniform() < 0.6
        else [(-0.25, "left antenna"), (0.25, "right antenna")]
    )
    peak = low + hh * (1.15 if kind == 1 else 1.0)
    for x, name in antennas:
        tip = rng.uniform(0.1, 0.18)
        start = peak - (0.09 if x and kind == 1 else 0.02)
        b.add(
            name, place(rod(0.011, -0.02, tip, sections=16), (x * hw, 0, start), ry=x * 0.6), steel
        )
        end = (x * hw + np.sin(x * 0.6) * tip, 0, start + tip)
        b.add(name, blob(rng.uniform(0.022, 0.034), end), glow)
    shoulder = top - tall * 0.16
    for side, name in ((-1, "left"), (1, "right")):
        joint = np.array([side * (wide / 2 + 0.03), 0, shoulder])
        b.add(f"{name} arm", blob(0.068, joint), trim)
        lift = rng.uniform(-0.1, 0.5) if rng.uniform() < 0.8 else 2.2
        elbow = joint + np.array([side * 0.09, -0.02, -0.13])
        hand = elbow + 0.18 * np.array([side * 0.15, -np.cos(lift - 0.7) * 0.9, -0.6 + lift * 0.5])
        arm = curve([joint, elbow, hand], 30)
        b.add(f"{name} arm", sweep(arm, 0.036, 16), steel)
        for k in range(4, 28, 4):
            b.add(
                f"{name} arm",
                aim(ring(0.037, 0.011, 0.012, 0, 20, 10), arm[k], arm[k + 1] - arm[k]),
                steel,
            )
        way = (arm[-1] - arm[-2]) / np.linalg.norm(arm[-1] - arm[-2])
        b.add(f"{name} hand", aim(rod(0.056, -0.02, 0.035, 0.01), hand, way), trim)
        claw = curve([(0.0, 0.03), (0.065, 0.05), (0.06, 0.12), (0.02, 0.15)], 14)
        for turn in (0.0, np.pi):
            finger = np.column_stack([claw[:, 0] * np.cos(turn), 0 * claw[:, 0], claw[:, 1]])
            b.add(
                f"{name} hand",
                aim(sweep(finger, np.linspace(0.02, 0.013, 14), 14), hand, way),
                trim,
            )
    return finish(rng, b)


def _light_bulb(rng: Rng) -> Shape:
    b = ShapeBuilder()
    kind = int(rng.integers(4))
    r = rng.uniform(0.24, 0.3)
    base, neck = rng.uniform(0.085, 0.11), 0.13
    start = 0.27
    tall = [rng.uniform(0.55, 0.66), 2.15 * r, rng.uniform(0.6, 0.75), rng.uniform(0.65, 0.85)][
        kind
    ]
    if kind == 2:
        r *= 0.62
    if kind == 3:
        r *= 0.75
    z = [
        [(neck, 0), (neck * 1.25, 0.18), (r * 0.9, 0.48), (r, 0.68), (r * 0.72, 0.92), (0, 1)],
        [(neck, 0), (neck * 1.1, 0.05), (r * 0.86, 0.28), (r, 0.52), (r * 0.78, 0.84), (0, 1)],
        [(neck * 0.8, 0), (r * 0.85, 0.16), (r, 0.32), (r * 0.6, 0.66), (r * 0.2, 0.93), (0, 1)],
        [(neck, 0), (r * 0.92, 0.14), (r, 0.3), (r, 0.72), (r * 0.7, 0.93), (0, 1)],
    ][kind]
    rows = curve(np.array(z) * (1, tall), 44)
    rows[-1, 0] = 0
    rows[:, 1] += start
    clear = rng.uniform() < 0.4
    tints = {
        "frosted": (0.87, 0.85, 0.78), "warm": (0.88, 0.7, 0.32), "red": (0.7, 0.05, 0.04), "blue": (0.06, 0.2, 0.65),
        "green": (0.07, 0.45, 0.12), "pink": (0.85, 0.3, 0.4),
    }  # fmt: skip
    name = "clear" if clear else str(rng.choice(list(tints), p=[0.3, 0.3, 0.1, 0.1, 0.1, 0.1]))
    colour = (0.92, 0.9, 0.85) if clear else tints[name]
    glass = Material(
        f"{name} glass",
        shade(rng, colour, 0.06),
        0.0,
        0.05 if clear else 0.25,
        0.9 if clear else 0.0,
    )
    if clear:
        outer = np.concatenate([[(0, start)], rows])
        hollow = (outer - [0, start + 0.4 * tall]) * 0.955 + [0, start + 0.4 * tall]
        b.add("glass", cut(lathe(outer, 64), lathe(hollow, 64)), glass)
    else:
        b.add("glass", lathe(np.concatenate([[(0, start)], rows]), 64), glass)
    tin = metal(rng, str(rng.choice(["steel", "brass"])))
    black = plain("black insulator", (0.02, 0.02, 0.022), 0.35)
    wide = neck * rng.uniform(0.85, 0.95)
    b.add(
        "collar",
        lathe(
            fillet(
                [(0, 0.24), (wide, 0.24), (neck * 1.04, 0.27), (neck * 1.06, 0.305), (0, 0.305)],
                0.012,
            )
        ),
        tin,
    )
    b.add("screw base", rod(wide, 0.075, 0.25, 0.01), tin)
    turns = rng.uniform(3, 4.5)
    a = np.linspace(0, 2 * np.pi * turns, int(turns * 30))
    line = np.column_stack([wide * np.cos(a), wide * np.sin(a), 0.09 + 0.14 * a / a[-1]])
    b.add("screw base", sweep(line, 0.14 / turns * 0.4, 12), tin)
    b.add(
        "insulator",
        lathe(fillet([(0, 0.03), (base * 0.6, 0.03), (wide * 0.95, 0.08), (0, 0.08)], 0.012)),
        black,
    )
    b.add(
        "contact",
        rod(base * 0.5, 0, 0.04, 0.012),
        metal(rng, "brass") if tin.name == "steel" else metal(rng, "steel"),
    )
    if clear:
        support = plain("glass mount", (0.75, 0.78, 0.78), 0.2)
        high = start + tall * rng.uniform(0.38, 0.5)
        b.add(
            "mount",
            lathe(
                fillet(
                    [
                        (0, start - 0.02),
                        (0.07, start - 0.02),
                        (0.03, start + 0.1),
                        (0.02, high - 0.06),
                        (0, high - 0.06),
                    ],
                    0.02,
                )
            ),
            support,
        )
        glow = plain("filament", (0.9, 0.42, 0.05), 0.3)
        span = min(r * 0.5, 0.11)
        for side, part in ((-1, "left wire"), (1, "right wire")):
            wire = curve(
                [
                    (0, 0, high - 0.1),
                    (side * span * 0.6, 0, high - 0.05),
                    (side * span, 0, high + 0.06),
                ],
                16,
            )
            b.add(part, sweep(wire, 0.007, 10), tin)
        t = np.linspace(0, 1, 150)
        arc = span * (2 * t - 1)
        spring = np.column_stack(
            [
                arc,
                0.013 * np.cos(44 * t),
                high + 0.06 + 0.06 * np.sin(np.pi * t) + 0.013 * np.sin(44 * t),
            ]
        )
        b.add("filament", sweep(spring, 0.0065, 8), glow)
    else:
        stripe = float(np.interp(start + tall * 0.1, rows[:20, 1], rows[:20, 0]))
        b.add("neck ring", ring(stripe, 0.008, 0.012, start + tall * 0.1), tin)
    return finish(rng, b)


PIECES: dict[str, list[tuple[float, float]]] = {
    "pawn": [(0.14, 0.16), (0.085, 0.3), (0.065, 0.42), (0.06, 0.48)],
    "rook": [(0.17, 0.16), (0.125, 0.28), (0.11, 0.46), (0.125, 0.54)],
    "bishop": [(0.16, 0.16), (0.09, 0.32), (0.065, 0.5), (0.075, 0.6)],
    "queen": [(0.17, 0.16), (0.1, 0.34), (0.075, 0.56), (0.1, 0.7)],
    "king": [(0.175, 0.16), (0.105, 0.34), (0.08, 0.58), (0.1, 0.72)],
}
HORSE = [(-0.17, 0.0), (0.16, 0.0), (0.17, 0.1), (0.1, 0.22), (0.06, 0.31), (0.12, 0.34), (0.2, 0.28), (0.27, 0.26),
         (0.3, 0.31), (0.27, 0.4), (0.2, 0.48), (0.1, 0.57), (0.06, 0.67), (0.01, 0.58), (-0.1, 0.53), (-0.18, 0.42),
         (-0.2, 0.28), (-0.17, 0.14)]  # fmt: skip


def _chess_piece(rng: Rng) -> Shape:
    b = ShapeBuilder()
    if rng.uniform() < 0.65:
        dark = rng.uniform() < 0.5
        main = wood(rng, "walnut") if dark else wood(rng, "maple", "beech")
    else:
        main = paints(rng, 1, "lacquer", 0.2)[0]
    felt = Material("felt", paints(rng, 1, names=["green", "red", "blue"])[0].base_color, 0.0, 0.9)
    trim = metal(rng, "gold") if rng.uniform() < 0.3 else main
    kind = str(rng.choice([*PIECES, "knight"]))
    stout, lift = rng.uniform(0.85, 1.2), rng.uniform(0.9, 1.12)
    foot = 0.23 * stout
    b.add("felt", rod(foot * 0.94, 0, 0.02), felt)
    base = [
        (0, 0.012),
        (foot, 0.012),
        (foot * 1.02, 0.05),
        (foot * 0.97, 0.08),
        (foot * 0.78, 0.11),
        (foot * 0.8, 0.135),
        (foot * 0.7, 0.17),
        (0, 0.17),
    ]
    b.add("base", lathe(fillet(base, 0.02)), main)
    b.add("base ring", ring(foot * 0.8, 0.02, 0.016, 0.125), trim)
    if kind == "knight":
        size = rng.uniform(0.9, 1.05)
        jitter = (
            np.array(HORSE) * (size * stout, size * lift)
            + [0, 0.15]
            + rng.normal(0, 0.006, (18, 2))
        )
        horse = warp(slab(outline(jitter, 0.07), 0.19 * stout, 0.06),
                     lambda p: p * np.column_stack([np.ones(len(p)), 1 - 0.55 * np.clip((p[:, 2] - 0.3) / 0.6, 0, 0.7), np.ones(len(p))]))  # fmt: skip
        b.add("head", horse, main)

        def at(x: float, z: float) -> tuple[float, float]:
            return x * size * stout, z * size * lift + 0.15

        for side, name in ((-1, "left"), (1, "right")):
            half = 0.095 * stout
            x, z = at(0.11, 0.45)
            thin = 1 - 0.55 * np.clip((z - 0.3) / 0.6, 0, 0.7)
            b.add(
                f"{name} eye",
                blob((0.024, 0.016, 0.024), (x, side * half * thin, z), detail=2),
                felt,
            )
            x, z = at(0.25, 0.32)
            b.add(
                f"{name} nostril",
                blob((0.014, 0.012, 0.014), (x, side * half * 0.8, z), detail=2),
                felt,
            )
            x, z = at(0.035, 0.6)
            ear = warp(blob((0.03, 0.022, 0.085)), lambda p: p)
            b.add(f"{name} ear", place(ear, (x, side * 0.035 * stout, z + 0.02), ry=-0.15), main)
        for k in range(6):
            x, z = at(
                *[
                    (-0.0, 0.6),
                    (-0.08, 0.54),
                    (-0.15, 0.46),
                    (-0.19, 0.36),
                    (-0.2, 0.26),
                    (-0.18, 0.16),
                ][k]
            )
            b.add(
                "mane",
                blob((0.045, 0.034, 0.06), (x, 0, z), detail=2),
                trim if trim is not main else felt,
            )
        return finish(rng, b)
    rows = curve(np.array(PIECES[kind]) * (stout, lift), 24)
    b.add("body", lathe([(0, rows[0, 1] - 0.01), *rows, (0, rows[-1, 1])]), main)
    r, z = rows[-1]
    b.add(
        "collar",
        lathe(
            fillet(
                [
                    (0, z - 0.03),
                    (r * 1.05, z - 0.02),
                    (r * 1.75, z + 0.012),
                    (r * 1.75, z + 0.03),
                    (r, z + 0.05),
                    (0, z + 0.05),
                ],
                0.015,
            )
        ),
        trim,
    )
    if kind == "pawn":
        size = rng.uniform(0.11, 0.14) * stout
        b.add("head", blob(size, (0, 0, z + 0.03 + size * 0.88), detail=4), main)
    elif kind == "rook":
        wide, high, count = 0.19 * stout, 0.17, int(rng.integers(5, 8))
        b.add(
            "tower",
            lathe(
                fillet(
                    [
                        (0, z),
                        (wide * 0.85, z + 0.03),
                        (wide, z + 0.06),
                        (wide, z + high * 0.62),
                        (0, z + high * 0.62),
                    ],
                    0.015,
                )
            ),
            main,
        )
        for i in range(count):
            a = np.linspace(0, 2 * np.pi / count * 0.62, 8) + i * 2 * np.pi / count
            arc = np.column_stack([np.cos(a), np.sin(a)])
            tooth = Polygon([*(arc * wide), *(arc[::-1] * wide * 0.66)])
            b.add(f"battlement {i + 1}", extrude(tooth, z + high * 0.5, z + high, 0.006), main)
    elif kind == "bishop":
        tall = rng.uniform(0.24, 0.3)
        mitre = lathe(
            np.concatenate(
                [
                    [(0, z + 0.02)],
                    curve(
                        [
                            (0.06, z + 0.03),
                            (0.12 * stout, z + tall * 0.45),
                            (0.03, z + tall),
                            (0, z + tall),
                        ],
                        24,
                    )
                    * (1, 1)
                    + 0,
                ]
            ).clip(0)
        )
        slot = place(
            brick((0.5, 0.5, 0.03), (0.22, 0, 0.1), 0.005), (0, 0, z + tall * 0.45), ry=-0.7
        )
        b.add("mitre", cut(mitre, slot), main)
        b.add("finial", blob(0.033 * stout, (0, 0, z + tall + 0.015)), trim)
    else:
        wide, high = 0.165 * stout, 0.19
        crown = fillet(
            [
                (0, z + 0.02),
                (r * 1.1, z + 0.03),
                (wide, z + high),
                (wide * 0.8, z + high),
                (wide * 0.7, z + high * 0.9),
                (0, z + high * 0.95),
            ],
            0.015,
        )
        b.add("crown", lathe(crown), main)
        if kind == "queen":
            count = int(rng.integers(7, 11))
            for i in range(count):
                a = 2 * np.pi * i / count
                point = (wide * 0.9 * np.cos(a), wide * 0.9 * np.sin(a), z + high + 0.008)
                b.add(f"point {i + 1}", blob(0.03 * stout, point, detail=2), trim)
            b.add("dome", blob((wide * 0.6, wide * 0.6, 0.07), (0, 0, z + high)), main)
            b.add("finial", blob(0.036 * stout, (0, 0, z + high + 0.09)), trim)
        else:
            b.add("dome", blob((wide * 0.85, wide * 0.85, 0.05), (0, 0, z + high)), main)
            arm, thick = rng.uniform(0.055, 0.075) * stout, 0.036
            cross = unary_union(
                [box(-thick / 2, 0, thick / 2, 0.17), box(-arm, 0.08, arm, 0.08 + thick)]
            )
            b.add("cross", slab(translate(cross, 0, z + high + 0.03), thick, 0.006), trim)
    return finish(rng, b)


def _loop(points: Array, count: int = 72) -> Array:
    """A smooth closed curve through plane points."""
    wrapped = np.concatenate([points[-3:], points, points[:4]])
    dense = curve(wrapped, 4000)
    start = int(np.argmin(np.linalg.norm(dense[:1500] - points[0], axis=1)))
    stop = 2000 + int(np.argmin(np.linalg.norm(dense[2000:] - points[0], axis=1)))
    part = dense[start:stop]
    at = np.r_[0, np.cumsum(np.linalg.norm(np.diff(part, axis=0), axis=1))]
    even = np.linspace(0, at[-1], count, endpoint=False)
    return np.column_stack([np.interp(even, at, part[:, k]) for k in range(part.shape[1])])


def _shoe(rng: Rng) -> Shape:
    """A laced shoe, its toe towards x."""
    b = ShapeBuilder()
    upper, trim, accent, sole_paint = paints(rng, 4, "canvas", 0.7)
    white = plain("white rubber", (0.82, 0.81, 0.76), 0.55)
    sole = [white, white, sole_paint, rubber(rng)][rng.integers(4)]
    lace = plain("lace", (0.83, 0.82, 0.78), 0.8) if rng.uniform() < 0.6 else accent
    lining = plain("lining", shade(rng, (0.25, 0.22, 0.2)), 0.9)
    wide, turn = rng.uniform(0.9, 1.1), int(rng.choice([-1, 1]))
    foot = np.array([(0.5, 0.02), (0.46, 0.13), (0.28, 0.185), (0.02, 0.15), (-0.22, 0.135), (-0.42, 0.125), (-0.5, 0.0),
                     (-0.42, -0.125), (-0.22, -0.125), (0.02, -0.13), (0.28, -0.17), (0.44, -0.11)])  # fmt: skip
    plan = _loop(foot * (1, wide * turn)[:2], 96)
    if turn < 0:
        plan = np.roll(plan[::-1], 1, axis=0)
    low = rng.uniform(0.07, 0.13)
    high = rng.uniform(0.26, 0.32) if rng.uniform() < 0.6 else rng.uniform(0.42, 0.55)
    ankle = high > 0.35
    front = -0.16
    knots = np.array([0, 0.12, 0.25, 0.4, 0.62, 1.0]) * (0.27 / high if ankle else 1)
    reach = [1.0, 0.99, 0.94, 0.76, 0.4, 0.16]
    if ankle:
        knots, reach = np.append(knots, [0.75, 1.0]), [*reach[:5], 0.22, 0.13, 0.1]
        knots[5] = 0.62
    from_knots = np.interp

    def ring_at(t: float, grow: float = 0.0) -> Array:
        f = float(np.mean(from_knots(np.linspace(t - 0.06, t + 0.06, 7), knots, reach)))
        slim = 1 - 0.34 * np.clip(t, 0, 1) ** 1.3 * (0.9 if ankle else 1.0)
        x = np.where(plan[:, 0] > front, front + (plan[:, 0] - front) * f, plan[:, 0])
        x = np.where(
            plan[:, 0] <= front, front + (x - front) * (1 + 0.06 * np.sin(np.pi * t) - 0.06 * t), x
        )
        xy = np.column_stack([x, plan[:, 1] * slim])
        if grow:
            xy = xy + grow * (xy - [front, 0]) / np.linalg.norm(
                xy - [front, 0], axis=1, keepdims=True
            )
        tilt = 0.05 * np.clip((front - xy[:, 0]) / 0.3, 0, 1) * t**2
        return np.column_stack([xy, low - 0.02 + (high + 0.02) * t + tilt])

    levels = np.linspace(0, 1, 26)
    outside = [ring_at(t) for t in levels]
    middle = outside[-1].mean(axis=0)
    inside = []
    for s, drop in ((0.93, 0.008), (0.86, 0.0), (0.82, -0.06), (0.8, -0.14)):
        inside.append((outside[-1] - middle) * (s, s, 1) + middle + [0, 0, drop])
    b.add("upper", loft(np.array([*outside, *inside])), upper)
    hole = [
        (outside[-1] - middle) * (s, s, 1) + middle + [0, 0, d]
        for s, d in ((0.835, -0.01), (0.815, -0.135), (0.75, -0.135), (0.77, -0.01))
    ]
    b.add("lining", loft(np.array(hole), True), lining)
    b.add("lining", place(blob((0.16, 0.08, 0.02), (middle[0], 0, middle[2] - 0.135))), lining)
    collar = (outside[-1] - middle) * (0.92, 0.92, 1) + middle
    b.add("collar", sweep(collar, 0.024, 16, closed=True), trim)
    solid = loft(np.array([ring_at(t, 0.012) for t in levels]))
    shape = Polygon(plan)
    fat = shape.buffer(0.02)
    b.add("sole", extrude(fat.simplify(0.002), 0.018, low, 0.012), sole)
    b.add(
        "outsole",
        extrude(shape.buffer(0.014).simplify(0.002), 0, 0.03, 0.006),
        trim if sole is not trim else accent,
    )
    line = np.array(fat.simplify(0.002).exterior.coords)[:-1]
    seam = np.column_stack([_loop(line, 120), np.full(120, low * 0.62)])
    b.add("sole stripe", sweep(seam, 0.009, 12, closed=True), accent)

    def patch(part: str, tool: Mesh, paint: Material) -> None:
        b.add(part, common(solid, tool), paint)

    if rng.uniform() < 0.75:
        patch("toe cap", brick((1, 1, 1), (rng.uniform(0.28, 0.34) + 0.5, 0, low + 0.2), 0.05),
              white if rng.uniform() < 0.4 else trim)  # fmt: skip
    patch(
        "heel tab",
        brick((0.3, 0.3, 2), (-0.4 - 0.15 + rng.uniform(-0.02, 0.03), 0, 0.5), 0.03),
        trim,
    )
    kind = int(rng.integers(3))
    if kind < 2:
        for i in range(1 + 2 * kind):
            band = oblong(0.055, 0.34, 0.0 + 0.01)
            bar = place(slab(band, 1), (-0.2 + 0.1 * i, 0, low + 0.1), ry=0.45)
            patch(
                f"stripe {i + 1}",
                common(bar, brick((1, 1, 0.25), (0, 0, low + 0.085), 0.01)),
                accent,
            )
    else:
        for side, name in ((-1, "left"), (1, "right")):
            star = scale(disc(0.055), 1, 1)
            spot = slab(translate(star, -0.14, low + high * 0.42), 0.4, 0.0, side * 0.2)
            patch(f"{name} badge", spot, accent)
    near = np.roll(np.arange(96), 48)
    peak = ring_at(1.0)
    top_x = peak[:, 0].max()
    spots = np.linspace(0.4, 0.94, 12) if not ankle else np.linspace(0.2, 0.97, 14)
    ridge = []
    for t in spots:
        now = ring_at(float(t))
        ridge.append(now[np.argmax(now[:, 0])] + [0.004, 0, 0])
    ridge.append(np.array([top_x + 0.012, 0, peak[:, 2].max() * 0 + low + high + 0.06]))
    tongue = curve(np.array(ridge), 30)
    b.add(
        "tongue",
        sweep(
            tongue,
            np.column_stack([np.linspace(0.045, 0.062, 30), np.full(30, 0.012)]),
            up=(1, 0, 0.4),
        ),
        trim,
    )
    count = int(rng.integers(4, 6)) + (2 if ankle else 0)
    del near
    for t in np.linspace(spots[1], 0.92, count):
        now = ring_at(float(t), 0.016)
        head = now[:, 0] > front
        side = now[head]
        side = side[np.argsort(side[:, 1])]
        keep = side[np.abs(side[:, 1]) < 0.085]
        if len(keep) > 3:
            line3 = curve(keep, 24) + [0.008, 0, 0.006]
            b.add("laces", sweep(line3, 0.0125, 12), lace)
    knot = np.array([tongue[-7][0] + 0.035, 0, tongue[-7][2] - 0.0])
    b.add("bow", blob(0.026, knot), lace)
    for side, name in ((-1, "left"), (1, "right")):
        loop = curve(
            [
                knot,
                knot + [0.03, side * 0.07, 0.035],
                knot + [0.05, side * 0.13, 0.0],
                knot + [0.05, side * 0.08, -0.04],
                knot,
            ],
            26,
        )
        b.add(f"{name} lace loop", sweep(loop, 0.0115, 10), lace)
        end = curve([knot, knot + [0.04, side * 0.04, -0.03], knot + [0.09, side * 0.06, -0.1]], 12)
        b.add(f"{name} lace loop", sweep(end, 0.0105, 10), lace)
    return finish(rng, b)


def _hat(rng: Rng) -> Shape:
    b = ShapeBuilder()
    felt, band, trim = paints(rng, 3, "felt", 0.8)
    gold = metal(rng, "gold")
    kind = ["top", "bowler", "cowboy", "witch", "cap", "beanie", "sun", "party"][rng.integers(8)]
    if kind == "top" and rng.uniform() < 0.5:
        felt = plain("black felt", (0.025, 0.025, 0.03), 0.6)
    if kind == "sun":
        felt = plain("straw", shade(rng, (0.72, 0.5, 0.2)), 0.8)
    long = rng.uniform(1.05, 1.2) if kind in ("cowboy", "cap", "bowler", "sun") else 1.0
    r = rng.uniform(0.23, 0.27)

    def oval(mesh: Mesh) -> Mesh:
        return warp(mesh, lambda p: p * (long, 1, 1))

    def ribbon(low: float, high: float, below: float, above: float, paint: Material) -> None:
        rows = [
            (below - 0.02, low),
            (below + 0.012, low),
            (above + 0.012, high),
            (above - 0.02, high),
        ]
        b.add("band", oval(lathe(fillet(rows, 0.006, closed=True), 72)), paint)

    if kind in ("top", "bowler", "cowboy", "sun", "witch"):
        far = (
            {"top": 1.55, "bowler": 1.45, "cowboy": 1.95, "sun": 2.1, "witch": 2.0}[kind]
            * r
            * rng.uniform(0.95, 1.08)
        )
        curl = {"top": 0.1, "bowler": 0.07, "cowboy": 0.2, "sun": -0.07, "witch": 0.04}[
            kind
        ] * rng.uniform(0.8, 1.2)
        floppy = int(rng.integers(3, 6))

        def lift(s: Array, a: Array) -> Array:
            edge = np.clip((s * far - r) / (far - r), 0, 1) ** 1.6
            if kind in ("sun", "witch"):
                return edge * curl * (1 + 0.5 * np.sin(floppy * a)) + (0.07 if curl < 0 else 0)
            return edge * curl * (np.sin(a) ** 2 * 1.3 - 0.3)

        brim = sheet(lambda a: far + 0 * a, lift, 0.03, 96, 14)
        b.add("brim", oval(brim), felt)
        base = 0.08 if kind == "sun" else 0.0
    if kind == "top":
        tall, flare = rng.uniform(0.38, 0.6), rng.uniform(1.0, 1.18)
        rows = curve([(r, -0.01), (r * 0.96, tall * 0.5), (r * flare, tall)], 16)
        b.add("crown", lathe(fillet([(0, -0.01), *rows, (0, tall)], 0.025), 72), felt)
        ribbon(0.01, 0.1, r, r * 0.985, band)
        bow = [(0, -r, 0.055)]
        b.add(
            "buckle",
            place(brick((0.09, 0.03, 0.1), (0, 0, 0), 0.01), (bow[0][0], -r - 0.005, 0.055)),
            gold if rng.uniform() < 0.5 else trim,
        )
    elif kind in ("bowler", "sun"):
        tall = rng.uniform(0.27, 0.34)
        rows = curve(
            [
                (r, base - 0.01),
                (r * 0.98, base + tall * 0.45),
                (r * 0.7, base + tall * 0.9),
                (0, base + tall),
            ],
            24,
        )
        rows[-1, 0] = 0
        b.add("crown", oval(lathe([(0, base - 0.01), *rows], 72)), felt)
        ribbon(base + 0.005, base + 0.075, r, r * 1.0, band)
        if kind == "sun":
            petals, size = int(rng.integers(5, 8)), 0.075
            at = np.array([0.02, -r - 0.015, base + 0.06])
            for i in range(petals):
                a = 2 * np.pi * i / petals
                petal = blob(
                    (0.042, 0.018, 0.042),
                    at + [size * 0.75 * np.cos(a), 0, size * 0.75 * np.sin(a)],
                    detail=2,
                )
                b.add(f"petal {i + 1}", petal, trim)
            b.add(
                "flower centre",
                blob((0.038, 0.03, 0.038), at),
                gold if rng.uniform() < 0.3 else band,
            )
        else:
            b.add("ribbon bow", blob((0.06, 0.022, 0.035), (-0.05, -r - 0.005, 0.04)), trim)
            b.add("ribbon bow", blob((0.06, 0.022, 0.035), (0.05, -r - 0.005, 0.04)), trim)
            b.add("ribbon bow", blob((0.022, 0.028, 0.026), (0, -r - 0.008, 0.04)), band)
    elif kind == "cowboy":
        tall, dent = rng.uniform(0.3, 0.38), rng.uniform(0.08, 0.12)
        rows = curve(
            [
                (r, -0.01),
                (r * 0.93, tall * 0.5),
                (r * 0.82, tall * 0.88),
                (r * 0.55, tall),
                (0, tall),
            ],
            30,
        )
        rows[-1, 0] = 0

        def crease(p: Array) -> Array:
            high = np.clip(p[:, 2] / tall, 0, 1) ** 3
            z = p[:, 2] - dent * high * np.exp(-((p[:, 1] / 0.07) ** 2))
            pinch = 1 - 0.3 * high * np.clip(p[:, 0] / r, -0.2, 1)
            return np.column_stack([p[:, 0], p[:, 1] * pinch, z])

        b.add("crown", oval(warp(lathe([(0, -0.01), *rows], 72), crease)), felt)
        ribbon(0.01, 0.065, r, r * 0.985, band)
        b.add(
            "badge",
            place(
                extrude(
                    outline(
                        [
                            (
                                0.07 * (1 if k % 2 == 0 else 0.5) * np.cos(k * np.pi / 5),
                                0.07 * (1 if k % 2 == 0 else 0.5) * np.sin(k * np.pi / 5),
                            )
                            for k in range(10)
                        ],
                        0.008,
                    ),
                    -0.02,
                    0.02,
                    0.005,
                ),
                (0, -r - 0.002, 0.09),
                rx=np.pi / 2,
            ),
            gold,
        )
    elif kind == "witch":
        tall, bend = rng.uniform(0.6, 0.85), rng.uniform(0.1, 0.35)
        path = curve(
            [
                (0, 0, 0),
                (0.01, 0, tall * 0.4),
                (bend * 0.3, 0, tall * 0.75),
                (bend, 0, tall * rng.uniform(0.9, 1.0)),
            ],
            40,
        )
        t = np.linspace(0, 1, 40)
        b.add("crown", sweep(path, r * (1 - t) ** 0.85 + 0.015, 48, up=(0, 1, 0)), felt)
        ribbon(0.015, 0.1, r * 1.0, r * 0.9, band)
        frame = extrude(
            oblong(0.12, 0.11, 0.015).difference(oblong(0.07, 0.06, 0.01)), -0.02, 0.02, 0.005
        )
        b.add("buckle", place(frame, (0, -r * 0.97 - 0.002, 0.057), rx=np.pi / 2 + 0.1), gold)
        b.add("tip", blob(0.03, path[-1]), trim)
    elif kind == "cap":
        tall = rng.uniform(0.24, 0.3)
        rows = curve([(r, 0), (r * 0.97, tall * 0.45), (r * 0.68, tall * 0.87), (0, tall)], 24)
        rows[-1, 0] = 0
        b.add("crown", oval(lathe([(0, 0), *rows], 72)), felt)
        for i in range(3):
            a = i * np.pi / 3
            both = np.concatenate([rows[1:-1], (rows[-2:0:-1] * (-1, 1))])
            line = np.column_stack(
                [both[:, 0] * np.cos(a) * long, both[:, 0] * np.sin(a), both[:, 1]]
            )
            b.add("seams", sweep(line, 0.007, 8), trim)
        b.add("button", blob((0.03, 0.03, 0.018), (0, 0, tall)), band)
        reach = rng.uniform(0.2, 0.27)
        visor = sheet(lambda a: 1 + 0 * a, lambda s, a: 0 * s, 0.025, 72, 10)
        b.add("visor", warp(visor, lambda p: np.column_stack([
            (r * long * 0.75 + (p[:, 0] + 1) * (reach + 0.25 * r * long) / 2), p[:, 1] * r * 1.0,
            p[:, 2] + 0.03 - 0.05 * (p[:, 1]) ** 2 * 1.0])), band)  # fmt: skip
        ribbon(0.0, 0.035, r, r, band)
        b.add(
            "logo",
            place(
                rod(0.06, -0.03, 0.012, 0.006),
                (r * long * 0.95, 0, tall * 0.5),
                ry=np.pi / 2 - 0.25,
            ),
            trim,
        )
    elif kind == "beanie":
        tall, ribs = rng.uniform(0.34, 0.42), int(rng.integers(28, 44))
        rows = curve([(r, 0.05), (r * 1.02, tall * 0.4), (r * 0.75, tall * 0.85), (0, tall)], 24)
        rows[-1, 0] = 0

        def knit(p: Array) -> Array:
            wave = 1 + 0.018 * np.cos(ribs * np.arctan2(p[:, 1], p[:, 0]))
            return p * np.column_stack([wave, wave, np.ones(len(p))])

        b.add("crown", warp(lathe([(0, 0.05), *rows], ribs * 4), knit), felt)
        cuff = fillet(
            [(r * 0.85, 0), (r * 1.1, 0), (r * 1.12, 0.12), (r * 0.9, 0.12)], 0.03, closed=True
        )
        b.add("cuff", warp(lathe(cuff, ribs * 4), knit), band)
        b.add(
            "pompom",
            bumpy(rng, blob(rng.uniform(0.08, 0.11), (0, 0, tall + 0.055), detail=4), 0.05, 75),
            trim,
        )
    else:
        tall = rng.uniform(0.55, 0.75)
        b.add("cone", lathe([(0, 0), (r, 0), (0.02, tall), (0, tall)]), felt)
        for level in np.linspace(0.12, 0.8, 6):
            count = max(int(round(9 * (1 - level))), 3)
            for k in range(count):
                a = 2 * np.pi * (k + level * 3.3) / count
                here = (r - 0.02) * (1 - level) + 0.02
                dot = aim(
                    blob((0.028, 0.028, 0.012), detail=2),
                    (here * np.cos(a), here * np.sin(a), level * tall),
                    (np.cos(a), np.sin(a), r / tall),
                )
                b.add("dots", dot, trim)
        for k in range(16):
            a = k * np.pi / 8
            b.add("trim", blob(0.052, (r * np.cos(a), r * np.sin(a), 0.045), detail=2), band)
        b.add(
            "pompom",
            bumpy(rng, blob(rng.uniform(0.06, 0.08), (0, 0, tall + 0.02), detail=4), 0.04, 90),
            band,
        )
    return finish(rng, b)


THINGS: dict[str, Callable[[Rng], Shape]] = {
    "hammer": _hammer,
    "key": _key,
    "robot": _robot,
    "shoe": _shoe,
    "hat": _hat,
    "light_bulb": _light_bulb,
    "chess_piece": _chess_piece,
}
