"""The choices of the finder, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FinderConfig:
    """What the finder is made of.

    image: pixels along a square input. head: channels of the silhouette head. cells: along a side
    of the grid on the ground, of `cell` metres; slices: above it, of `slice_height` metres. width:
    channels of the bird's-eye network. least: heat from which on a peak is an object.
    """

    image: int = 256
    head: int = 48
    cells: int = 112
    cell: float = 0.025
    slices: int = 8
    slice_height: float = 0.05
    width: int = 32
    least: float = 0.3
