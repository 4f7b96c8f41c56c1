"""Procedural toy animals, all facing +x."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from datagen.builtin.builder import ShapeBuilder
from datagen.builtin.solids import (
    COLOURS,
    Material,
    Mesh,
    Rng,
    Shape,
    Vector,
    blob,
    bumpy,
    curve,
    finish,
    flip,
    paints,
    place,
    plain,
    scatter,
    shade,
    sweep,
)

SIDES = ((1, "left"), (-1, "right"))
BLACK = plain("black", (0.015, 0.015, 0.017), 0.2)
WHITE = plain("white", (0.82, 0.82, 0.8), 0.4)


def tube(points: Sequence[Vector], radii: Sequence[float], count: int = 24) -> Mesh:
    """A round-ended limb along a spline, its radius a spline too."""
    rows = curve(np.column_stack([np.array(points, float), np.array(radii, float)]), count)
    return sweep(rows[:, :3], np.maximum(rows[:, 3], 0.004), 24)


def pair(b: ShapeBuilder, name: str, mesh: Mesh, material: Material) -> None:
    """The given left piece and its mirror image."""
    b.add(f"left {name}", mesh, material)
    b.add(f"right {name}", flip(mesh), material)


def eyes(b: ShapeBuilder, at: Vector, size: float) -> None:
    """White balls with pupils at the given left position and its mirror image."""
    x, y, z = at
    out = np.array([0.75, 0.55, 0.15])
    pupil = np.array(at) + out / np.linalg.norm(out) * size * 0.62
    pair(b, "eye", blob(size, (x, y, z)), WHITE)
    pair(b, "eye", blob(size * 0.55, pupil.tolist()), BLACK)


def legs(
    b: ShapeBuilder, xs: tuple[float, float], y: float, top: float, r: float,
    skin: Material, foot: Material,
) -> None:  # fmt: skip
    """Four legs from z = top to the ground, the fore pair at xs[0]."""
    for x, name in zip(xs, ("front", "hind"), strict=True):
        limb = tube([(x, y, top), (x, y, top * 0.5), (x, y, r * 0.9)], (r * 1.25, r, r))
        pair(b, f"{name} leg", limb, skin)
        pair(
            b,
            f"{name} leg",
            blob((r * 1.2, r * 1.1, r * 0.62), (x + r * 0.15, y, r * 0.6), 3),
            foot,
        )


def _sheep(rng: Rng) -> Shape:
    b = ShapeBuilder()
    wool = Material(
        "wool",
        shade(rng, COLOURS["cream"] if rng.uniform() < 0.4 else COLOURS["white"], 0.08),
        0.0,
        0.9,
    )
    skin = plain(
        "skin", shade(rng, (0.05, 0.04, 0.04) if rng.uniform() < 0.6 else (0.5, 0.33, 0.22)), 0.6
    )
    long, wide, tall = rng.uniform(0.34, 0.42), rng.uniform(0.22, 0.27), rng.uniform(0.22, 0.26)
    height = rng.uniform(0.42, 0.52)
    body = blob((long, wide, tall), (0, 0, height))
    b.add("body", body, wool)
    curl = rng.uniform(0.075, 0.1)
    for point, normal in scatter(rng, body, 70, curl * 0.9, lambda p, n: True):
        b.add("body", blob(curl, point - normal * curl * 0.35, detail=2), wool)
    head = np.array([long + 0.1, 0, height + rng.uniform(0.12, 0.2)])
    b.add(
        "head",
        tube([head - (0.14, 0, -0.03), head, head + (0.13, 0, -0.07)], (0.1, 0.115, 0.075)),
        skin,
    )
    top = head + np.array([-0.04, 0, 0.1])
    for _ in range(7):
        b.add("tuft", blob(0.055, top + rng.normal(size=3) * (0.03, 0.045, 0.012), detail=2), wool)
    droop = rng.uniform(0.0, 0.07)
    ear = head + np.array([-0.03, 0.09, 0.05])
    pair(
        b,
        "ear",
        tube(
            [ear - (0, 0.03, 0), ear + (0, 0.06, -droop / 2), ear + (-0.01, 0.12, -droop)],
            (0.03, 0.04, 0.015),
        ),
        skin,
    )
    eyes(b, head + (0.065, 0.07, 0.045), 0.03)
    legs(
        b,
        (long * 0.55, -long * 0.55),
        wide * 0.5,
        height - 0.08,
        rng.uniform(0.04, 0.055),
        skin,
        BLACK,
    )
    b.add("tail", blob((0.08, 0.07, 0.1), (-long - 0.02, 0, height + 0.03)), wool)
    return finish(rng, b)


def _penguin(rng: Rng) -> Shape:
    b = ShapeBuilder()
    coat = plain(
        "coat", shade(rng, (0.025, 0.03, 0.05) if rng.uniform() < 0.6 else (0.06, 0.13, 0.27)), 0.45
    )
    orange = plain("beak", shade(rng, (0.85, 0.32, 0.03)), 0.35)
    r, tall = rng.uniform(0.24, 0.3), rng.uniform(0.62, 0.8)
    head = rng.uniform(0.17, 0.21)
    b.add(
        "body",
        tube([(0, 0, r * 0.72), (0, 0, tall * 0.5), (0.01, 0, tall)], (r * 0.9, r, head * 0.8), 32),
        coat,
    )
    b.add("belly", blob((r * 0.72, r * 0.82, tall * 0.42), (r * 0.4, 0, tall * 0.46)), WHITE)
    b.add("head", blob((head, head, head * 0.95), (0.02, 0, tall + head * 0.5)), coat)
    for side, _ in SIDES:
        b.add(
            "face",
            blob(
                (head * 0.5, head * 0.5, head * 0.62),
                (0.02 + head * 0.56, side * head * 0.38, tall + head * 0.45),
            ),
            WHITE,
        )
    eyes(b, (0.02 + head * 0.92, head * 0.42, tall + head * 0.66), head * 0.16)
    beak = tall + head * 0.35
    b.add(
        "beak",
        tube(
            [
                (head * 0.8, 0, beak),
                (head * 1.2, 0, beak - 0.01),
                (head * rng.uniform(1.4, 1.7), 0, beak - 0.03),
            ],
            (head * 0.26, head * 0.18, 0.012),
        ),
        orange,
    )
    lift = rng.uniform(0.08, 0.3)
    wing = blob((0.11, 0.035, tall * 0.3))
    pair(b, "flipper", place(wing, (-0.01, r * 0.92 + lift * 0.2, tall * 0.56), rx=lift), coat)
    pair(b, "foot", blob((0.15, 0.1, 0.04), (0.11, r * 0.48, 0.04)), orange)
    for y in (-0.06, 0.0, 0.06):
        pair(b, "foot", blob((0.05, 0.03, 0.025), (0.25, r * 0.48 + y, 0.03), detail=2), orange)
    b.add(
        "tail",
        tube(
            [(-r * 0.75, 0, 0.16), (-r * 1.15, 0, 0.07)][::-1] + [(-r * 0.5, 0, 0.22)],
            (0.02, 0.06, 0.08),
        ),
        coat,
    )
    if rng.uniform() < 0.5:
        angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        loop = np.column_stack([np.cos(angle), np.sin(angle), 0 * angle]) * head * 0.94 + (
            0.01,
            0,
            tall - 0.01,
        )
        b.add(
            "scarf",
            sweep(loop, 0.045, 16, closed=True),
            paints(rng, 1, "felt", 0.85, ("red", "green", "violet", "yellow"))[0],
        )
    return finish(rng, b)


def _fish(rng: Rng) -> Shape:
    b = ShapeBuilder()
    main, fin, stripe = paints(rng, 3)
    long, deep, wide = rng.uniform(0.36, 0.46), rng.uniform(0.19, 0.29), rng.uniform(0.1, 0.14)
    z = deep + 0.06
    body = blob((long, wide, deep), (0, 0, z), square=2.0, detail=4)
    taper = np.array(body.vertices)
    taper[:, 1:] = (taper[:, 1:] - (0, z)) * np.clip(
        1.05 + 0.45 * taper[:, :1] / long, 0.3, 1.25
    ) + (0, z)
    b.add("body", Mesh(taper, body.faces, process=False), main)
    for x in np.linspace(-0.35, 0.3, int(rng.integers(2, 4))):
        grow = 1.03 * np.sqrt(1 - x * x) * np.clip(1.05 + 0.45 * x, 0.3, 1.25)
        b.add(
            "stripes",
            blob((0.035, wide * grow + 0.006, deep * grow + 0.006), (x * long, 0, z), square=2.4),
            stripe,
        )
    spread = rng.uniform(0.16, 0.24)
    for s in (1, -1):
        lobe = tube(
            [
                (-long * 0.8, 0, z),
                (-long - 0.08, 0, z + s * spread * 0.5),
                (-long - rng.uniform(0.16, 0.2), 0, z + s * spread),
            ],
            (0.05, 0.065, 0.03),
        )
        lobe.vertices[:, 1] *= 0.35
        b.add("tail", lobe, fin)
    back = tube(
        [
            (long * 0.3, 0, z + deep * 0.95),
            (-0.02, 0, z + deep * 1.15),
            (-long * 0.5, 0, z + deep * 0.8),
        ],
        (0.03, rng.uniform(0.07, 0.11), 0.03),
    )
    back.vertices[:, 1] *= 0.25
    b.add("back fin", back, fin)
    side = place(
        blob((0.1, 0.018, 0.06)), (long * 0.2, wide * 1.1, z - deep * 0.2), rz=2.7, ry=-0.4
    )
    pair(b, "side fin", side, fin)
    belly = tube(
        [(0.1, 0, z - deep * 0.9), (-0.02, 0, z - deep * 1.1), (-0.12, 0, z - deep * 1.15)],
        (0.05, 0.05, 0.02),
    )
    belly.vertices[:, 1] *= 0.4
    b.add("belly fin", belly, fin)
    eyes(b, (long * 0.66, wide * 0.72, z + deep * 0.3), 0.045)
    mouth = z - deep * 0.12
    for s in (1, -1):
        b.add("lips", blob((0.04, 0.055, 0.024), (long * 0.98, 0, mouth + s * 0.02)), fin)
    return finish(rng, b)


def _bunny(rng: Rng) -> Shape:
    b = ShapeBuilder()
    fur = plain(
        "fur",
        shade(
            rng,
            [(0.8, 0.78, 0.74), (0.35, 0.22, 0.12), (0.4, 0.4, 0.42), (0.75, 0.55, 0.35)][
                rng.integers(4)
            ],
        ),
        0.85,
    )
    pink = plain("pink", shade(rng, (0.8, 0.35, 0.36)), 0.6)
    r = rng.uniform(0.22, 0.27)
    b.add(
        "body",
        tube([(-0.06, 0, r * 0.9), (0, 0, r * 1.3), (0.05, 0, r * 2.0)], (r, r * 0.92, r * 0.55)),
        fur,
    )
    head = np.array([0.1, 0, r * 2.5])
    size = rng.uniform(0.17, 0.2)
    b.add("head", blob((size * 1.05, size * 0.95, size * 0.92), head.tolist()), fur)
    long, tilt = rng.uniform(0.24, 0.38), rng.uniform(0.02, 0.12)
    root = head + np.array([-0.04, size * 0.42, size * 0.7])
    ear = [root, root + (-0.02, tilt * 0.4, long * 0.5), root + (-0.05, tilt, long)]
    flap = tube([p.tolist() for p in ear], (0.04, 0.062, 0.02))
    pair(b, "ear", flap, fur)
    inner = [p + np.array([0.035, 0, 0.02]) for p in ear[:2]] + [ear[2] + (0.015, 0, -0.06)]
    pair(b, "ear", tube([p.tolist() for p in inner], (0.02, 0.036, 0.012)), pink)
    eyes(b, head + (size * 0.74, size * 0.5, size * 0.22), size * 0.17)
    pair(
        b,
        "cheek",
        blob(size * 0.36, (head + (size * 0.8, size * 0.24, -size * 0.3)).tolist()),
        WHITE,
    )
    b.add(
        "nose", blob((0.03, 0.035, 0.025), (head + (size * 1.08, 0, -size * 0.05)).tolist()), pink
    )
    pair(b, "foot", blob((r * 0.75, r * 0.32, r * 0.26), (r * 0.62, r * 0.6, r * 0.26)), fur)
    pair(b, "thigh", blob((r * 0.62, r * 0.4, r * 0.6), (-0.03, r * 0.72, r * 0.66)), fur)
    pair(
        b,
        "paw",
        tube(
            [
                (r * 0.5, r * 0.42, r * 1.5),
                (r * 0.95, r * 0.4, r * 1.15),
                (r * 1.15, r * 0.3, r * 1.05),
            ],
            (r * 0.24, r * 0.22, r * 0.2),
        ),
        fur,
    )
    b.add("tail", blob(r * 0.38, (-r * 1.2, 0, r * 0.7)), WHITE)
    if rng.uniform() < 0.4:
        orange, green = (
            plain("carrot", shade(rng, COLOURS["orange"])),
            plain("leaf", shade(rng, COLOURS["green"])),
        )
        x, z = r * 1.3, r * 1.1
        b.add(
            "carrot",
            tube(
                [(x, 0, z - r * 0.8), (x, 0, z), (x, 0, z + r * 0.3)], (0.012, r * 0.24, r * 0.26)
            ),
            orange,
        )
        for y in (-1, 0, 1):
            b.add(
                "carrot leaf",
                tube(
                    [(x, 0, z + r * 0.45), (x, y * 0.04, z + r * 0.8), (x, y * 0.06, z + r * 0.95)],
                    (0.016, 0.022, 0.01),
                ),
                green,
            )
    return finish(rng, b)


def _pig(rng: Rng) -> Shape:
    b = ShapeBuilder()
    skin = plain("skin", shade(rng, (0.82, 0.38, 0.36)), 0.5)
    dark = plain("snout", shade(rng, (0.7, 0.2, 0.22)), 0.5)
    long, r, height = rng.uniform(0.34, 0.42), rng.uniform(0.23, 0.28), rng.uniform(0.34, 0.4)
    b.add("body", blob((long, r, r), (0, 0, height), square=2.3), skin)
    head = np.array([long * 0.95, 0, height + 0.1])
    size = rng.uniform(0.17, 0.2)
    b.add("head", blob((size, size * 1.05, size), head.tolist()), skin)
    x = head[0] + size
    b.add(
        "snout",
        tube(
            [
                (x - 0.1, 0, head[2] - 0.04),
                (x + 0.01, 0, head[2] - 0.045),
                (x + 0.05, 0, head[2] - 0.045),
            ],
            (0.1, 0.085, 0.08),
        ),
        dark,
    )
    for y in (-0.032, 0.032):
        b.add("snout", blob((0.02, 0.018, 0.026), (x + 0.12, y, head[2] - 0.04), detail=2), BLACK)
    ear = head + np.array([0, size * 0.62, size * 0.72])
    lobe = tube(
        [
            (ear - (0.02, 0, 0.04)).tolist(),
            (ear + (0.02, 0.04, 0.06)).tolist(),
            (ear + (0.09, 0.05, 0.09)).tolist(),
        ],
        (0.07, 0.06, 0.012),
    )
    pair(b, "ear", lobe, dark)
    eyes(b, head + (size * 0.76, size * 0.55, size * 0.38), 0.028)
    legs(
        b,
        (long * 0.58, -long * 0.58),
        r * 0.55,
        height - 0.08,
        rng.uniform(0.06, 0.075),
        skin,
        dark,
    )
    t = np.linspace(0, 1, 20)
    turn = 2 * np.pi * rng.uniform(1.3, 1.8) * t
    curl = np.column_stack(
        [-long * 0.97 - 0.16 * t, 0.045 * np.sin(turn), height + 0.06 + 0.045 * (1 - np.cos(turn))]
    )
    b.add("tail", sweep(curl, np.linspace(0.022, 0.012, 20), 16), dark)
    if rng.uniform() < 0.5:
        body = blob((long, r, r), (0, 0, height), square=2.3)
        patch = plain("patch", shade(rng, (0.25, 0.1, 0.08)), 0.5)
        for point, normal in scatter(rng, body, 4, 0.25, lambda p, n: n[2] > -0.2):
            b.add("patches", blob(rng.uniform(0.06, 0.1), point - normal * 0.045), patch)
    return finish(rng, b)


def _elephant(rng: Rng) -> Shape:
    b = ShapeBuilder()
    grey = plain(
        "skin", shade(rng, (0.3, 0.32, 0.36) if rng.uniform() < 0.7 else (0.25, 0.38, 0.55)), 0.6
    )
    inner = plain("inner ear", shade(rng, (0.72, 0.4, 0.42)), 0.6)
    ivory = plain("ivory", (0.8, 0.74, 0.6), 0.3)
    long, r, height = rng.uniform(0.34, 0.4), rng.uniform(0.25, 0.29), rng.uniform(0.46, 0.52)
    b.add("body", blob((long, r, r * 1.05), (0, 0, height), square=2.4), grey)
    head = np.array([long + 0.06, 0, height + 0.16])
    b.add("head", blob((0.2, 0.19, 0.21), head.tolist()), grey)
    drop = rng.uniform(0.3, 0.42)
    lift = rng.uniform(0.05, 0.22)
    trunk = [
        head + (0.1, 0, -0.02),
        head + (0.26, 0, -drop * 0.45),
        head + (0.29, 0, -drop),
        head + (0.4, 0, -drop + lift),
    ]
    b.add("trunk", tube([p.tolist() for p in trunk], (0.11, 0.075, 0.06, 0.045), 36), grey)
    ear = place(
        blob((0.045, rng.uniform(0.17, 0.21), 0.2)), (head + (-0.06, 0.27, 0.03)).tolist(), rz=0.5
    )
    pair(b, "ear", ear, grey)
    pair(
        b,
        "ear",
        place(blob((0.03, 0.14, 0.15)), (head + (-0.035, 0.265, 0.03)).tolist(), rz=0.5),
        inner,
    )
    tusk = [
        head + (0.14, 0.1, -0.08),
        head + (0.24, 0.12, -0.17),
        head + (rng.uniform(0.32, 0.4), 0.11, -0.16),
    ]
    pair(b, "tusk", tube([p.tolist() for p in tusk], (0.03, 0.027, 0.01)), ivory)
    eyes(b, head + (0.145, 0.125, 0.06), 0.024)
    legs(
        b, (long * 0.6, -long * 0.6), r * 0.55, height - 0.12, rng.uniform(0.085, 0.1), grey, ivory
    )
    b.add(
        "tail",
        tube(
            [
                (-long * 0.95, 0, height + 0.08),
                (-long - 0.08, 0, height - 0.05),
                (-long - 0.1, 0, height - 0.18),
            ],
            (0.03, 0.02, 0.02),
        ),
        grey,
    )
    b.add("tail tip", blob((0.035, 0.035, 0.055), (-long - 0.1, 0, height - 0.22)), BLACK)
    return finish(rng, b)


def _giraffe(rng: Rng) -> Shape:
    b = ShapeBuilder()
    coat = plain("coat", shade(rng, (0.8, 0.5, 0.14)), 0.55)
    brown = plain("patch", shade(rng, (0.26, 0.1, 0.03)), 0.6)
    height, neck = rng.uniform(0.5, 0.6), rng.uniform(0.45, 0.65)
    body = blob((0.27, 0.15, 0.165), (0, 0, height))
    b.add("body", body, coat)
    top = np.array([0.36, 0, height + neck])
    spine = [(0.14, 0, height + 0.03), (0.27, 0, height + neck * 0.5), top.tolist()]
    throat = tube(spine, (0.12, 0.075, 0.062), 32)
    b.add("neck", throat, coat)
    b.add(
        "head",
        tube(
            [
                (top - (0.05, 0, -0.02)).tolist(),
                (top + (0.07, 0, 0.01)).tolist(),
                (top + (0.2, 0, -0.06)).tolist(),
            ],
            (0.07, 0.08, 0.05),
        ),
        coat,
    )
    b.add("muzzle", blob((0.065, 0.06, 0.05), (top + (0.2, 0, -0.065)).tolist()), brown)
    horn = top + np.array([-0.01, 0.035, 0.06])
    pair(
        b,
        "horn",
        tube(
            [
                horn.tolist(),
                (horn + (-0.01, 0, 0.05)).tolist(),
                (horn + (-0.015, 0, 0.09)).tolist(),
            ],
            (0.016, 0.014, 0.014),
        ),
        coat,
    )
    pair(b, "horn", blob(0.024, (horn + (-0.015, 0, 0.1)).tolist()), brown)
    ear = top + np.array([-0.03, 0.06, 0.04])
    pair(
        b,
        "ear",
        tube(
            [
                ear.tolist(),
                (ear + (-0.01, 0.06, 0.02)).tolist(),
                (ear + (-0.03, 0.11, 0.02)).tolist(),
            ],
            (0.02, 0.03, 0.01),
        ),
        coat,
    )
    eyes(b, top + (0.09, 0.062, 0.035), 0.022)
    legs(b, (0.17, -0.17), 0.085, height - 0.06, rng.uniform(0.036, 0.044), coat, brown)
    for solid, count in ((body, 13), (throat, 9)):
        for point, normal in scatter(rng, solid, count, 0.1, lambda p, n: abs(n[1]) > 0.35):
            b.add(
                "patches", blob(rng.uniform(0.035, 0.05), point - normal * 0.024, detail=2), brown
            )
    b.add(
        "tail",
        tube(
            [(-0.25, 0, height + 0.05), (-0.32, 0, height - 0.08), (-0.33, 0, height - 0.2)],
            (0.022, 0.014, 0.012),
        ),
        coat,
    )
    b.add("tail tip", blob((0.025, 0.025, 0.05), (-0.33, 0, height - 0.23)), brown)
    return finish(rng, b)


def _octopus(rng: Rng) -> Shape:
    b = ShapeBuilder()
    skin, spot = paints(rng, 2, "rubber", 0.45)
    head = blob((0.24, 0.24, rng.uniform(0.27, 0.34)), (0, 0, 0.4))
    b.add("head", bumpy(rng, head, 0.01, 6.0), skin)
    reach, curl = rng.uniform(0.42, 0.52), rng.uniform(0.06, 0.16)
    names = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
    for k, name in enumerate(names):
        a = (k + 0.5) * np.pi / 4
        out, side = np.array([np.cos(a), np.sin(a), 0]), np.array([-np.sin(a), np.cos(a), 0])
        bend = rng.uniform(-0.14, 0.14)
        path = [out * 0.12 + (0, 0, 0.24), out * 0.26 + (0, 0, 0.1), out * reach * 0.85 + side * bend * 0.5 + (0, 0, 0.045),
                out * reach * 1.1 + side * bend + (0, 0, 0.04 + curl)]  # fmt: skip
        b.add(f"{name} arm", tube([p.tolist() for p in path], (0.085, 0.07, 0.045, 0.02), 32), skin)
    for point, normal in scatter(
        rng, head, int(rng.integers(5, 10)), 0.12, lambda p, n: n[2] > 0.15 and n[0] < 0.5
    ):
        b.add("spots", blob(rng.uniform(0.025, 0.045), point - normal * 0.015, detail=2), spot)
    eyes(b, (0.19, 0.1, 0.45), 0.055)
    smile = [(0.235, -0.06, 0.345), (0.25, 0, 0.325), (0.235, 0.06, 0.345)]
    b.add("mouth", tube(smile, (0.014, 0.018, 0.014)), BLACK)
    return finish(rng, b)


def _dinosaur(rng: Rng) -> Shape:
    b = ShapeBuilder()
    skin, plate = paints(rng, 2, names=("green", "teal", "lime", "orange", "violet", "sky"))
    belly = plain("belly", shade(rng, COLOURS["cream"]), 0.5)
    tail, neck = rng.uniform(0.5, 0.65), rng.uniform(0.34, 0.5)
    spine = [
        (-0.3 - tail, 0, 0.12),
        (-0.42, 0, 0.26),
        (-0.1, 0, 0.42),
        (0.16, 0, 0.42),
        (0.36, 0, 0.42 + neck * 0.55),
        (0.44, 0, 0.42 + neck),
    ]
    radii = (0.015, 0.09, 0.2, 0.17, 0.085, 0.075)
    b.add("body", tube(spine, radii, 64), skin)
    b.add("belly", blob((0.24, 0.12, 0.12), (0.0, 0, 0.31)), belly)
    x, z = spine[-1][0], spine[-1][2]
    b.add(
        "head",
        tube(
            [(x - 0.04, 0, z + 0.03), (x + 0.06, 0, z + 0.035), (x + 0.2, 0, z - 0.03)],
            (0.075, 0.092, 0.06),
        ),
        skin,
    )
    eyes(b, (x + 0.08, 0.07, z + 0.075), 0.03)
    b.add(
        "mouth",
        tube(
            [(x + 0.2, -0.05, z - 0.05), (x + 0.262, 0, z - 0.055), (x + 0.2, 0.05, z - 0.05)],
            (0.012, 0.012, 0.012),
        ),
        BLACK,
    )
    legs(b, (0.14, -0.16), 0.1, 0.32, rng.uniform(0.06, 0.075), skin, belly)
    rows = curve(np.column_stack([np.array(spine), np.array(radii)]), 120)
    count = int(rng.integers(8, 14))
    for k in np.linspace(18, 108, count).astype(int):
        step = rows[k + 1, :3] - rows[k - 1, :3]
        up = np.array([-step[2], 0, step[0]]) / np.linalg.norm(step)
        high = 0.035 + 0.25 * max(rows[k, 3] - 0.03, 0.02)
        foot = rows[k, :3] + up * rows[k, 3] * 0.85
        b.add(
            "plates",
            tube(
                [foot.tolist(), (foot + up * high).tolist(), (foot + up * high * 2).tolist()],
                (high * 0.55, high * 0.42, 0.006),
            ),
            plate,
        )
    return finish(rng, b)


ANIMALS: dict[str, Callable[[Rng], Shape]] = {
    "sheep": _sheep,
    "penguin": _penguin,
    "fish": _fish,
    "bunny": _bunny,
    "pig": _pig,
    "elephant": _elephant,
    "giraffe": _giraffe,
    "octopus": _octopus,
    "dinosaur": _dinosaur,
}
