"""One small rendered dataset for all tests that only look at one, and what a run lacked."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from datagen.run.generate import generate
from datagen.run.pool import run_local

pytest.register_assert_rewrite("tests.support")  # before it is imported

from tests.support.data import wanted  # noqa: E402
from tests.support.runs import tiny_settings  # noqa: E402


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests were skipped for want of which data."""
    skipped = terminalreporter.stats.get("skipped", [])
    counts = wanted(report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple))
    if counts:
        told = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        terminalreporter.write_line(
            f"skipped for want of data: {told} (see README.md: set ODD_ONE_OUT_DATA)"
        )


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


@pytest.fixture(scope="module")
def one_thread():
    """torch with one thread: quicker for anything as small, and sums are in the same order.

    Of a whole module, so that what it makes once is made so too.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
