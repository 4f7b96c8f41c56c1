"""Intervals by drawing scenes again, since objects of a scene are not independent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from datagen.base.typed import NullForNaN
from datagen.geometry.shape import Floats

DRAWS = 1000
LEVEL = 0.95
_CHUNK = 50

Figures = Callable[[Floats], dict[str, Floats]]


@dataclass(frozen=True)
class Estimate:
    """A figure of the split and the ends of its interval; NaN where it is undefined."""

    value: NullForNaN
    low: NullForNaN
    high: NullForNaN


def scene_weights(scenes: int, draws: int, seed: int) -> Iterator[Floats]:
    """(D, S) how often each scene is drawn, some draws at a time, draws in all."""
    rng = np.random.default_rng(seed)
    for start in range(0, draws, _CHUNK):
        count = min(_CHUNK, draws - start)
        yield rng.multinomial(scenes, np.full(scenes, 1 / scenes), size=count).astype(float)


def drawn(figures: Figures, scenes: int, draws: int, seed: int) -> dict[str, Floats]:
    """Each figure in every draw, (draws,). figures maps weights (D, S) to figures (D,)."""
    parts = [figures(weights) for weights in scene_weights(scenes, draws, seed)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def estimates(figures: Figures, scenes: int, draws: int, seed: int) -> dict[str, Estimate]:
    """Each figure of the split with its percentile interval of 95 %; one scene has no interval."""
    values = figures(np.ones((1, scenes)))
    if scenes < 2:
        return {name: Estimate(float(v[0]), np.nan, np.nan) for name, v in values.items()}
    spread = drawn(figures, scenes, draws, seed)
    return {name: Estimate(float(v[0]), *interval(spread[name])) for name, v in values.items()}


def interval(values: Floats) -> tuple[float, float]:
    """The middle 95 % of the draws in which a figure is defined."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
