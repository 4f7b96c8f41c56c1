"""DGCNN: its graph, what must not change its answer, and that triplets teach it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from model.dgcnn.config import NANO, PRESETS
from model.dgcnn.edge_conv import EdgeConv, nearest
from model.dgcnn.network import Dgcnn
from model.dgcnn.triplets import triplet_loss
from model.dgcnn.votes import vote

pytestmark = pytest.mark.usefixtures("one_thread")

TINY = replace(NANO.network, points=48, neighbours=6, channels=(16, 16), width=32, embedding=16)


def some_clouds(objects: int, points: int, seed: int = 0) -> Tensor:
    return torch.randn((objects, points, 6), generator=torch.Generator().manual_seed(seed))


def network(seed: int = 0) -> Dgcnn:
    torch.manual_seed(seed)
    return Dgcnn(TINY, 3).eval()


def test_the_nearest_points_of_a_row_are_those_beside() -> None:
    row = torch.tensor([[0.0], [1.0], [2.4], [4.5], [99.0]])[None]
    present = torch.tensor([[True, True, True, True, False]])
    graph = nearest(row, present, 3)
    assert [sorted(index) for index in graph.index[0, :4].tolist()] == [
        [0, 1, 2],
        [0, 1, 2],
        [1, 2, 3],
        [1, 2, 3],
    ]
    assert graph.there[0, :4].all()
    few = nearest(row[:, :2], present[:, [0, 4]], 3)
    assert few.there.tolist() == [[[True, False]] * 2]


def test_an_edge_convolution_is_the_maximum_over_edges() -> None:
    """As the original says it: h(x_i, x_j - x_i) of every edge, then the maximum."""
    torch.manual_seed(0)
    layer, features = EdgeConv(3, 8), torch.randn(1, 5, 3)
    graph = nearest(features, torch.ones(1, 5, dtype=torch.bool), 3)
    edges = torch.stack(
        [
            torch.stack(
                [
                    layer.own(features[0, i]) + layer.other(features[0, j] - features[0, i])
                    for j in graph.index[0, i]
                ]
            ).amax(dim=0)
            for i in range(5)
        ]
    )
    expected = torch.nn.functional.leaky_relu(layer.norm(edges), 0.2)
    assert torch.allclose(layer(features, graph)[0], expected, atol=1e-6)


def test_neither_the_order_of_points_nor_padding_changes_an_embedding() -> None:
    net, points = network(), some_clouds(3, 20)
    present = torch.ones(3, 20, dtype=torch.bool)
    embedding = net(points, present)
    order = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(net(points[:, order], present), embedding, atol=1e-5)
    padded = torch.cat([points, 1e3 * some_clouds(3, 9, 2)], dim=1)
    there = torch.cat([present, torch.zeros(3, 9, dtype=torch.bool)], dim=1)
    assert torch.allclose(net(padded, there), embedding, atol=1e-5)
    assert torch.allclose(net(points[:1], present[:1]), embedding[:1], atol=1e-5)


def test_clouds_of_one_point_or_none_are_safe() -> None:
    net, points = network().train(), some_clouds(2, 12)
    present = torch.zeros(2, 12, dtype=torch.bool)
    present[0, 3] = True
    embedding = net(points, present)
    assert embedding.isfinite().all()
    embedding.sum().backward()
    assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)


def test_triplets_of_a_scene_without_odd_or_normal_objects_are_none() -> None:
    embeddings = torch.randn(4, 5)
    for odd in ([False] * 4, [True, True, True, False]):
        loss, count = triplet_loss(embeddings, torch.tensor(odd))
        assert (float(loss), count) == (0.0, 0)
    same = torch.zeros(3, 5)
    loss, count = triplet_loss(same, torch.tensor([False, False, True]))
    assert count == 2 and float(loss) == pytest.approx(0.25)


def test_triplets_teach_eight_objects_by_heart() -> None:
    net, points = network().train(), some_clouds(8, 32)
    present = torch.ones(8, 32, dtype=torch.bool)
    odd = torch.tensor([True, False, False, True, False, False, False, True])
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3)
    for _ in range(60):
        loss, _ = triplet_loss(net(points, present), odd)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 0.01
    used = [name for name, p in net.named_parameters() if not name.startswith("head")]
    assert all(dict(net.named_parameters())[name].grad is not None for name in used)


def test_votes_go_against_the_one_that_is_far() -> None:
    embeddings = torch.tensor([[0.0], [0.1], [5.0], [0.2], [9.0]])
    there = torch.tensor([True, True, True, True, False])
    buffers = torch.tensor(1.0), torch.tensor(3.0), torch.tensor(0.3)
    scores, distance = vote(embeddings, there, *buffers)
    assert scores[2] > 0.99 and (scores[[0, 1, 3]] < 0.5).all()
    assert float(scores[4]) == pytest.approx(0.3)
    assert torch.allclose(distance[0, 2], torch.tensor(5.0))
    alone, _ = vote(embeddings[:1], there[:1], *buffers)
    assert float(alone[0]) == pytest.approx(0.3)


def test_the_sizes_hold_what_the_docs_say() -> None:
    millions = {
        name: sum(p.numel() for p in Dgcnn(config.network, 40).parameters()) / 1e6
        for name, config in PRESETS.items()
    }
    assert millions["paper"] == pytest.approx(1.1, abs=0.1)
    assert millions["nano"] < millions["small"] < millions["paper"]
