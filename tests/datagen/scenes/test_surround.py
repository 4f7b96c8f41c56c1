"""An HDRI or a floor that cannot be loaded costs itself, not the scene."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cli import oddgen
from datagen.dataset.reader import Dataset
from datagen.errors import BadFloor, BadHdri
from datagen.files.image_check import image_fault
from datagen.scenes.catalog import Catalog, open_catalog
from datagen.scenes.journal import Journal
from datagen.scenes.objects import Surroundings
from datagen.scenes.surround import surrounded
from tests.support.runs import OPTIONS, tiny_settings

HEAD = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 32 +X 64\n"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Three HDRIs and two floors."""
    whole = open_catalog(tiny_settings(), tmp_path_factory.mktemp("cache"))
    return replace(whole, hdris=whole.hdris[:3], floors=whole.floors[:2])


def given(catalog: Catalog) -> Surroundings:
    rng = np.random.default_rng(0)
    return Surroundings(catalog.floors[0], rng, catalog.hdris[1], 0.0, 1.0)


class Renderer:
    """Refuses some HDRIs and floors by name; draws from the floor's generator."""

    def __init__(self, *bad: str) -> None:
        self.bad = bad

    def __call__(self, around: Surroundings) -> float:
        drawn = float(around.floor_rng.random())
        if around.floor.name in self.bad:
            raise BadFloor(f"{around.floor.name}: broken; remove it.")
        if around.hdri.name in self.bad:
            raise BadHdri(f"{around.hdri.name}: broken; remove it.")
        return drawn


def test_the_next_stands_in_and_the_bad_ones_are_told(catalog: Catalog) -> None:
    (first, second, third), (floor, other) = catalog.hdris, catalog.floors
    journal, around = Journal(), given(catalog)
    expected, kept = surrounded(Renderer(), around, catalog, journal)
    assert kept == around and not journal.warnings
    render = Renderer(second.name, third.name, floor.name)
    drawn, used = surrounded(render, around, catalog, journal)
    assert (used.hdri, used.floor) == (first, other)
    assert drawn == expected, "a second attempt draws as the first"
    told = [line.split(":")[0] for line in journal.warnings]
    assert told == [floor.name, second.name, third.name]


def test_none_that_can_be_loaded_fails_the_scene(catalog: Catalog) -> None:
    names = [hdri.name for hdri in catalog.hdris]
    with pytest.raises(BadHdri):
        surrounded(Renderer(*names), given(catalog), catalog, Journal())
    with pytest.raises(BadFloor):
        floors = [floor.name for floor in catalog.floors]
        surrounded(Renderer(*floors), given(catalog), catalog, Journal())


@pytest.mark.slow
def test_a_broken_hdri_costs_no_scene(tmp_path: Path) -> None:
    (tmp_path / "sky").mkdir()
    row = b"\2\2\0\x40" + bytes([128 + 64, 128]) * 4
    (tmp_path / "sky/good.hdr").write_bytes(HEAD + row * 32)
    (tmp_path / "sky/bad.hdr").write_bytes(HEAD + row.replace(b"\xc0", b"\xff") + row * 31)
    assert image_fault(tmp_path / "sky/bad.hdr") is None, "it looks whole"
    out = tmp_path / "out"
    words = ["generate", *OPTIONS, "--scenes", "4", "--hdri", str(tmp_path / "sky")]
    result = CliRunner().invoke(oddgen, [*words, "--out", str(out), "--cache", str(tmp_path / "c")])
    assert result.exit_code == 0, result.output
    assert {scene.spec.hdri.name for scene in Dataset(out) if scene.spec.hdri} == {"good"}
    assert "flaw: " in result.output and "bad.hdr: the HDRI is empty" in result.output
    assert "Traceback" not in result.output
