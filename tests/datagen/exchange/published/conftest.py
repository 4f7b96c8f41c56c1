"""The small dataset in the published layout, for all tests that only look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.exchange.published.exporter import export_published


@pytest.fixture(scope="session")
def exported(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`dataset` in the published layout. Copy it to change it."""
    folder = tmp_path_factory.mktemp("exported")
    assert not export_published(dataset, folder).failed
    return folder
