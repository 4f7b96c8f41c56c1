"""Frozen dataclasses from and to JSON: strict, and a fault is told at its key."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import ConfigDict, Field

from datagen.base.typed import (
    LEFT_OUT,
    NOTHING_ELSE,
    NullForNaN,
    WrongData,
    line,
    parse,
    parsed,
    plain,
    read,
    write,
)
from datagen.errors import OddgenError


@dataclass(frozen=True)
class Inner:
    name: str
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Outer:
    inner: Inner
    figure: NullForNaN = 0.0
    dashed: Annotated[str, Field(alias="dash-ed")] = "x"
    note: Annotated[str | None, LEFT_OUT] = None


@dataclass(frozen=True)
class Closed:
    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    inner: Inner


VALUE = Outer(Inner("a", (2, 1)), 0.5)
CONTENT: dict[str, Any] = {"inner": {"name": "a", "sizes": [2, 1]}, "figure": 0.5, "dash-ed": "x"}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert plain(VALUE) == CONTENT
    assert parsed(Outer, CONTENT) == parse(Outer, line(VALUE)) == VALUE
    write(tmp_path / "a.json", VALUE)
    assert read(Outer, tmp_path / "a.json", "mend it") == VALUE
    assert (tmp_path / "a.json").read_text().startswith('{\n "dash-ed": "x",\n')
    write(tmp_path / "b.json", VALUE, sort_keys=False)
    assert (tmp_path / "b.json").read_text().startswith('{\n "inner": {\n')


def test_nan_is_null_where_it_may_be() -> None:
    assert plain(Outer(VALUE.inner, math.nan))["figure"] is None
    assert math.isnan(parsed(Outer, CONTENT | {"figure": None}).figure)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"inner": {"name": "a"}}, "inner.sizes is missing"),
        ({"inner": {"name": 1, "sizes": []}}, "inner.name should be a valid string"),
        ({"inner": {"name": "a", "sizes": [1, "2"]}}, "inner.sizes.1 should be a valid integer"),
        ({"inner": {"name": "a", "sizes": [1.5]}}, "inner.sizes.0 should be a valid integer"),
        ({"inner": {"name": "a", "sizes": [True]}}, "inner.sizes.0 should be a valid integer"),
        ({"inner": []}, "inner should be an object"),
        ({"figure": "1"}, "figure should be a valid number"),
        ({"figure": math.inf}, "no JSON"),
        ({"note": object()}, "no JSON"),
    ],
)
def test_a_fault_is_told_at_its_key(change: dict[str, Any], words: str) -> None:
    with pytest.raises(WrongData, match=words):
        parsed(Outer, CONTENT | change)


def test_unknown_keys_are_passed_over_unless_the_type_takes_nothing_else() -> None:
    content = {"inner": CONTENT["inner"] | {"more": 1}}
    assert parsed(Outer, content | {"more": 1}).inner == VALUE.inner
    with pytest.raises(WrongData, match="inner.more is not known here"):
        parsed(Closed, content)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "3", '{"inner": NaN}', "\udcff"])
def test_a_file_that_is_wrong_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(OddgenError) as caught:
        read(Outer, path, "mend it")
    told = str(caught.value)
    assert told.startswith(f"{path}: ") and told.endswith("; mend it.") and "\n" not in told
    with pytest.raises(OddgenError, match=r"is a directory|Is a directory"):
        read(Outer, tmp_path, "mend it")
