"""Clouds of scenes on disk: made once, for all epochs and several runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.training.clouds.cloud import Cloud, Floats
from benchmark.training.clouds.schema import CloudsFacts
from datagen.base.code import code_digest
from datagen.base.files import whole_file
from datagen.base.typed import read, write
from datagen.errors import OddgenError
from model.dgcnn.config import ReconstructionConfig

FACTS = "facts.json"


@dataclass(frozen=True)
class CloudScene:
    """A scene's cloud, and what is true of its N objects: boxes (N, 2, 3) metres, odd (N,)."""

    cloud: Cloud
    boxes: Floats
    odd: NDArray[np.bool_]


class CloudCache:
    """A folder with a safetensors file for each scene.

    Raises OddgenError where the folder holds clouds of other data, of another reconstruction or
    another version.
    """

    def __init__(self, folder: Path, data: str, reconstruction: ReconstructionConfig) -> None:
        self.folder = folder
        code = code_digest("benchmark.training.clouds")
        facts = CloudsFacts("odd-one-out clouds", 1, data, reconstruction, code)
        path = folder / FACTS
        remedy = f"remove {folder} to start again"
        if path.exists() and read(CloudsFacts, path, remedy) != facts:
            raise OddgenError(
                f"{folder}: holds clouds of other data, another reconstruction or another version; "
                "give another --clouds, or remove it."
            )
        folder.mkdir(parents=True, exist_ok=True)
        write(path, facts)

    def path(self, name: str) -> Path:
        """Of a scene's file."""
        return self.folder / f"{name}.safetensors"

    def put(self, scene: CloudScene, name: str) -> None:
        """Whole or not at all; points to a hundredth of a millimetre, colours in 8 bits."""
        from safetensors.torch import save_file

        arrays = {
            "points": torch.from_numpy(scene.cloud.points.astype(np.float32)),
            "colours": torch.from_numpy((scene.cloud.colours * 255).round().astype(np.uint8)),
            "boxes": torch.from_numpy(scene.boxes),
            "odd": torch.from_numpy(scene.odd),
        }
        with whole_file(self.path(name)) as aside:
            save_file({key: value.contiguous() for key, value in arrays.items()}, aside)

    def get(self, name: str) -> CloudScene:
        """As it was put. Raises OddgenError where it cannot be read."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        path = self.path(name)
        try:
            found = {key: value.numpy() for key, value in load_file(path).items()}
            cloud = Cloud(found["points"].astype(np.float64), found["colours"] / 255.0)
            return CloudScene(cloud, found["boxes"], found["odd"])
        except (OSError, KeyError, SafetensorError) as error:
            raise OddgenError(
                f"{path}: cannot be read ({error}); remove it and run again."
            ) from error
