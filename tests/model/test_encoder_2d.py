"""The pretrained 2D encoder: its maps are the package's own, and training leaves them alone."""

from __future__ import annotations

import pytest
import torch

from model.config import EncoderConfig
from model.efficientnet import load_efficientnet_lite0
from model.encoder_2d import MEAN, SPREAD, FrozenEfficientNet, make_encoder


@pytest.fixture(scope="module")
def encoder() -> FrozenEfficientNet:
    torch.manual_seed(0)
    made = make_encoder(EncoderConfig("efficientnet_lite0", width=16), out=8)
    assert isinstance(made, FrozenEfficientNet)
    return made


def test_its_maps_are_those_of_the_whole_network(encoder: FrozenEfficientNet) -> None:
    network, source = load_efficientnet_lite0()
    assert "EfficientNet-Lite0, ImageNet, sha256" in source
    images = torch.rand((2, 3, 64, 96), generator=torch.Generator().manual_seed(0))
    seen: dict[int, torch.Tensor] = {}
    for tap in encoder.TAPS:
        network._blocks[tap].register_forward_hook(
            lambda module, inputs, output, tap=tap: seen.update({tap: output})
        )
    mean, spread = (torch.tensor(value).view(3, 1, 1) for value in (MEAN, SPREAD))
    network.extract_features((images - mean) / spread)
    maps = encoder.fixed_maps(images)
    assert [tuple(level.shape) for level in maps] == [
        (2, 24, 16, 24),
        (2, 40, 8, 12),
        (2, 112, 4, 6),
    ]
    for tap, level in zip(encoder.TAPS, maps, strict=True):
        assert torch.allclose(level, seen[tap], atol=1e-3)


def test_training_moves_what_lies_on_the_trunk_and_never_the_trunk(
    encoder: FrozenEfficientNet,
) -> None:
    encoder.train()
    before = {key: value.clone() for key, value in encoder.state_dict().items()}
    images = torch.rand((2, 3, 64, 64), generator=torch.Generator().manual_seed(1))
    found, *_ = encoder(images)
    assert found.shape == (2, 8, 16, 16)
    optimiser = torch.optim.Adam(encoder.parameters(), lr=0.01)
    found.square().mean().backward()
    optimiser.step()
    for key, value in encoder.state_dict().items():
        assert torch.equal(value, before[key]) == key.startswith("trunk."), key
