"""What fuzz tests share: a process apart, and the meshes that are damaged."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from datagen.sources.importing import close_importer
from tests.support.data import ABC
from tests.support.fuzzing import Apart
from tests.support.mesh_files import write_all


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    """A process of its own for what may die or hang."""
    made = Apart()
    yield made
    made.close()


@pytest.fixture(scope="session")
def meshes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """tests.support.mesh_files' solid in every format, and a.step where the data have one."""
    made = tmp_path_factory.mktemp("meshes")
    writer = Apart()
    assert writer.fault(write_all, made) is None
    writer.close()
    for file in ABC.glob("step/*/*.step"):
        shutil.copy(file, made / "a.step")
    return made


@pytest.fixture(scope="module")
def importer() -> Iterator[None]:
    """The importer's process ends with the module's tests."""
    yield
    close_importer()
