"""Procedural toy vehicles; all of them look towards x."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from datagen.builtin.builder import ShapeBuilder
from datagen.builtin.legacy_solids import (
    Array,
    Material,
    Mesh,
    Rng,
    Shape,
    blob,
    brick,
    bumpy,
    common,
    curve,
    disc,
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
    slab,
    sweep,
    warp,
    wheel,
    window,
    wood,
)

LAMP = (0.88, 0.8, 0.5)
SIDES = ((-1, "right"), (1, "left"))
AXLE = np.pi / 2


def _knob(
    radius: float, low: float, high: float, at: Sequence[float], bevel: float = 0.006
) -> Mesh:
    """A cylinder along x from low to high about a point."""
    return place(rod(radius, low, high, bevel, 32), at, ry=AXLE)


def _wheels(
    b: ShapeBuilder, rng: Rng, xs: Sequence[float], y: float, r: float, width: float, hub: Material
) -> None:
    tyre, spokes = rubber(rng), int(rng.integers(4, 8))
    names = ["rear", "front"] if len(xs) == 2 else ["rear", "middle", "front"]
    for x, name in zip(xs, names, strict=True):
        for side, way in SIDES:
            wheel(b, f"{name} {way} wheel", (x, side * y, r), r, width, tyre, hub, spokes)
        b.add("axles", place(rod(r * 0.25, -y, y, sections=16), (x, 0, r), rx=AXLE), tyre)


def _cabin(
    b: ShapeBuilder,
    poly: Polygon,
    panes: Sequence[Polygon],
    width: float,
    taper: float,
    paint: Material,
    glass: Material,
) -> None:
    """A greenhouse of dark glass with body-coloured side frames and a roof."""
    low, high = poly.bounds[1], poly.bounds[3]

    def lean(mesh: Mesh) -> Mesh:
        def change(p: Array) -> Array:
            narrow = 1 - taper * np.clip((p[:, 2] - low) / (high - low), 0, 1.2)
            return p * np.column_stack([np.ones(len(p)), narrow, np.ones(len(p))])

        return warp(mesh, change)

    b.add("windows", lean(slab(poly.buffer(-0.007), width - 0.016, 0.03)), glass)
    frame = poly.difference(unary_union(list(panes)))
    for side, name in SIDES:
        for piece in getattr(frame, "geoms", [frame]):
            b.add(f"{name} frame", lean(slab(piece, 0.03, 0.006, side * (width / 2 - 0.01))), paint)
    x0, _, x1, _ = poly.bounds
    roof = poly.intersection(box(x0, high - 0.045, x1, high))
    b.add("roof", lean(slab(roof.buffer(0.004), width + 0.012, 0.016)), paint)


def _car(rng: Rng) -> Shape:
    b = ShapeBuilder()
    paint, second, hub_paint = paints(rng, 3, "paint", 0.2)
    chrome, glass, lamp = metal(rng, "steel"), window(rng), plain("headlight", LAMP, 0.15)
    red = plain("tail light", (0.5, 0.01, 0.01), 0.2)
    black = plain("black trim", (0.025, 0.025, 0.028), 0.5)
    kind = ["sedan", "hatch", "beetle", "pickup", "sports", "van"][rng.integers(6)]
    r, width = rng.uniform(0.105, 0.125), rng.uniform(0.4, 0.47)
    floor, belt = 0.085, rng.uniform(0.27, 0.3)
    nose = {
        "sedan": 0.25,
        "hatch": 0.255,
        "beetle": 0.25,
        "pickup": 0.28,
        "sports": 0.2,
        "van": 0.26,
    }[kind]
    tail = belt - (0.03 if kind in ("sports", "beetle") else 0.01)
    glassy = {
        "sedan": (0.2, 0.07, -0.2, -0.36), "hatch": (0.2, 0.06, -0.36, -0.47), "beetle": (0.2, 0.1, -0.14, -0.44),
        "pickup": (0.2, 0.1, -0.04, -0.07), "sports": (0.14, -0.04, -0.2, -0.42), "van": (0.36, 0.22, -0.44, -0.49),
    }[kind]  # fmt: skip
    scuttle, front, rear, back = np.array(glassy) + rng.uniform(-0.015, 0.015, 4)
    top = belt + {"sports": 0.115, "van": 0.21, "beetle": 0.2}.get(kind, 0.17) * rng.uniform(
        0.92, 1.1
    )
    shell = outline([(-0.5, floor), (0.5, floor), (0.525, floor + 0.07), (0.5, nose - 0.02), (scuttle + 0.04, belt),
                     (back - 0.02, belt), (-0.5, tail), (-0.52, floor + 0.08)], 0.07 if kind == "beetle" else 0.04)  # fmt: skip
    axles = (-0.31, 0.31)
    arches = unary_union([disc(r * 1.17, x, r) for x in axles])
    b.add("body", slab(shell.difference(arches), width, 0.045), paint)
    b.add("underbody", brick((0.88, width * 0.62, 0.14), (0, 0, floor + 0.08), 0.02), black)
    corners = [(scuttle, belt - 0.015), (front, top), (rear, top), (back, belt - 0.015)]
    poly = outline(corners, 0.11 if kind == "beetle" else 0.045)
    inside = poly.buffer(-0.028)
    post = (front + rear) / 2 - 0.01
    posts = [box(post - 0.012, 0, post + 0.012, 1)]
    if kind == "van":
        posts.append(box(post - 0.22, 0, post - 0.19, 1))
    panes = inside.difference(unary_union(posts))
    pieces = [p.buffer(-0.012).buffer(0.012) for p in getattr(panes, "geoms", [panes])]
    _cabin(
        b,
        poly,
        [p for p in pieces if p.area > 1e-4],
        width * 0.93,
        rng.uniform(0.12, 0.24),
        paint,
        glass,
    )
    tyre_w = rng.uniform(0.085, 0.11)
    _wheels(
        b,
        rng,
        axles,
        width / 2 - tyre_w * 0.42,
        r,
        tyre_w,
        chrome if rng.uniform() < 0.5 else hub_paint,
    )
    for side, name in SIDES:
        y = side * width * 0.34
        size = rng.uniform(0.034, 0.046) if side < 0 else size
        b.add(f"{name} headlight", _knob(size, -0.06, 0.012, (0.508, y, nose - 0.075)), lamp)
        b.add(
            f"{name} headlight", _knob(size * 1.2, -0.06, 0.002, (0.508, y, nose - 0.075)), chrome
        )
        b.add(
            f"{name} tail light", brick((0.04, 0.07, 0.045), (-0.508, y, tail - 0.07), 0.012), red
        )
        mirror = (scuttle - 0.05, side * (width / 2 + 0.025), belt + 0.035)
        b.add(f"{name} mirror", blob((0.02, 0.032, 0.024), mirror, 3, 2), paint)
        b.add(
            f"{name} mirror",
            brick((0.016, 0.07, 0.014), (mirror[0], side * (width / 2 - 0.01), belt + 0.02), 0.004),
            paint,
        )
        for x in [post - 0.09, *([post - 0.02 + 0.17] if kind != "pickup" else [])]:
            b.add(
                "door handles",
                brick(
                    (0.06, 0.02, 0.014), (x - 0.02, side * (width / 2 + 0.002), belt - 0.05), 0.005
                ),
                chrome,
            )
        b.add(
            "door seams",
            brick((0.007, 0.006, 0.15), (post, side * width / 2, belt - 0.105), 0.002),
            black,
        )
    b.add("grille", brick((0.03, width * 0.36, 0.055), (0.514, 0, nose - 0.08), 0.01), black)
    for i in range(int(rng.integers(2, 5))):
        b.add(
            "grille",
            brick((0.034, width * 0.34, 0.006), (0.516, 0, nose - 0.1 + 0.014 * i), 0.002),
            chrome,
        )
    bumper = chrome if rng.uniform() < 0.5 else black
    b.add(
        "front bumper", brick((0.05, width * 0.98, 0.05), (0.52, 0, floor + 0.035), 0.018), bumper
    )
    b.add(
        "rear bumper", brick((0.05, width * 0.98, 0.05), (-0.515, 0, floor + 0.035), 0.018), bumper
    )
    if kind == "pickup":
        b.add(
            "load bed", brick((0.36, width * 0.78, 0.03), (-0.295, 0, belt - 0.006), 0.008), black
        )
        for side, name in SIDES:
            b.add(
                f"{name} rail",
                brick((0.42, 0.045, 0.05), (-0.28, side * (width / 2 - 0.03), belt + 0.015), 0.012),
                paint,
            )
        b.add("tailgate", brick((0.04, width * 0.9, 0.05), (-0.485, 0, belt + 0.01), 0.012), paint)
        for i in range(int(rng.integers(0, 4))):
            b.add(
                "cargo",
                brick(
                    (0.1, 0.13, 0.11),
                    (-0.2 - 0.11 * (i % 3), 0.07 * (-1) ** i, belt + 0.055),
                    0.008,
                ),
                second,
            )
    extra = rng.integers(4)
    if kind == "sports" or (kind == "sedan" and extra == 0):
        b.add("spoiler", brick((0.09, width * 0.9, 0.018), (-0.46, 0, belt + 0.065), 0.006), second)
        for side in (-1, 1):
            b.add(
                "spoiler",
                brick((0.05, 0.018, 0.08), (-0.46, side * width * 0.3, belt + 0.025), 0.004),
                second,
            )
    if kind in ("hatch", "van") and extra < 2:
        for side in (-1, 1):
            b.add(
                "roof rack",
                brick(
                    (front - rear - 0.06, 0.016, 0.016),
                    ((front + rear) / 2, side * width * 0.3, top + 0.025),
                    0.005,
                ),
                black,
            )
        for x in (front - 0.07, rear + 0.07):
            b.add("roof rack", brick((0.018, width * 0.66, 0.03), (x, 0, top + 0.01), 0.005), black)
    elif kind in ("sedan", "hatch") and extra == 2:
        b.add(
            "roof sign",
            brick((0.06, 0.15, 0.06), ((front + rear) / 2, 0, top + 0.025), 0.014),
            lamp,
        )
    if rng.uniform() < 0.5:
        for y in (-0.05, 0.05):
            b.add(
                "stripes",
                slab(
                    box(scuttle + 0.03, 0, 0.47, 1)
                    .intersection(shell)
                    .difference(shell.buffer(-0.012))
                    .buffer(0.003),
                    0.05,
                    0,
                    y,
                ),
                second,
            )
            b.add(
                "stripes",
                brick(
                    (front - rear - 0.03, 0.05, 0.02), ((front + rear) / 2, y, top - 0.003), 0.004
                ),
                second,
            )
    else:
        for side, name in SIDES:
            b.add(
                f"{name} side stripe",
                brick((0.36, 0.014, 0.03), (0, side * width / 2, belt - 0.14), 0.004),
                second,
            )
    return finish(rng, b)


def _bus(rng: Rng) -> Shape:
    b = ShapeBuilder()
    paint, second, third = paints(rng, 3, "paint", 0.22)
    glass, lamp, chrome = window(rng), plain("headlight", LAMP, 0.15), metal(rng, "steel")
    black = plain("black trim", (0.025, 0.025, 0.028), 0.5)
    red = plain("tail light", (0.5, 0.01, 0.01), 0.2)
    hood = rng.uniform() < 0.3
    double = not hood and rng.uniform() < 0.35
    if hood and rng.uniform() < 0.6:
        paint = plain("school bus yellow", shade(rng, (0.82, 0.42, 0.015)), 0.25)
    half, width = rng.uniform(0.52, 0.6) * (0.85 if double else 1), rng.uniform(0.27, 0.32)
    floor, r = 0.07, rng.uniform(0.08, 0.1)
    tall = rng.uniform(0.3, 0.36) * (1.75 if double else 1)
    top = floor + tall
    axles = (-half * 0.62, half * (0.78 if hood else 0.6))
    end = half - (0.2 if hood else 0)
    shell = outline([(-half, floor), (half if not hood else end, floor), (end + 0.0, floor + tall * 0.4),
                     (end - 0.015, top), (-half, top)], 0.035)  # fmt: skip
    arches = unary_union([disc(r * 1.2, x, r) for x in axles])
    b.add("body", slab(shell.difference(arches), width, 0.03), paint)
    b.add("underbody", brick((half * 1.8, width * 0.55, 0.12), (0, 0, floor + 0.07), 0.02), black)
    if hood:
        bonnet = outline(
            [
                (end - 0.05, floor),
                (half, floor),
                (half + 0.01, floor + 0.13),
                (end - 0.05, floor + 0.17),
            ],
            0.035,
        )
        b.add("bonnet", slab(bonnet.difference(arches), width * 0.86, 0.025), paint)
    nose = half + (0.006 if hood else -0.002)
    decks = [floor + tall * (0.56 if not double else 0.3), floor + tall * 0.76][: 1 + double]
    pane_h = tall * (0.32 if not double else 0.2)
    count = int(rng.integers(4, 8))
    start, stop = -half + 0.05, end - 0.05
    step = (stop - start) / count
    for level, z in enumerate(decks):
        for side, name in SIDES:
            for i in range(count):
                if level == 0 and side < 0 and i == count - 1:
                    continue
                pane = oblong(step * 0.84, pane_h, 0.014, start + (i + 0.5) * step, z)
                b.add(f"{name} windows", slab(pane, 0.03, 0.004, side * (width / 2 - 0.008)), glass)
        b.add(
            "windscreen",
            brick((0.03, width * 0.84, pane_h * 1.15), (end - 0.008, 0, z), 0.012),
            glass,
        )
        b.add(
            "rear window",
            brick((0.03, width * 0.7, pane_h * 0.8), (-half + 0.008, 0, z), 0.012),
            glass,
        )
    door_h = decks[0] + pane_h / 2 - floor - 0.025
    x = stop - step / 2
    z = floor + 0.025 + door_h / 2
    b.add(
        "door",
        slab(oblong(step * 0.94, door_h + 0.016, 0.012, x, z), 0.03, 0.004, -width / 2 + 0.006),
        second,
    )
    for k in (-1, 1):
        pane = oblong(step * 0.38, door_h * 0.86, 0.012, x + k * step * 0.21, z)
        b.add("door", slab(pane, 0.03, 0.004, -width / 2 + 0.0005), glass)
    stripe_z = floor + tall * (0.27 if not double else 0.13)
    gap = step * 1.1
    for side, name in SIDES:
        for _ in range(1):
            long = stop - start - (gap if side < 0 else 0)
            b.add(
                f"{name} stripe",
                brick(
                    (long, 0.014, tall * 0.07),
                    (start + long / 2, side * width / 2, stripe_z),
                    0.004,
                ),
                second,
            )
        if double:
            b.add(
                f"{name} stripe",
                brick(
                    (stop - start, 0.014, 0.05),
                    ((stop + start) / 2, side * width / 2, floor + tall * 0.53),
                    0.005,
                ),
                third,
            )
        y = side * width * 0.34
        b.add(f"{name} headlight", _knob(0.028, -0.04, 0.014, (nose, y, floor + 0.075)), lamp)
        b.add(
            f"{name} tail light", brick((0.03, 0.05, 0.04), (-half, y, floor + 0.085), 0.008), red
        )
        arm = curve([(end - 0.03, side * width * 0.46, decks[0] + pane_h * 0.5), (end + 0.035, side * width * 0.56, decks[0] + pane_h * 0.5),
                     (end + 0.045, side * width * 0.58, decks[0] + pane_h * 0.2)], 12)  # fmt: skip
        b.add(f"{name} mirror", sweep(arm, 0.007, 10), black)
        b.add(f"{name} mirror", blob((0.012, 0.026, 0.04), arm[-1], 4, 2), black)
    sign_z = top - 0.035 if not double else floor + tall * 0.53
    b.add(
        "destination sign",
        brick((0.03, width * 0.62, 0.045), (end - 0.008, 0, sign_z), 0.008),
        third if hood else lamp,
    )
    b.add(
        "grille", brick((0.024, width * 0.36, 0.06), (nose - 0.004, 0, floor + 0.08), 0.008), black
    )
    for i in range(3):
        b.add(
            "grille",
            brick(
                (0.028, width * 0.34, 0.007), (nose - 0.002, 0, floor + 0.062 + 0.018 * i), 0.002
            ),
            chrome,
        )
    b.add(
        "front bumper",
        brick((0.04, width * 1.0, 0.036), (nose + 0.004, 0, floor + 0.018), 0.012),
        black,
    )
    b.add("rear bumper", brick((0.04, width * 1.0, 0.036), (-half, 0, floor + 0.018), 0.012), black)
    b.add(
        "roof",
        brick((end + half - 0.06, width * 0.86, 0.03), ((end - half) / 2, 0, top + 0.004), 0.012),
        third if rng.uniform() < 0.5 else paint,
    )
    for i in range(int(rng.integers(1, 4))):
        b.add(
            f"hatch {i + 1}",
            brick((0.12, width * 0.5, 0.035), (-half * 0.5 + i * half * 0.5, 0, top + 0.025), 0.01),
            second,
        )
    if hood:
        for y in (-0.09, 0.09):
            b.add("warning lights", blob(0.022, (end - 0.04, y, top + 0.018), detail=2), red)
    _wheels(b, rng, axles, width / 2 - 0.03, r, 0.075, chrome if rng.uniform() < 0.5 else third)
    return finish(rng, b)


def _train(rng: Rng) -> Shape:
    b = ShapeBuilder()
    paint, second, third = paints(rng, 3, "paint", 0.3)
    brass, iron, lamp = (
        metal(rng, "brass"),
        plain("black iron", (0.03, 0.031, 0.035), 0.45),
        plain("lamp", LAMP, 0.15),
    )
    base = wood(rng) if rng.uniform() < 0.35 else third
    width, r = rng.uniform(0.24, 0.28), rng.uniform(0.115, 0.14)
    boiler = rng.uniform(0.115, 0.14)
    deck = r * 1.35
    b.add("frame", brick((0.96, width, 0.05), (0, 0, deck), 0.014), base)
    b.add("chassis", brick((0.84, width * 0.5, 0.12), (0, 0, deck - 0.06), 0.015), iron)
    axis = deck + boiler * 0.95
    b.add("boiler", _knob(boiler, -0.2, 0.36, (0, 0, axis), 0.01), paint)
    b.add("smokebox", _knob(boiler * 1.04, 0.29, 0.42, (0, 0, axis), 0.02), iron)
    b.add("smokebox door", _knob(boiler * 0.7, 0.4, 0.436, (0, 0, axis), 0.014), second)
    b.add("smokebox door", blob((0.02, 0.02, 0.02), (0.437, 0, axis), detail=2), brass)
    for x in np.linspace(-0.1, 0.25, int(rng.integers(2, 5))):
        b.add(
            "boiler bands",
            place(ring(boiler, 0.009, 0.014, 0, 48, 12), (x, 0, axis), ry=AXLE),
            brass,
        )
    flare, tall = rng.uniform(1.2, 2.0), rng.uniform(0.14, 0.22)
    stack = [(0.0, -0.05), (0.045, -0.05), (0.042, tall * 0.5), (0.042 * flare, tall * 0.85), (0.045 * flare, tall), (0.03 * flare, tall),
             (0.026, tall * 0.6), (0, tall * 0.6)]  # fmt: skip
    b.add("chimney", place(lathe(fillet(stack, 0.012)), (0.34, 0, axis + boiler)), iron)
    b.add(
        "chimney",
        place(ring(0.044 * flare, 0.009, 0.011, tall * 0.96), (0.34, 0, axis + boiler)),
        brass,
    )
    for i, x in enumerate([0.16, 0.0][: int(rng.integers(1, 3))]):
        high = rng.uniform(0.05, 0.08)
        dome = curve([(0.062, -0.04), (0.052, 0.02), (0.045, high), (0.0, high + 0.045)], 20)
        dome[-1, 0] = 0
        b.add(
            f"dome {i + 1}",
            place(lathe([(0, -0.04), *dome]), (x, 0, axis + boiler)),
            [brass, second][i],
        )
    back, cab = -0.47, rng.uniform(0.24, 0.3)
    high = deck + rng.uniform(0.38, 0.46)
    walls = box(back, deck, back + cab, high)
    pane = oblong(cab * 0.5, 0.13, 0.03, back + cab * 0.52, high - 0.125)
    for side, name in SIDES:
        b.add(
            f"{name} cab wall",
            slab(walls.difference(pane), 0.03, 0.006, side * (width / 2 - 0.01)),
            paint,
        )
        hoop = np.array(pane.exterior.coords)[:-1]
        b.add(f"{name} cab wall", sweep(np.column_stack([hoop[:, 0], np.full(len(hoop), side * (width / 2 + 0.003)), hoop[:, 1]]),
                                        0.009, 10, closed=True), brass)  # fmt: skip
    b.add(
        "cab front",
        brick((0.03, width * 0.96, high - deck), (back + cab - 0.02, 0, (high + deck) / 2), 0.006),
        paint,
    )
    for side in (-1, 1):
        b.add(
            "cab front",
            _knob(0.03, -0.02, 0.01, (back + cab - 0.006, side * width * 0.3, high - 0.06), 0.003),
            window(rng),
        )
    b.add(
        "cab back", brick((0.03, width * 0.96, 0.16), (back + 0.02, 0, deck + 0.08), 0.006), paint
    )
    for y in (-1, 1):
        b.add(
            "cab back",
            brick(
                (0.03, 0.03, high - deck), (back + 0.02, y * width * 0.42, (high + deck) / 2), 0.006
            ),
            paint,
        )
    arc = np.linspace(-1, 1, 15)
    bow = np.column_stack([arc * width * 0.62, 0.045 * (1 - arc**2)])
    roof = Polygon([*bow, *(bow[::-1] - [0, 0.03])])
    b.add(
        "roof",
        place(slab(roof, cab + 0.09, 0.01), (back + cab / 2, 0, high + 0.012), rz=AXLE),
        second,
    )
    drivers = int(rng.integers(2, 4))
    span = np.linspace(-0.33, 0.12 if drivers == 3 else 0.02, drivers)
    size = min(r, (span[1] - span[0]) * 0.47)
    y = width / 2 + 0.012
    steel = metal(rng, "steel")
    names = ["rear", "middle", "front"] if drivers == 3 else ["rear", "front"]
    turn = rng.uniform(0, 6)
    crank = size * 0.45 * np.array([np.cos(turn), np.sin(turn)])
    for side, way in SIDES:
        for x, name in zip(span, names, strict=True):
            part = f"{name} {way} wheel"
            spin = -np.pi / 2 * side
            rim = fillet([(size * 0.78, -0.02), (size * 1.08, -0.02), (size * 1.08, -0.008), (size, 0.0), (size, 0.025), (size * 0.78, 0.02)],
                         0.006, 3, closed=True)  # fmt: skip
            at = (x, side * y, size)
            b.add(part, place(lathe(rim), at, rx=spin), second)
            b.add(part, place(rod(size * 0.2, -0.03, 0.03, 0.006), at, rx=spin), brass)
            for k in range(8):
                a = k * np.pi / 4
                spoke = sweep(
                    [(0, 0, 0), (size * 0.85 * np.cos(a), size * 0.85 * np.sin(a), 0)],
                    size * 0.07,
                    8,
                )
                b.add(part, place(spoke, at, rx=spin), second)
            b.add(
                part,
                place(rod(0.014, -0.02, 0.045), (x + crank[0], side * y, size + crank[1]), rx=spin),
                steel,
            )
        line = [(x + crank[0], side * (y + 0.035), size + crank[1]) for x in (span[0], span[-1])]
        b.add(f"{way} rod", sweep(line, (0.016, 0.008), 16, up=(0, 1, 0)), steel)
        piston = (0.3, side * (width / 2), size * 1.05)
        b.add(f"{way} cylinder", _knob(0.05, -0.07, 0.07, piston, 0.01), iron)
        push = [
            (line[1][0], side * (y + 0.035), line[1][2]),
            (0.3, side * (width / 2 + 0.025), size * 1.05),
        ]
        b.add(f"{way} rod", sweep(push, 0.009, 10), steel)
        small = r * 0.55
        wheel(
            b,
            f"leading {way} wheel",
            (0.38, side * (width / 2 - 0.03), small),
            small,
            0.035,
            iron,
            second,
            0,
        )
        b.add(f"{way} buffer", _knob(0.014, -0.04, 0.05, (0.48, side * width * 0.36, deck)), iron)
        b.add(f"{way} buffer", _knob(0.032, 0.04, 0.056, (0.48, side * width * 0.36, deck)), steel)
    b.add("axles", brick((0.1, width * 0.9, 0.04), (0.38, 0, r * 0.55), 0.01), iron)
    for x in span:
        b.add("axles", place(rod(size * 0.15, -y, y, sections=16), (x, 0, size), rx=AXLE), iron)
    b.add("buffer beam", brick((0.03, width * 1.02, 0.07), (0.48, 0, deck - 0.005), 0.008), second)
    if rng.uniform() < 0.6:
        for k in np.linspace(-1, 1, 7):
            bar = [
                (0.485, k * width * 0.4, deck - 0.03),
                (0.56 - 0.06 * abs(k), k * width * 0.34, 0.03),
            ]
            b.add("cowcatcher", sweep(bar, 0.011, 10), second)
        foot = curve([(0.5, -width * 0.36, 0.03), (0.57, 0, 0.03), (0.5, width * 0.36, 0.03)], 20)
        b.add("cowcatcher", sweep(foot, 0.014, 12), second)
    b.add("lamp", _knob(0.035, -0.06, 0.03, (0.4, 0, axis + boiler + 0.035), 0.006), brass)
    b.add("lamp", _knob(0.027, 0.0, 0.036, (0.4, 0, axis + boiler + 0.035), 0.006), lamp)
    if rng.uniform() < 0.5:
        b.add(
            "tender", brick((0.24, width * 0.95, 0.2), (back - 0.19, 0, deck + 0.06), 0.014), paint
        )
        b.add(
            "tender stripe",
            brick((0.18, width * 0.97, 0.03), (back - 0.19, 0, deck + 0.1), 0.004),
            brass,
        )
        b.add("coupling", brick((0.14, 0.06, 0.04), (back - 0.03, 0, deck - 0.02), 0.01), iron)
        coal = bumpy(
            rng, blob((0.1, width * 0.4, 0.07), (back - 0.19, 0, deck + 0.155), 3), 0.05, 60
        )
        b.add("coal", coal, iron)
        for side, way in SIDES:
            for x, name in ((back - 0.12, "first"), (back - 0.26, "second")):
                wheel(
                    b,
                    f"{name} tender {way} wheel",
                    (x, side * width * 0.42, 0.065),
                    0.065,
                    0.03,
                    iron,
                    second,
                    0,
                )
        b.add("tender frame", brick((0.22, width * 0.86, 0.1), (back - 0.19, 0, 0.1), 0.01), iron)
    return finish(rng, b)


def _airplane(rng: Rng) -> Shape:
    b = ShapeBuilder()
    paint, second, third = paints(rng, 3, "paint", 0.22)
    if rng.uniform() < 0.4:
        paint = plain("white paint", (0.84, 0.84, 0.82), 0.22)
    glass, dark, steel = window(rng), rubber(rng), metal(rng, "steel")
    kind = ["jet", "prop", "biplane"][rng.integers(3)]
    jet = kind == "jet"
    fat = rng.uniform(0.072, 0.088) if jet else rng.uniform(0.085, 0.105)
    long = 0.55 if jet else rng.uniform(0.38, 0.44)
    t = np.linspace(0, 1, 50)
    if jet:
        size = np.interp(t, [0, 0.1, 0.3, 0.86, 0.93, 0.97, 1], [0.25, 0.55, 1, 1, 0.86, 0.62, 0.3])
        rise = (
            fat * 0.6 * np.clip((0.3 - t) / 0.3, 0, 1) ** 1.5
            - fat * 0.3 * np.clip((t - 0.86) / 0.14, 0, 1) ** 2
        )
    else:
        size = np.interp(t, [0, 0.3, 0.62, 0.85, 0.96, 1], [0.28, 0.68, 1, 0.96, 0.85, 0.75])
        rise = fat * 0.5 * np.clip((0.5 - t) / 0.5, 0, 1) ** 1.5
    size = np.convolve(np.pad(size, 2, "edge"), np.full(5, 0.2), "valid")
    gear = 0.17 if jet else 0.2
    z0 = gear + fat * 0.8
    path = np.column_stack([-long + 2 * long * t, 0 * t, z0 + rise])
    hull = sweep(path, np.column_stack([fat * size, fat * size * (1.05 if jet else 1.15)]), 40)
    b.add("fuselage", hull, paint)
    bigger = sweep(
        path, np.column_stack([fat * size, fat * size * (1.05 if jet else 1.15)]) + 0.004, 40
    )

    def wing(
        name: str,
        x: float,
        z: float,
        span: float,
        chord: float,
        back: float,
        up: float,
        tip: float,
        colour: Material,
    ) -> None:
        for side, way in SIDES:
            s = np.linspace(0, 1, 14)
            line = np.column_stack([x - back * s, side * span * s, z + up * s])
            width = chord / 2 * (1 - (1 - tip) * s)
            width[-1] *= 0.93
            mesh = sweep(line, np.column_stack([width, 0.16 * width * (1 - 0.3 * s) + 0.004]), 32)
            b.add(f"{way} {name}", mesh, colour)

    def fin(x: float, z: float, tall: float, chord: float, back: float, colour: Material) -> None:
        s = np.linspace(0, 1, 12)
        line = np.column_stack([x - back * s, 0 * s, z + tall * s])
        width = chord / 2 * (1 - 0.5 * s)
        b.add(
            "fin",
            sweep(line, np.column_stack([width, 0.012 * (1 - 0.5 * s)]), 28, up=(0, 1, 0)),
            colour,
        )

    mid = rng.uniform(-0.02, 0.05)
    span, back = rng.uniform(0.45, 0.58), rng.uniform(0.14, 0.26)
    if jet:
        wing(
            "wing",
            mid,
            z0 - fat * 0.4,
            span,
            0.24,
            back,
            rng.uniform(0.02, 0.07),
            0.35,
            second if rng.uniform() < 0.4 else paint,
        )
        wing("tailplane", -long + 0.06, z0 + fat * 0.5, 0.2, 0.13, 0.1, 0.02, 0.45, second)
        fin(-long + 0.09, z0 + fat * 0.4, rng.uniform(0.2, 0.26), 0.2, 0.13, second)
        for place_ in range(int(rng.integers(1, 3))):
            share = 0.36 + 0.28 * place_
            for side, way in SIDES:
                x, y, z = mid - back * share + 0.06, side * span * share, z0 - fat * 0.4 - 0.05
                cowl = fillet(
                    [
                        (0.034, -0.09),
                        (0.044, 0.0),
                        (0.047, 0.06),
                        (0.042, 0.075),
                        (0.035, 0.06),
                        (0.03, -0.09),
                    ],
                    0.01,
                    3,
                    closed=True,
                )
                part = f"{way} engine {place_ + 1}" if place_ else f"{way} engine"
                b.add(part, place(lathe(cowl, 36), (x, y, z), ry=AXLE), third)
                core = [
                    (0, -0.12),
                    (0.012, -0.12),
                    (0.034, -0.06),
                    (0.039, 0.03),
                    (0.012, 0.04),
                    (0, 0.07),
                ]
                b.add(part, place(lathe(core, 32), (x, y, z), ry=AXLE), steel)
                b.add(part, brick((0.1, 0.014, 0.06), (x - 0.03, y, z + 0.045), 0.004), third)
        for side in (-1, 1):
            for x in np.linspace(-long * 0.55, long * 0.62, int(rng.integers(11, 17))):
                b.add(
                    "windows",
                    blob((0.011, 0.008, 0.014), (x, side * fat * 0.97, z0 + fat * 0.3), 3, 1),
                    glass,
                )
        b.add(
            "cockpit",
            common(bigger, brick((0.075, 1, 0.035), (long - 0.005, 0, z0 + fat * 0.48), 0.006)),
            glass,
        )
        for side in (-1, 1):
            cheat = box(-long * 0.8, z0 - 0.004, long * 0.98, z0 + 0.014)
            b.add("stripe", common(bigger, slab(cheat, 0.5, 0, side * (fat * 0.5 + 0.25))), third)
        legs = [(long * 0.72, 0.0, "nose"), (mid - 0.1, -0.09, "right"), (mid - 0.1, 0.09, "left")]
    else:
        colour = second
        if kind == "biplane":
            low, high = z0 - fat * 0.75, z0 + fat * 1.15 + 0.09
            wing("lower wing", mid + 0.04, low, span * 0.92, 0.2, 0.0, 0.01, 0.85, colour)
            wing("upper wing", mid + 0.08, high, span, 0.2, 0.0, 0.01, 0.85, colour)
            for side, way in SIDES:
                for x in (0.0, 0.1):
                    strut = [
                        (mid + x, side * span * 0.68, low),
                        (mid + x + 0.03, side * span * 0.68, high),
                    ]
                    b.add(f"{way} struts", sweep(strut, 0.009, 12), third)
                    brace = [
                        (mid + x, side * fat * 0.4, z0),
                        (mid + x + 0.03, side * fat * 1.1, high),
                    ]
                    b.add(f"{way} struts", sweep(brace, 0.009, 12), third)
        else:
            level = z0 + (fat * 1.0 if rng.uniform() < 0.5 else -fat * 0.6)
            wing(
                "wing",
                mid + 0.06,
                level,
                span,
                0.2,
                rng.uniform(0, 0.06),
                rng.uniform(0.0, 0.05),
                rng.uniform(0.55, 0.9),
                colour,
            )
        wing("tailplane", -long + 0.05, z0 + fat * 0.4, 0.19, 0.12, 0.04, 0.0, 0.65, colour)
        fin(-long + 0.05, z0 + fat * 0.4, rng.uniform(0.13, 0.17), 0.15, 0.05, colour)
        seat = mid - (0.1 if kind == "biplane" else 0.02)
        if kind == "prop":
            b.add(
                "canopy",
                blob((0.13, fat * 0.72, fat * 0.75), (seat + 0.02, 0, z0 + fat * 0.85)),
                glass,
            )
            b.add(
                "canopy frame",
                place(ring(fat * 0.73, 0.008, 0.008), (seat + 0.02, 0, z0 + fat * 0.85), ry=AXLE),
                third,
            )
        else:
            b.add(
                "cockpit",
                place(
                    warp(ring(0.055, 0.014, 0.014), lambda p: p * (1.3, 1, 1)),
                    (seat, 0, z0 + fat * 1.03),
                ),
                dark,
            )
            b.add("seat", blob((0.06, 0.045, 0.02), (seat, 0, z0 + fat * 1.0)), dark)
            b.add(
                "windshield",
                place(
                    brick((0.01, 0.08, 0.07), (0, 0, 0), 0.003),
                    (seat + 0.08, 0, z0 + fat * 1.15),
                    ry=-0.4,
                ),
                glass,
            )
        nose = long + fat * 0.5
        b.add(
            "cowling",
            place(rod(fat * 1.02, -0.09, 0.02, 0.02), (nose - 0.02, 0, z0), ry=AXLE),
            third,
        )
        b.add(
            "spinner",
            place(
                lathe([(0, -0.02), *curve([(0.036, -0.02), (0.03, 0.03), (0, 0.065)], 14).clip(0)]),
                (nose, 0, z0),
                ry=AXLE,
            ),
            steel,
        )
        count, spin = int(rng.integers(2, 5)), rng.uniform(0, 3)
        for k in range(count):
            blade = blob((0.008, 0.024, 0.1), (0, 0, 0.1))
            b.add(
                f"propeller blade {k + 1}",
                place(place(blade, rz=0.5), (nose + 0.018, 0, z0), rx=spin + 2 * np.pi * k / count),
                dark,
            )
        for side in (-1, 1):
            b.add(
                "emblem",
                place(
                    rod(fat * 0.5, 0, 0.012, 0.004),
                    (-long * 0.35, side * (fat * 0.73 - 0.004), z0 + fat * 0.2),
                    rx=-side * AXLE,
                    rz=-side * 0.12,
                ),
                third,
            )
        legs = [
            (-long + 0.03, 0.0, "tail"),
            (mid + 0.12, -0.13, "right"),
            (mid + 0.12, 0.13, "left"),
        ]
    for x, y, name in legs:
        small = name in ("nose", "tail")
        r = (0.028 if small else 0.04) if jet else (0.026 if small else 0.058)
        ground = r
        ceiling = z0 if name != "tail" else z0
        shift = 0.016 if small else 0.0
        b.add(f"{name} gear", sweep([(x, y, ground), (x, y * 0.4, ceiling)], 0.012, 14), steel)
        wide = 0.03 if small else 0.034
        b.add(
            f"{name} gear",
            place(rod(r, -wide / 2, wide / 2, 0.009, 32), (x + shift, y, ground), rx=AXLE),
            dark,
        )
        b.add(
            f"{name} gear",
            place(
                rod(r * 0.5, -wide / 2 - 0.004, wide / 2 + 0.004, 0.003, 24),
                (x + shift, y, ground),
                rx=AXLE,
            ),
            third,
        )
    return finish(rng, b)


def _boat(rng: Rng) -> Shape:
    b = ShapeBuilder()
    paint, second, third = paints(rng, 3, "paint", 0.3)
    timber, mast_wood = wood(rng), wood(rng, "beech", "oak")
    glass, brass = window(rng), metal(rng, "brass")
    white = plain("white paint", (0.84, 0.84, 0.8), 0.3)
    kind = ["sail", "tug", "ship"][rng.integers(3)]
    beam = rng.uniform(0.15, 0.19) * (0.85 if kind == "ship" else 1)
    deep = rng.uniform(0.17, 0.22)
    blunt = rng.uniform(1.8, 2.6)
    stern = rng.uniform(0.55, 0.8)
    s = np.linspace(0, 1, 40)

    def plan(t: float, grow: float = 0.0) -> Array:
        front, rear = 0.36 + 0.16 * t**1.3, -0.4 - 0.07 * t
        x = rear + (front - rear) * s
        half = (beam * (0.62 + 0.38 * t**0.7) + grow) * np.clip(1 - s**blunt, 0, 1) ** 0.75
        half *= stern + (1 - stern) * np.sin(np.clip(s / 0.45, 0, 1) * np.pi / 2)
        half[-1] = 0
        z = (
            deep * t
            + 0.09 * t * np.clip((s - 0.35) / 0.65, 0, 1) ** 2
            + 0.03 * t * np.clip((0.3 - s) / 0.3, 0, 1) ** 2
        )
        right = np.column_stack([x + (grow * s), -half, z])
        left = np.column_stack([x + (grow * s), half, z])[::-1]
        return np.concatenate([right, left[1:]])

    levels = np.linspace(0, 1, 14)
    hull = loft(np.array([plan(float(t)) for t in levels]))
    b.add("hull", hull, paint)
    red = paints(rng, 1, "paint", 0.35, ["red", "green", "blue"])[0]
    line = rng.uniform(0.35, 0.5)
    b.add("keel", loft(np.array([plan(float(t), 0.004) for t in np.linspace(0, line, 8)])), red)
    if rng.uniform() < 0.8:
        zone = [plan(float(t), 0.005) for t in np.linspace(line + 0.12, line + 0.24, 4)]
        b.add("stripe", loft(np.array(zone)), second)
    edge = plan(1.0)
    b.add(
        "gunwale", sweep(edge, (0.016, 0.02), 14, closed=True), timber if kind == "sail" else second
    )
    inner = (edge - [0.02, 0, 0]) * (0.94, 0.9, 1)
    b.add("deck", loft(np.array([inner - [0, 0, 0.02], inner + [0, 0, 0.008]])), timber)
    deck = deep + 0.006
    if kind == "sail":
        tall, x = rng.uniform(0.75, 0.95), rng.uniform(0.02, 0.1)
        b.add("mast", place(rod(0.016, -0.05, tall, 0.005, 24), (x, 0, deck)), mast_wood)
        boom = rng.uniform(0.34, 0.42)
        low = deck + rng.uniform(0.1, 0.14)
        swing = rng.uniform(-0.25, 0.25)
        b.add(
            "boom",
            place(sweep([(0, 0, 0), (-boom, 0, 0)], 0.012, 14), (x, 0, low), rz=swing),
            mast_wood,
        )
        cloth = Material("sail cloth", shade(rng, (0.84, 0.82, 0.74), 0.05), 0.0, 0.85)
        if rng.uniform() < 0.4:
            cloth = Material("sail cloth", paints(rng, 1)[0].base_color, 0.0, 0.85)
        bulge = rng.uniform(0.04, 0.08) * rng.choice([-1, 1])

        def sail(
            p0: Array,
            p1: Array,
            p2: Array,
            part: str,
            colour: Material,
            low_v: float = 0.0,
            high_v: float = 1.0,
        ) -> None:
            """A bellied triangle: foot p0 to p1, head p2."""
            rings = []
            for v in np.linspace(low_v, min(high_v, 0.97), 16):
                u = np.linspace(0, 1, 16)
                line2 = p0 + (p1 - p0) * (u * (1 - v))[:, None] + (p2 - p0) * v
                belly = bulge * np.sin(np.pi * u) * (1 - v) * (0.35 + v) * 1.6
                thick = 0.006 + (0.003 if part == "sail stripe" else 0)
                rings.append(np.concatenate([line2 + np.column_stack([0 * u, belly + thick, 0 * u]),
                                             (line2 + np.column_stack([0 * u, belly - thick, 0 * u]))[::-1]]))  # fmt: skip
            b.add(part, loft(np.array(rings)), colour)

        end = np.array([x - boom * np.cos(swing), -boom * np.sin(swing), low])
        main = (np.array([x, 0, low]), end, np.array([x, 0, deck + tall * 0.97]))
        sail(*main, "main sail", cloth)
        v0 = rng.uniform(0.2, 0.5)
        sail(*main, "sail stripe", second, v0, v0 + rng.uniform(0.08, 0.15))
        bow = np.array([0.5, 0, deep + 0.085])
        if rng.uniform() < 0.8:
            sail(
                np.array([x + 0.02, 0, low]),
                bow + [-0.01, 0, 0.0],
                np.array([x, 0, deck + tall * 0.85]),
                "jib",
                cloth if rng.uniform() < 0.5 else third,
            )
        b.add("forestay", sweep([bow, (x, 0, deck + tall * 0.94)], 0.005, 8), brass)
        flag = outline([(0, 0), (-0.12, 0.03), (0, 0.07)], 0.006)
        b.add(
            "flag", place(slab(flag, 0.008, 0.001), (x + 0.003, 0, deck + tall - 0.07 + 0.03)), red
        )
        b.add("cabin", brick((0.2, beam * 0.95, 0.08), (x - 0.16, 0, deck + 0.03), 0.025), white)
        for side in (-1, 1):
            for k in (-0.05, 0.05):
                b.add(
                    "portholes",
                    place(
                        rod(0.018, -0.006, 0.008, 0.003, 24),
                        (x - 0.16 + k, side * beam * 0.475, deck + 0.035),
                        rx=-side * AXLE,
                    ),
                    glass,
                )
        b.add(
            "rudder",
            slab(
                outline(
                    [(-0.52, 0.02), (-0.44, 0.02), (-0.44, deep * 0.8), (-0.5, deep * 0.8)], 0.015
                ),
                0.024,
                0.006,
            ),
            timber,
        )
        return finish(rng, b)
    ship = kind == "ship"
    length, wide, tall = (0.56, beam * 1.2, 0.1) if ship else (0.36, beam * 1.15, 0.14)
    length *= rng.uniform(0.9, 1.1)
    x = -0.04 if ship else -0.02
    b.add("cabin", brick((length, wide, tall), (x, 0, deck + tall / 2 - 0.01), 0.02), white)
    b.add(
        "cabin roof",
        brick((length + 0.04, wide + 0.03, 0.022), (x, 0, deck + tall - 0.005), 0.008),
        second,
    )
    bridge_x = x + length * (0.32 if ship else 0.22)
    z = deck + tall
    high = rng.uniform(0.12, 0.15)
    size = (0.13 if ship else 0.17, wide * 0.85)
    b.add(
        "bridge",
        brick((*size, high), (bridge_x, 0, z + high / 2 - 0.01), 0.016),
        third if not ship else white,
    )
    b.add(
        "bridge roof",
        brick((size[0] + 0.05, size[1] + 0.05, 0.025), (bridge_x, 0, z + high - 0.005), 0.01),
        second,
    )
    b.add(
        "bridge windows",
        brick(
            (0.02, size[1] * 0.82, high * 0.4),
            (bridge_x + size[0] / 2 - 0.004, 0, z + high * 0.56),
            0.006,
        ),
        glass,
    )
    for side in (-1, 1):
        b.add(
            "bridge windows",
            slab(
                oblong(size[0] * 0.7, high * 0.4, 0.012, bridge_x, z + high * 0.56),
                0.02,
                0.004,
                side * (size[1] / 2 - 0.004),
            ),
            glass,
        )
        count = int(rng.integers(5, 9)) if ship else int(rng.integers(2, 4))
        for k in np.linspace(-0.42, 0.42 if ship else 0.4, count):
            spot = (x + k * length, side * wide / 2, deck + tall * 0.5)
            b.add(
                "portholes",
                place(rod(0.022, -0.006, 0.006, 0.003, 24), spot, rx=-side * AXLE),
                brass,
            )
            b.add(
                "portholes",
                place(rod(0.016, -0.006, 0.009, 0.003, 24), spot, rx=-side * AXLE),
                glass,
            )
    stacks = int(rng.integers(2, 4)) if ship else 1
    for k in range(stacks):
        at = (bridge_x - 0.14 - 0.13 * k if ship else bridge_x - 0.15, 0, z - 0.02)
        if k == 0:
            tower = rng.uniform(0.16, 0.2)
        r = 0.038 if ship else rng.uniform(0.042, 0.055)
        lean = -0.12
        b.add(f"funnel {k + 1}", place(rod(r, 0, tower, 0.008), at, ry=lean), red)
        b.add(
            f"funnel {k + 1}",
            place(rod(r * 1.04, tower * 0.6, tower * 0.76, 0.003), at, ry=lean),
            white,
        )
        b.add(
            f"funnel {k + 1}",
            place(rod(r * 1.06, tower * 0.86, tower * 1.03, 0.008), at, ry=lean),
            BLACK,
        )
    b.add("mast", sweep([(0.33, 0, deck), (0.31, 0, deck + 0.3)], 0.009, 12), mast_wood)
    b.add("mast", blob(0.016, (0.31, 0, deck + 0.31), detail=2), brass)
    b.add(
        "flag",
        place(
            slab(outline([(0, 0), (-0.1, 0.0), (-0.1, 0.06), (0, 0.06)], 0.006), 0.008, 0.001),
            (0.316, 0, deck + 0.23),
        ),
        third,
    )
    for side, way in SIDES:
        if ship:
            boat = blob(
                (0.07, 0.022, 0.022), (x - length * 0.18, side * (wide / 2 + 0.0), z + 0.02)
            )
            b.add(f"{way} lifeboat", boat, timber)
        else:
            for k, u in enumerate((0.15, 0.4, 0.65)):
                here = plan(0.82, 0.012)[int(40 * u)]
                spot = (here[0], side * abs(here[1]), here[2])
                b.add(
                    f"{way} fender {k + 1}",
                    place(ring(0.038, 0.016, 0.016, 0, 32, 12), spot, rx=AXLE),
                    BLACK,
                )
    b.add("bollards", place(rod(0.014, -0.02, 0.05, 0.004, 20), (-0.36, 0, deck)), brass)
    hoop = [(0.32 + 0.11, 0, deep + 0.07)]
    b.add("anchor winch", place(rod(0.022, -0.04, 0.04, 0.006, 24), hoop[0], rx=AXLE), brass)
    return finish(rng, b)


BLACK = plain("black paint", (0.025, 0.025, 0.028), 0.5)

VEHICLES: dict[str, Callable[[Rng], Shape]] = {
    "train": _train,
    "car": _car,
    "airplane": _airplane,
    "boat": _boat,
    "bus": _bus,
}
