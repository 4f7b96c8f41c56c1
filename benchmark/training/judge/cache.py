"""Cells of scenes on disk: what the fixed encoder sees is worked out once, for all epochs."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from benchmark.training.judge.samples import JudgeScene
from benchmark.training.judge.schema import CellsFacts
from datagen.base.code import code_digest
from datagen.base.files import whole_file
from datagen.base.reading import reading
from datagen.base.typed import read, write
from datagen.errors import OddgenError
from model.judge.cells import Cells
from model.judge.losses import JudgeTargets

FACTS = "facts.json"
CODE = ("model", "benchmark.training.judge")  # what decides the cells


class CellsCache:
    """A folder with a safetensors file for each scene and copy.

    Raises OddgenError where the folder holds the cells of other data, another finder or
    another version.
    """

    def __init__(self, folder: Path, facts: CellsFacts) -> None:
        self.folder = folder
        path = folder / FACTS
        remedy = f"remove {folder} to start again"
        if path.exists() and read(CellsFacts, path, remedy) != facts:
            raise OddgenError(
                f"{folder}: holds cells of other data, another finder or another version; give "
                "another --cells, or remove it."
            )
        folder.mkdir(parents=True, exist_ok=True)
        write(path, facts)

    def path(self, name: str, copy: int) -> Path:
        """Of a scene's file; copy 0 is the scene as it is."""
        return self.folder / f"{name}-{copy}.safetensors"

    def put(self, scene: JudgeScene, name: str, copy: int) -> None:
        """Whole or not at all."""
        from safetensors.torch import save_file

        cells, targets = scene.cells, scene.targets
        arrays = {
            "features": cells.features,
            "owner": cells.owner.to(torch.uint8),
            "view": cells.view.to(torch.int16),
            "at": cells.at.to(torch.int16),
            "places": cells.places,
            "odd": targets.odd,
            "defect": targets.defect,
            "views": torch.tensor(cells.views),
        }
        with whole_file(self.path(name, copy)) as aside:
            save_file({key: value.contiguous() for key, value in arrays.items()}, aside)

    def get(self, name: str, copy: int) -> JudgeScene:
        """As it was put. Raises OddgenError where it cannot be read."""
        from safetensors.torch import load_file

        path = self.path(name, copy)
        with reading(path, "remove it and run again"):
            return _scene(load_file(path))


def cells_code() -> str:
    """Digest of the code that decides the cells."""
    return code_digest(*CODE)


def _scene(arrays: dict[str, Tensor]) -> JudgeScene:
    cells = Cells(
        arrays["features"],
        arrays["owner"].long(),
        arrays["view"].long(),
        arrays["at"].long(),
        arrays["places"],
        len(arrays["odd"]),
        int(arrays["views"]),
    )
    return JudgeScene(cells, JudgeTargets(arrays["odd"], arrays["defect"]))
