"""The teacher Phi: DINOv2 patch features, reduced by PCA (Sec. 3.2 and 4.2)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from datagen.errors import OddgenError
from model.efficientnet import MEAN, SPREAD

PATCH = 14
OFFICIAL = {
    "b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9": "DINOv2 ViT-S/14 (hub)",
    "ae1e99fcefd534ed978cdeb8326f08030c96e28b7a81ffcbc98a857c84d14be1": "facebook/dinov2-small",
}


@dataclass(frozen=True)
class Teacher:
    """DINOv2. model: a transformers Dinov2Model. source: what its weights are, for the record."""

    model: Any
    source: str

    @torch.no_grad()
    def features(self, images: Tensor, size: int) -> Tensor:
        """Images (B, 3, H, W) in 0..1 to patch features (B, size, size, C), last layer, normed.

        Images are enlarged to 14 pixels for each wanted feature, so that the features need no
        resizing afterwards.
        """
        large = interpolate(images, size=size * PATCH, mode="bicubic", antialias=True)
        mean, spread = (large.new_tensor(v).view(3, 1, 1) for v in (MEAN, SPREAD))
        tokens = self.model((large.clamp(0, 1) - mean) / spread).last_hidden_state
        patches: Tensor = tokens[:, 1:].unflatten(1, (size, size))
        return patches


@dataclass(frozen=True)
class Reduction:
    """A PCA of teacher features.

    mean (C,), components (d_f, C), explained: share of the variance, 0 to 1.
    """

    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    explained: float

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(..., C) to (..., d_f)."""
        return (features - self.mean) @ self.components.T


def fit_reduction(features: NDArray[np.float32], channels: int) -> Reduction:
    """The PCA of features (P, C) to d_f channels. Raises OddgenError where P is less than these."""
    from sklearn.decomposition import PCA

    if len(features) < channels:
        raise OddgenError(
            f"only {len(features)} patches show an object, and a PCA to {channels} channels needs "
            "as many; train on more scenes."
        )
    fitted = PCA(channels, svd_solver="covariance_eigh").fit(features)
    return Reduction(
        fitted.mean_.astype(np.float32),
        fitted.components_.astype(np.float32),
        float(fitted.explained_variance_ratio_.sum()),
    )


def load_teacher(path: Path) -> Teacher:
    """DINOv2 (S, B or L) from one file: .safetensors or .pth, hub, timm or transformers names.

    Official checkpoints are recognised by their sha256; any other is named by its file and sum.
    Raises OddgenError where the file is none.
    """
    if not path.is_file():
        raise OddgenError(
            f"{path}: no such file; give --teacher a DINOv2 checkpoint such as "
            "dinov2_vits14_pretrain.pth, or train with --no-distillation."
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    state = {_transformers_name(key): value for key, value in _read(path).items()}
    state = _split_query_key_value(state)
    model = _model_for(path, state)
    missing, unexpected = model.load_state_dict(state, strict=False)
    # The mask token plays no part in inference; some files leave it out.
    missing = [key for key in missing if key != "embeddings.mask_token"]
    if missing or unexpected:
        raise OddgenError(
            f"{path}: not a DINOv2 checkpoint ({len(missing)} weights missing, "
            f"{len(unexpected)} unknown); give one in hub, timm or transformers form."
        )
    source = OFFICIAL.get(digest, f"{path.name}, not an official checkpoint, sha256 {digest}")
    return Teacher(model.float().eval().requires_grad_(False), source)


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # both libraries raise many kinds
        raise OddgenError(
            f"{path}: cannot be read as weights ({type(error).__name__}); download it again."
        ) from error
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise OddgenError(f"{path}: holds no plain weights; give a DINOv2 checkpoint.")
    return state


_NAMES = (
    (r"^(dinov2|backbone|model)\.(?=embeddings|encoder|layernorm)", ""),
    (r"^cls_token$", "embeddings.cls_token"),
    (r"^mask_token$", "embeddings.mask_token"),
    (r"^pos_embed$", "embeddings.position_embeddings"),
    (r"^patch_embed\.proj\.", "embeddings.patch_embeddings.projection."),
    (r"^norm\.", "layernorm."),
    (r"^blocks\.", "encoder.layer."),
    (r"\.attn\.proj\.|\.attention\.output\.dense\.", ".attention.o_proj."),
    (r"\.attn\.qkv\.", ".attention.qkv."),
    (r"\.attention\.attention\.(query|key|value)\.", r".attention.\1."),
    (r"\.attention\.(q|k|v)(uery|ey|alue)\.", r".attention.\1_proj."),
    (r"\.ls([12])\.gamma$", r".layer_scale\1.lambda1"),
)


def _transformers_name(key: str) -> str:
    for pattern, replacement in _NAMES:
        key = re.sub(pattern, replacement, key)
    return key


def _split_query_key_value(state: dict[str, Tensor]) -> dict[str, Tensor]:
    split: dict[str, Tensor] = {}
    for key, value in state.items():
        if ".qkv." in key:
            for name, part in zip("qkv", value.chunk(3), strict=True):
                split[key.replace("qkv", f"{name}_proj")] = part
        elif key == "embeddings.mask_token":
            split[key] = value.reshape(1, -1)
        else:
            split[key] = value
    return split


def _model_for(path: Path, state: dict[str, Tensor]) -> Any:
    """A Dinov2Model of the checkpoint's sizes."""
    from transformers import Dinov2Config, Dinov2Model

    kernel = state.get("embeddings.patch_embeddings.projection.weight")
    positions = state.get("embeddings.position_embeddings")
    layers = {int(found[1]) for key in state if (found := re.match(r"encoder\.layer\.(\d+)", key))}
    if kernel is None or positions is None or not layers or kernel.shape[-1] != PATCH:
        raise OddgenError(
            f"{path}: not a DINOv2 checkpoint of {PATCH}-pixel patches; give one in hub, timm or "
            "transformers form."
        )
    grid = round((positions.shape[1] - 1) ** 0.5)
    config: Any = Dinov2Config
    return Dinov2Model(
        config(
            hidden_size=kernel.shape[0],
            num_hidden_layers=len(layers),
            num_attention_heads=kernel.shape[0] // 64,
            image_size=grid * PATCH,
        )
    )
