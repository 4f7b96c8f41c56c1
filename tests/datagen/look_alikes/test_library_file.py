"""library.json: what is written is read, and every wrong type is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.base.typed import write
from datagen.errors import OddgenError
from datagen.look_alikes.library import open_library
from datagen.look_alikes.schema import (
    FORMAT,
    VERSION,
    BlockEntry,
    IndexEntry,
    LibraryConfig,
    LibraryState,
    read_state,
)
from datagen.look_alikes.thresholds import Thresholds
from tests.support.json_files import MISSING, Key, change

STATE = LibraryState(
    FORMAT,
    VERSION,
    LibraryConfig("folder", "/files", None, "dinov2", "a checkpoint", None, 224, 8, 384),
    (BlockEntry("features/block-00000.h5", 10, "ab", 2),),
    {"broken.stl": ("key", "broken.stl: holds no triangles.")},
    IndexEntry("flat", "library/index.h5", 5, "cd", 2),
    Thresholds(0.001, 0.01, 2, 2),
)


def test_a_library_is_read_as_it_was_written(tmp_path: Path) -> None:
    write(tmp_path / "library.json", STATE)
    assert read_state(tmp_path) == STATE


def test_keys_that_a_later_version_adds_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "library.json", STATE)
    change(tmp_path / "library.json", ("added",), 1)
    change(tmp_path / "library.json", ("config", "added"), 1)
    assert read_state(tmp_path) == STATE


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (("config",), MISSING, "config is missing"),
        (("config", "size"), "224", "config.size should be a valid integer"),
        (("config", "views"), None, "config.views should be a valid integer"),
        (("config", "source"), 3, "config.source should be a valid string"),
        (("config", "weights_file"), True, "config.weights_file should be a valid string"),
        (("blocks",), {}, "blocks should be a valid"),
        (("blocks", 0, "sha256"), 1, "blocks.0.sha256 should be a valid string"),
        (("blocks", 0, "shapes"), 1.5, "blocks.0.shapes should be a valid integer"),
        (("blocks", 0, "file"), "../block-00000.h5", "blocks.0.file: ../block-00000.h5 is no"),
        (("failures",), [], "failures should be"),
        (("failures", "broken.stl"), ["key"], "failures.broken.stl.1 is missing"),
        (("index", "kind"), None, "index.kind should be a valid string"),
        (("index", "bytes"), MISSING, "index.bytes is missing"),
        (("thresholds", "low"), "near", "thresholds.low should be a valid number"),
        (("thresholds", "high"), float("nan"), "no JSON"),
        (("version",), "1", "version should be a valid integer"),
        (("version",), 2, "of another version"),
        (("format",), "another", "of another version"),
    ],
)
def test_a_wrong_type_is_one_sentence(tmp_path: Path, key: Key, value: object, words: str) -> None:
    write(tmp_path / "library.json", STATE)
    change(tmp_path / "library.json", key, value)
    with pytest.raises(OddgenError) as caught:
        open_library(tmp_path)
    text = str(caught.value)
    assert text.startswith(f"{tmp_path / 'library.json'}: {words}") and "\n" not in text
    assert text.endswith(f"; delete {tmp_path} and run oddgen similar build again.")


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"format": 1}'])
def test_what_is_no_library_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "library.json").write_text(content)
    with pytest.raises(OddgenError, match="run oddgen similar build again"):
        open_library(tmp_path)


def test_an_unfinished_library_is_told_from_a_wrong_one(tmp_path: Path) -> None:
    write(
        tmp_path / "library.json", LibraryState(FORMAT, VERSION, STATE.config, (), {}, None, None)
    )
    with pytest.raises(OddgenError, match="the library is unfinished"):
        open_library(tmp_path)
