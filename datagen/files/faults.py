"""Faults that several kinds of mesh files share, each as the error to raise."""

from __future__ import annotations

from datagen.errors import BadShape


def breaks_off(name: object) -> BadShape:
    return BadShape(f"{name}: the file breaks off; export or copy it again.")


def not_numbers(name: object) -> BadShape:
    return BadShape(f"{name}: has vertices that are not numbers; export it again.")
