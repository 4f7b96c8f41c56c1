"""The choices of the finder, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FinderConfig:
    """What the finder is made of.

    image: pixels along a square input. head: channels of the silhouette head. cells: along a side
    of the grid on the ground, of `cell` metres; levels: heights of its slices, metres. width:
    channels of the bird's-eye network. candidate: heat from which on a peak is looked at closer.
    close_*: the same of the grid round it, which is as large as the object there, and of the
    network that sees it. least: how sure of a box one has to be: its promised overlap with an
    object times the root of the heat. apart: overlap of two boxes from which on they are one.
    """

    image: int = 256
    head: int = 48
    cells: int = 112
    cell: float = 0.025
    levels: tuple[float, ...] = (0.01, 0.03, 0.055, 0.09, 0.13, 0.18, 0.25, 0.34)
    width: int = 32
    candidate: float = 0.15
    close_cells: int = 32
    close_slices: int = 12
    close_width: int = 32
    least: float = 0.3
    apart: float = 0.25
