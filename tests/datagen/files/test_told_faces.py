"""Faces that a text tells of: short ones are counted as left out, a text that breaks off is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.errors import BadShape
from datagen.files.told_faces import dropped, obj_triangles

POINTS = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\n"
PATH = Path("a.obj")


@pytest.mark.parametrize(
    ("faces", "told"),
    [
        (b"f 1 2 3\nf 2 4 3\n", 2),
        (b"f 1 2 4 3", 2),
        (b"f 1 2\nf 1 2 3\nf 2 4 3\n", 3),
        (b"f 1 2 3\nf 1 2\nl 1 2", 2),
        (b"f 1 1 2\nf 1 2 3\n", 1),
        (b"f -4/1/1 -3//2 -2\r\n", 1),
        (b"", 0),
    ],
)
def test_triangles_of_a_text(faces: bytes, told: int) -> None:
    assert obj_triangles(POINTS + faces, PATH) == told


@pytest.mark.parametrize(
    ("faces", "words"),
    [
        (b"f 1 2 3\nf 2 4", "breaks off"),
        (b"f 1 2 5\n", "names point 5, and there are 4"),
        (b"f 1 2 -5\n", "names point -5"),
        (b"f 1 2 x\n", "no whole number"),
        (b"f 1 2 0_3\n", "no whole number"),
        (b"f 1 2\n 3\n", "a line begins with '3'"),
    ],
)
def test_what_cannot_be_meant(faces: bytes, words: str) -> None:
    with pytest.raises(BadShape, match=words):
        obj_triangles(POINTS + faces, PATH)


def test_what_is_left_out_is_told() -> None:
    assert dropped(3, 3) == [] == dropped(3, 4)
    (told,) = dropped(3, 2)
    assert told.startswith("1 of 3 triangles")
