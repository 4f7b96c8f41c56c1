"""Numbers in text: what Python takes for one and importers do not is refused, never read anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.errors import BadShape
from datagen.files.numbers import points_of

PATH = Path("a.obj")


def test_finite_numbers_in_any_notation() -> None:
    points = points_of([b"1 -2.5 3e1", b".5 +1 1E-3 255 0 0"], PATH)
    assert points.tolist() == [[1, -2.5, 30], [0.5, 1, 0.001]]


@pytest.mark.parametrize("word", ["1_000", "1,5", "word", "0x1p3", "+-1", "1.#IND", "\uff11"])
def test_what_is_no_number_names_its_row(word: str) -> None:
    with pytest.raises(BadShape, match=r"a\.obj: a vertex has the coordinates .* no three numbers"):
        points_of([b"0 0 0", f"{word} 0 0".encode()], PATH)


@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "1e39", "1e300"])
def test_what_no_float_holds_is_no_number(word: str) -> None:
    with pytest.raises(BadShape, match="not numbers"):
        points_of([f"0 {word} 0".encode()], PATH)
