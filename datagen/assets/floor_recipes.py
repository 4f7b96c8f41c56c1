"""Procedural floors, one function each: (rng, size in pixels) to seamless textures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen.assets.tileable_noise import (
    Field,
    Ints,
    cells,
    fbm,
    grid,
    mix,
    normals,
    smoothstep,
    warp,
)

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class FloorTextures:
    """Textures of S x S pixels that repeat without a seam.

    color: (S, S, 3) uint8 sRGB; roughness: (S, S) uint8; normal: (S, S, 3) uint8 OpenGL.
    metallic: 0 to 1; tile_metres: the side that one tile covers.
    """

    color: NDArray[np.uint8]
    roughness: NDArray[np.uint8]
    normal: NDArray[np.uint8]
    metallic: float
    tile_metres: float


def _finish(
    color: Field, roughness: Field, height: Field, tile_metres: float, metallic: float = 0.0
) -> FloorTextures:
    """color, roughness: 0 to 1; height: in 512ths of a tile."""
    return FloorTextures(
        _bytes(color), _bytes(roughness), normals(height * len(height) / 512), metallic, tile_metres
    )


def _bytes(values: Field) -> NDArray[np.uint8]:
    return np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _pick(rng: np.random.Generator, colours: list[Colour], spread: float = 0.03) -> Field:
    """(3,) one of the colours, moved a little."""
    colour = np.array(colours[rng.integers(len(colours))])
    return (colour * rng.normal(1, spread) + rng.normal(0, spread / 3, 3)).astype(np.float32)


def _wood(
    rng: np.random.Generator, size: int, board: Ints, upright: NDArray[np.bool_], boards: int
) -> tuple[Field, Field]:
    """Color and grain (0 to 1) of boards (S, S), each cut from another part of one trunk."""
    y, _ = grid(size)
    bend = fbm(rng, size, 2.2, (1, 7), high=40)
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (9 * y + 0.9 * bend))
    streaks = fbm(rng, size, 1.0, (1, 24), low=12)
    pores = smoothstep(1.3, 2.4, fbm(rng, size, 0.3, (1, 16), low=60))
    trunk_grain = np.clip(0.38 + 0.3 * (rings**3 - 0.3) + 0.13 * streaks + 0.25 * pores, 0, 1)
    rows, columns = np.indices((size, size))
    along, across = np.where(upright, rows, columns), np.where(upright, columns, rows)
    moved = rng.integers(0, size, (2, boards))
    grain = trunk_grain[(across + moved[0][board]) % size, (along + moved[1][board]) % size]
    light = _pick(
        rng,
        [
            (0.78, 0.60, 0.41),
            (0.69, 0.49, 0.31),
            (0.55, 0.36, 0.22),
            (0.74, 0.66, 0.55),
            (0.44, 0.29, 0.19),
        ],
    )
    dark = light * np.array([0.52, 0.45, 0.38], np.float32)
    tones = rng.normal(1, 0.09, (boards, 1)) + rng.normal(0, 0.012, (boards, 3))
    color = mix(light, dark, grain) * tones[board].astype(np.float32)
    return color, grain


def _boards(
    color: Field, grain: Field, edge: Field, tile_metres: float, gloss: float
) -> FloorTextures:
    """edge: distance to the board's border in 512ths of a tile."""
    joint = smoothstep(0.3, 1.8, edge)
    color = color * (0.28 + 0.72 * joint)[..., None]
    height = 1.8 * smoothstep(0, 3.5, edge) - 0.7 * grain
    return _finish(color, gloss + 0.18 * grain + 0.25 * (1 - joint), height, tile_metres)


def _bond(size: int, rows: int, along: int, start: Field) -> tuple[Ints, Field]:
    """Bricks in courses, start (rows,) to the right: their number, and how far their border is.

    The distance is in 512ths of a tile.
    """
    y, x = grid(size)
    row = (y * rows).astype(np.int64)
    position = ((x - start[row]) % 1 * along).astype(np.float32)
    number = np.minimum(position.astype(np.int64), along - 1)
    across = (y * rows - row).astype(np.float32)
    beside = (position - number).astype(np.float32)
    edge = np.minimum(np.minimum(across, 1 - across) / rows, np.minimum(beside, 1 - beside) / along)
    return row * along + number, edge * np.float32(512)


def wood_planks(rng: np.random.Generator, size: int) -> FloorTextures:
    """Staggered long boards along x."""
    rows, along = int(rng.integers(6, 10)), 2
    start = (np.arange(rows) * 0.19 + rng.uniform(0, 0.12, rows)).astype(np.float32)
    board, edge = _bond(size, rows, along, start)
    color, grain = _wood(rng, size, board, np.zeros_like(board, bool), rows * along)
    return _boards(color, grain, edge, 1.3, float(rng.uniform(0.3, 0.5)))


def parquet(rng: np.random.Generator, size: int) -> FloorTextures:
    """Herringbone of boards one cell wide and four long."""
    count, long = 16, 4
    y, x = grid(size)
    y, x = y * count, x * count
    row, column = y.astype(np.int64), x.astype(np.int64)
    turn = (column - row) % (2 * long)
    upright = turn >= long
    step = np.where(upright, 2 * long - 1 - turn, turn)
    first_row = (row - np.where(upright, step, 0)) % count
    first_column = (column - np.where(upright, 0, step)) % count
    along = step + np.where(upright, y - row, x - column)
    across = np.where(upright, x - column, y - row)
    cells_away = np.minimum(np.minimum(across, 1 - across), np.minimum(along, long - along))
    edge: Field = (cells_away * 512 / count).astype(np.float32)
    board = first_row * count + first_column
    color, grain = _wood(rng, size, board, upright, count * count)
    return _boards(color, grain, edge, 1.0, float(rng.uniform(0.22, 0.4)))


def marble(rng: np.random.Generator, size: int) -> FloorTextures:
    """Polished slab: clouds and thin veins along warped level lines."""
    base, vein = [
        ((0.90, 0.89, 0.87), (0.45, 0.46, 0.49)),
        ((0.13, 0.13, 0.14), (0.80, 0.78, 0.74)),
        ((0.80, 0.72, 0.60), (0.48, 0.34, 0.22)),
        ((0.19, 0.29, 0.25), (0.71, 0.78, 0.72)),
    ][rng.integers(4)]
    down, right = (0.035 * fbm(rng, size, 2.1) for _ in range(2))
    wide = warp(fbm(rng, size, 2.4, (1, 1.6), high=9), down, right)
    thin = warp(fbm(rng, size, 2.0, low=2, high=14), down, right)
    clouds = fbm(rng, size, 2.0)
    presence = smoothstep(-0.6, 1.3, warp(clouds, right, down))
    veins = np.exp(-np.abs(wide) * 26) * (0.25 + 0.75 * presence)
    hairs = np.exp(-np.abs(thin) * 32) * presence
    halo = np.exp(-np.abs(wide) * 5)
    share = np.clip(
        0.72 * veins
        + 0.4 * hairs
        + 0.2 * halo * presence
        + 0.07 * clouds
        + 0.02 * fbm(rng, size, 0.6),
        0,
        1,
    )
    color = mix(_pick(rng, [base], 0.02), vein, share)
    return _finish(color, 0.12 + 0.1 * share, -0.25 * veins, 1.6)


def concrete(rng: np.random.Generator, size: int) -> FloorTextures:
    """Trowelled slab with stains, sand and pores."""
    base = _pick(rng, [(0.58, 0.57, 0.55), (0.47, 0.47, 0.47), (0.65, 0.62, 0.57)])
    stains = fbm(rng, size, 1.7)
    drift = fbm(rng, size, 1.3, (1, 3), low=3)
    sand = fbm(rng, size, 0.35, low=30)
    spots = cells(rng, size, 34, 1.0)
    radius = rng.uniform(-0.25, 0.19, 34 * 34).astype(np.float32)[spots.point]
    pores = 1 - smoothstep(-0.05, 0.05, spots.near - radius)
    tone = 1 + 0.055 * stains + 0.03 * drift + 0.028 * sand - 0.38 * pores
    warm = mix((1, 1, 1), (1.03, 1.0, 0.95), smoothstep(-1, 1.5, drift))
    height = 0.5 * stains + 0.22 * sand - 2.2 * pores
    return _finish(base * tone[..., None] * warm, 0.72 + 0.06 * stains + 0.1 * pores, height, 1.8)


def ceramic_tiles(rng: np.random.Generator, size: int) -> FloorTextures:
    """Glazed square tiles with bevelled edges and sanded grout, plain or chequered."""
    count = 2 * int(rng.integers(2, 4))
    glaze = _pick(
        rng,
        [
            (0.86, 0.84, 0.79),
            (0.62, 0.70, 0.72),
            (0.70, 0.44, 0.32),
            (0.33, 0.42, 0.52),
            (0.55, 0.60, 0.48),
        ],
    )
    other = _pick(rng, [(0.22, 0.23, 0.25), (0.42, 0.30, 0.24), (0.85, 0.83, 0.78)])
    grout = _pick(rng, [(0.62, 0.60, 0.56), (0.34, 0.33, 0.32)])
    y, x = grid(size)
    y, x = y * count, x * count
    row, column = y.astype(np.int64), x.astype(np.int64)
    y, x = y - row, x - column
    tile = row * count + column
    wobble = 0.25 * fbm(rng, size, 1.4, low=8)
    edge = np.minimum(np.minimum(y, 1 - y), np.minimum(x, 1 - x)) * 512 / count + wobble
    chequer = ((row + column) % 2).astype(np.float32) * float(rng.random() < 0.4)
    clouds = fbm(rng, size, 1.7)
    tones = rng.normal(1, 0.03, count * count).astype(np.float32)[tile]
    speckle = smoothstep(2.0, 2.8, fbm(rng, size, 0.5, low=25))
    body = mix(glaze, other, chequer) * (tones + 0.03 * clouds - 0.12 * speckle)[..., None]
    sand = fbm(rng, size, 0.3, low=40)
    inside = smoothstep(2.6, 3.6, edge)
    color = mix(grout * (1 + 0.06 * sand + 0.06 * clouds)[..., None], body, inside)
    shade = 0.8 + 0.2 * smoothstep(2.6, 7, edge)
    tilt = rng.normal(0, 2.0, (2, count * count)).astype(np.float32)
    lean = tilt[0][tile] * y + tilt[1][tile] * x
    height = (
        5 * smoothstep(2, 7.5, edge) + inside * (0.35 * clouds + lean) + 0.3 * sand * (1 - inside)
    )
    return _finish(color * shade[..., None], 0.85 - 0.68 * inside + 0.02 * clouds, height, 1.2)


def brushed_metal(rng: np.random.Generator, size: int) -> FloorTextures:
    """Steel, brass or dark sheet with hair lines along x."""
    base = _pick(
        rng, [(0.78, 0.78, 0.79), (0.82, 0.70, 0.47), (0.44, 0.45, 0.48), (0.80, 0.55, 0.42)], 0.02
    )
    lines = fbm(rng, size, 0.5, (1, 60), low=8)
    long = fbm(rng, size, 0.8, (1, 200), low=1)
    smudge = fbm(rng, size, 1.9)
    scratch = smoothstep(2.4, 3.2, fbm(rng, size, 0.4, (1.5, 30), low=30))
    tone = 1 + 0.045 * lines + 0.035 * long + 0.02 * smudge + 0.12 * scratch
    roughness = 0.3 + 0.05 * lines + 0.05 * smudge
    return _finish(
        base * tone[..., None],
        roughness,
        0.16 * lines + 0.1 * long - 0.3 * scratch,
        1.0,
        metallic=1.0,
    )


def woven_fabric(rng: np.random.Generator, size: int) -> FloorTextures:
    """Plain weave: each thread passes over and under its neighbours."""
    count = 2 * int(rng.integers(16, 25))
    yarns: list[Colour] = [
        (0.72, 0.66, 0.55),
        (0.30, 0.36, 0.46),
        (0.52, 0.25, 0.22),
        (0.40, 0.44, 0.34),
        (0.50, 0.49, 0.48),
        (0.80, 0.77, 0.71),
    ]
    warp_color, weft_color = _pick(rng, yarns), _pick(rng, yarns)
    weft_color = 0.6 * warp_color + 0.4 * weft_color
    down, right = (fbm(rng, size, 1.5, low=2) * 0.06 for _ in range(2))
    y, x = grid(size)
    y, x = y * count + down, x * count + right
    row, column = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    y, x = y - row - 0.5, x - column - 0.5
    sign = (1 - 2 * ((row + column) % 2)).astype(np.float32)
    along_y = np.sqrt(np.maximum(1 - (2.1 * x) ** 2, 0)) * 0.8 + 0.7 * sign * np.cos(np.pi * y)
    along_x = np.sqrt(np.maximum(1 - (2.1 * y) ** 2, 0)) * 0.8 - 0.7 * sign * np.cos(np.pi * x)
    vertical = along_y > along_x
    height = np.maximum(along_y, along_x)
    twist = np.sin(2 * np.pi * 3 * np.where(vertical, x + 0.5 * y, y + 0.5 * x))
    fibres = np.where(
        vertical, fbm(rng, size, 0.3, (6, 1), low=40), fbm(rng, size, 0.3, (1, 6), low=40)
    )
    thread = rng.normal(1, 0.06, (2, count)).astype(np.float32)
    tone = np.where(vertical, thread[0][column % count], thread[1][row % count])
    light = 0.42 + 0.58 * smoothstep(-0.1, 1.35, height)
    tone = tone * light * (1 + 0.07 * fibres + 0.05 * twist)
    color = np.where(vertical[..., None], warp_color, weft_color) * tone[..., None]
    return _finish(color, np.full_like(height, 0.9), 2.6 * height + 0.2 * fibres + 0.2 * twist, 0.5)


def terrazzo(rng: np.random.Generator, size: int) -> FloorTextures:
    """Polished cement with angular chips of two sizes."""
    cement = _pick(
        rng, [(0.83, 0.81, 0.77), (0.60, 0.60, 0.59), (0.24, 0.25, 0.27), (0.74, 0.63, 0.55)]
    )
    stones: Field = np.array(
        [
            (0.93, 0.91, 0.87),
            (0.30, 0.29, 0.29),
            (0.66, 0.45, 0.34),
            (0.52, 0.55, 0.54),
            (0.78, 0.69, 0.54),
            (0.35, 0.43, 0.40),
        ],
        np.float32,
    )
    stones = stones[rng.permutation(len(stones))[:4]]
    cloud = fbm(rng, size, 1.6)
    grain = fbm(rng, size, 0.6, low=20)
    color = cement * (1 + 0.02 * cloud + 0.025 * grain)[..., None]
    covered = np.zeros((size, size), np.float32)
    for count, share, gap in ((70, 0.42, 0.16), (20, 0.55, 0.12)):
        chip = cells(rng, size, count, 1.0)
        kept = rng.random(count * count) < share
        shrink = rng.uniform(gap, gap + 0.25, count * count).astype(np.float32)[chip.point]
        mask = smoothstep(0, 0.06, chip.second - chip.near - shrink) * kept[chip.point]
        kind = stones[rng.integers(len(stones), size=count * count)]
        kind = kind * rng.normal(1, 0.06, (count * count, 1)).astype(np.float32)
        color = mix(color, kind[chip.point] * (1 + 0.05 * grain + 0.03 * cloud)[..., None], mask)
        covered = np.maximum(covered, mask)
    return _finish(color, 0.26 - 0.1 * covered + 0.02 * cloud, 0.25 * covered, 1.0)


def slate(rng: np.random.Generator, size: int) -> FloorTextures:
    """Riven slabs in running bond: cleaved terraces, rust stains, dark joints."""
    rows, along = 4, 2
    base = _pick(rng, [(0.29, 0.32, 0.35), (0.33, 0.36, 0.33), (0.36, 0.32, 0.34)])
    slab, joint = _bond(size, rows, along, -0.25 * np.arange(rows, dtype=np.float32))
    wobble: Field = np.clip(0.9 * fbm(rng, size, 1.6, low=4), -1.5, 1.5)
    edge = joint + wobble
    relief = fbm(rng, size, 1.9, (1, 1.5)) + rng.uniform(-3, 3, rows * along)[slab].astype(
        np.float32
    )
    level = relief * 3.5
    terraces = np.floor(level) + smoothstep(0.7, 1.0, level - np.floor(level))
    fine = fbm(rng, size, 0.9, (1, 2), low=8)
    rust = smoothstep(0.7, 2.2, warp(fbm(rng, size, 1.8), 0.02 * fine, 0.02 * wobble))
    tones = rng.normal(1, 0.1, (rows * along, 1)) + rng.normal(0, 0.02, (rows * along, 3))
    shade = 1 + 0.05 * fine + 0.1 * (level - terraces) + 0.035 * relief
    body = mix(base * shade[..., None], np.array((0.46, 0.33, 0.21)) * shade[..., None], 0.5 * rust)
    inside = smoothstep(2.0, 4.0, edge)
    mortar = np.array((0.40, 0.39, 0.37)) * (0.8 + 0.06 * fine)[..., None]
    color = mix(mortar, body * tones[slab].astype(np.float32), inside)
    height = inside * (1.6 * (terraces - 3.5 * relief) + 1.2 * relief) + 0.45 * fine
    return _finish(
        color, 0.62 + 0.06 * fine + 0.25 * (1 - inside), height + 4 * smoothstep(1, 5, edge), 1.6
    )


def carpet(rng: np.random.Generator, size: int) -> FloorTextures:
    """Cut pile: tufts that lean in patches, in two related yarns."""
    count = 100
    yarn = _pick(
        rng,
        [
            (0.55, 0.50, 0.43),
            (0.29, 0.34, 0.42),
            (0.46, 0.22, 0.21),
            (0.36, 0.40, 0.33),
            (0.42, 0.41, 0.41),
        ],
    )
    tuft = cells(rng, size, count, 0.85)
    pile = 1 - np.clip(tuft.near, 0, 1)
    patches = fbm(rng, size, 1.6)
    fibres = fbm(rng, size, 0.2, low=90)
    tone = rng.normal(1, 0.09, count * count).astype(np.float32)[tuft.point]
    flecks = (rng.random(count * count) < 0.18)[tuft.point].astype(np.float32)
    light = tone * (0.5 + 0.62 * pile**1.3) * (1 + 0.045 * patches + 0.09 * fibres)
    color = mix(yarn, yarn * 0.72 + 0.08, flecks) * light[..., None]
    return _finish(color, np.full_like(pile, 0.96), 3.2 * pile + 0.35 * fibres, 0.7)


def asphalt(rng: np.random.Generator, size: int) -> FloorTextures:
    """Stones of two sizes set in worn bitumen."""
    binder = _pick(rng, [(0.15, 0.15, 0.155), (0.22, 0.215, 0.21), (0.27, 0.265, 0.26)])
    wear = fbm(rng, size, 1.6)
    sand = fbm(rng, size, 0.3, low=50)
    color = binder * (1 + 0.08 * wear + 0.16 * sand)[..., None]
    height = 0.5 * sand + 0.4 * wear
    for count, share in ((120, 0.55), (58, 0.5)):
        stone = cells(rng, size, count, 1.0)
        bare = rng.uniform(-1, 1, count * count).astype(np.float32)[stone.point] + 0.35 * wear
        size_of = rng.uniform(0.03, 0.3, count * count).astype(np.float32)[stone.point]
        mask = smoothstep(0, 0.14, stone.second - stone.near - size_of)
        mask = mask * smoothstep(1 - 2 * share, 1.3 - 2 * share, bare)
        grey = rng.normal(0.36, 0.10, (count * count, 1)) * rng.normal(1, 0.03, (count * count, 3))
        tint = grey.astype(np.float32)[stone.point] * (1 + 0.1 * sand)[..., None]
        color = mix(color, tint, 0.8 * mask)
        height = height + 1.5 * mask
    return _finish(color, 0.88 + 0.05 * sand, height, 1.0)


RECIPES: dict[str, Callable[[np.random.Generator, int], FloorTextures]] = {
    recipe.__name__: recipe
    for recipe in (
        asphalt,
        brushed_metal,
        carpet,
        ceramic_tiles,
        concrete,
        marble,
        parquet,
        slate,
        terrazzo,
        wood_planks,
        woven_fabric,
    )
}
