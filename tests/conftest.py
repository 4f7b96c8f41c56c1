"""One small rendered dataset for all tests that only look at one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from tiny import tiny_settings

from datagen.run.generate import generate
from datagen.run.pool import run_local


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four scenes of three objects, three views of 64 x 64, two shards. Copy it to change it."""
    folder = tmp_path_factory.mktemp("dataset")
    engine = partial(run_local, workers=1)
    summary = generate(tiny_settings(), 4, folder / "out", folder / "cache", engine)
    assert not summary.failed
    return folder / "out"


@pytest.fixture(scope="session")
def dataset_cache(dataset: Path) -> Path:
    """The shape cache of `dataset`."""
    return dataset.parent / "cache"
