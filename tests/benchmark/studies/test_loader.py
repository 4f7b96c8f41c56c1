"""oddbench loader compares the same scenes, read in two ways."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from rich.console import Console

from benchmark.studies.loader import PngScenes, Rate, export_png, measure, print_rates
from benchmark.training.scenes import SceneSet
from cli import oddbench
from datagen.dataset.reader import Dataset
from model.config import NANO
from tests.support.scores import make_dataset


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scenes of six views of 32 x 32."""
    return make_dataset(tmp_path_factory.mktemp("data") / "out", scenes=5)


def test_png_files_give_what_the_shards_give(data: Path, tmp_path: Path) -> None:
    dataset = Dataset(data)
    for name in dataset.names:
        export_png(dataset, name, tmp_path)
    for memory in (0, 1 << 30):
        common = (dataset, dataset.names, 20, 4, None, 0, memory)
        shards, png = SceneSet(*common), PngScenes(tmp_path, *common)
        for index in range(len(shards)):
            first, second = shards[index], png[index]
            assert first.keys() == second.keys()
            assert all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("workers", [0, 1])
def test_rates_are_of_every_way(data: Path, workers: int) -> None:
    rates = measure(data, NANO, 4, workers, 1, Console(quiet=True))
    assert [(rate.way.split()[0], rate.cold) for rate in rates] == [
        ("PNG", True), ("shards", True), ("PNG", False), ("shards", False), ("shards,", False)
    ]  # fmt: skip
    assert all(rate.per_second > 0 for rate in rates)
    assert all((rate.per_cpu_second is None) == bool(workers) for rate in rates)


def test_ratios_are_to_png_files_in_the_same_state() -> None:
    rates = [
        Rate("PNG files", True, 2.0, 10.0),
        Rate("shards", True, 5.0, 11.0),
        Rate("PNG files", False, 4.0, 20.0),
        Rate("shards", False, 6.0, 15.0),
    ]
    console = Console(record=True, width=100)
    print_rates(rates, "title", console)
    rows = [line.split("│") for line in console.export_text().splitlines() if "│" in line]
    assert [row[4].strip() for row in rows] == ["1.00", "2.50", "1.00", "1.50"]
    assert [row[6].strip() for row in rows] == ["1.00", "1.10", "1.00", "0.75"]


def test_a_dataset_with_too_few_views_is_one_sentence(data: Path) -> None:
    result = CliRunner().invoke(oddbench, ["loader", "--data", str(data), "--preset", "paper"])
    assert result.exit_code == 1
    assert "has 6 views, and 10 are needed" in result.output
