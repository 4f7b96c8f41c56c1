"""Voxels beside their nearest in the other objects: wherever those lie, and whatever is empty."""

from __future__ import annotations

import torch
from torch.nn.functional import cosine_similarity

from model.nearest import difference, nearest


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


ALL = torch.ones((1, 3, 6), dtype=torch.bool)


def test_an_object_with_the_same_voxels_elsewhere_is_not_unlike() -> None:
    tokens = drawn(1, 1, 6, 8).expand(1, 3, 6, 8).clone()
    tokens[0, 1], tokens[0, 2] = tokens[0, 1].flip(0), tokens[0, 2].roll(2, 0)
    present = torch.ones((1, 3), dtype=torch.bool)
    found = nearest(tokens, ALL, present)
    assert found.unlike.abs().max() < 1e-5
    assert difference(tokens, found.index, present).abs().max() < 1e-5
    odd = tokens.clone()
    odd[0, 1, 3] = drawn(8, seed=1)
    found = nearest(odd, ALL, present)
    assert found.unlike[0, 1].argmax() == 3
    assert found.unlike[0, 1, 3] > 3 * found.unlike[0, [0, 2]].max() / 2


def test_the_distance_is_the_mean_over_present_others_of_their_best_voxel() -> None:
    tokens, present = drawn(1, 4, 6, 8), torch.tensor([[True, True, True, False]])
    solid = torch.ones((1, 4, 6), dtype=torch.bool)
    solid[0, 2, :3] = False
    found = nearest(tokens, solid, present)
    apart = difference(tokens, found.index, present)
    for voxel in range(6):
        best = []
        for other, allowed in ((1, range(6)), (2, range(3, 6))):
            alike = [float(cosine_similarity(tokens[0, 0, voxel], tokens[0, other, k], 0))
                     for k in allowed]  # fmt: skip
            index = max(range(len(alike)), key=alike.__getitem__)
            best.append((1 - alike[index], tokens[0, other, list(allowed)[index]]))
        expected = sum(distance for distance, _ in best) / 2
        assert abs(float(found.unlike[0, 0, voxel]) - expected) < 1e-5
        mean = (best[0][1] + best[1][1]) / 2
        assert torch.allclose(apart[0, 0, voxel], tokens[0, 0, voxel] - mean, atol=1e-5)


def test_an_object_alone_is_unlike_nothing() -> None:
    tokens, present = drawn(1, 3, 6, 8), torch.tensor([[True, False, False]])
    found = nearest(tokens, ALL, present)
    assert not found.unlike[0, 0].any()
    assert not difference(tokens, found.index, present)[0, 0].any()
