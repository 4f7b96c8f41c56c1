"""Objects that score each other: what no sibling has, and what only a few have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import normalize

from model.judge.cells import PLACES, Cells
from model.judge.compare import compare
from model.mutual.graph import communities, outside_support
from model.mutual.scoring import cell_scores, mean_of_lowest, object_scores

LOOKS, CHANNELS, EACH, VIEWS = 40, 48, 40, 4
DEFECT = 8  # cells that show it


def siblings(objects: int, odd: dict[int, int], seed: int = 0, alone: int = 0) -> Cells:
    """Objects of the same looks, each cell a little off; odd: which defect, if any, by object.

    alone: cells of each sound object that happen to show what no sibling shows.
    """
    rng = torch.Generator().manual_seed(seed)
    looks = normalize(torch.randn(LOOKS, CHANNELS, generator=rng), dim=1)
    defects = normalize(torch.randn(9, DEFECT, CHANNELS, generator=rng), dim=2)
    rows = []
    for number in range(objects):
        own = looks[torch.randperm(LOOKS, generator=rng)[:EACH]].clone()
        if number in odd:
            own[:DEFECT] = defects[odd[number]]
        else:
            own[:alone] = normalize(torch.randn(alone, CHANNELS, generator=rng), dim=1)
        rows.append(own + 0.02 * torch.randn(EACH, CHANNELS, generator=rng))
    return Cells(
        normalize(torch.cat(rows), dim=1),
        torch.arange(objects).repeat_interleave(EACH),
        (torch.arange(EACH) * VIEWS // EACH).repeat(objects),
        torch.arange(EACH).repeat(objects),
        torch.zeros(objects * EACH, PLACES),
        objects,
        VIEWS,
    )


def plain(cells: Cells) -> Tensor:
    return object_scores(cell_scores(compare(cells)), cells.owner, cells.objects)


def by_graph(cells: Cells) -> Tensor:
    compared = compare(cells)
    scores = cell_scores(compared, outside_support(cells, compared))
    return object_scores(scores, cells.owner, cells.objects)


def test_a_defect_of_its_own_is_found_by_both() -> None:
    for seed in range(5):
        cells = siblings(6, {seed: 0}, seed)
        compared = compare(cells)
        scores = cell_scores(compared)
        assert int(plain(cells).argmax()) == int(by_graph(cells).argmax()) == seed
        found = scores.topk(DEFECT).indices
        assert (cells.owner[found] == seed).all() and (cells.at[found] < DEFECT).all()


@pytest.mark.parametrize(("objects", "alike"), [(6, [1, 4]), (7, [0, 3, 5])])
def test_objects_that_share_a_defect_hide_from_mutual_scoring_and_are_found_by_the_graph(
    objects: int, alike: list[int]
) -> None:
    sound = [number for number in range(objects) if number not in alike]
    for seed in range(5):
        cells = siblings(objects, dict.fromkeys(alike, 0), seed, alone=4)
        hidden, found = plain(cells), by_graph(cells)
        assert hidden[alike].mean() < hidden[sound].mean()
        assert found[alike].min() > found[sound].max()
        compared = compare(cells)
        support = outside_support(cells, compared)
        defect = (cells.at < DEFECT) & torch.isin(cells.owner, torch.tensor(alike))
        lost = defect & ~support[:, alike].any(dim=1)
        assert lost.sum() > 0.9 * defect.sum() and support[lost][:, sound].all()
        others = torch.isin(cells.owner, torch.tensor(sound))
        assert torch.equal(support[others], compared.beside[others])


def test_two_that_differ_each_in_a_way_of_its_own_are_found_by_both() -> None:
    cells = siblings(6, {0: 1, 3: 2})
    for scores in (plain(cells), by_graph(cells)):
        assert set(scores.topk(2).indices.tolist()) == {0, 3}


def test_a_majority_is_no_community() -> None:
    cells = siblings(5, {0: 0, 1: 0, 2: 0})
    compared = compare(cells)
    support = outside_support(cells, compared)
    assert support[cells.owner < 3][:, :3].any(dim=1).all()
    pair = np.zeros((4, 4))
    pair[0, 1] = pair[1, 0] = 1.0
    assert communities(pair) == []
    five = np.pad(pair, (0, 1))
    assert communities(five) == [{0, 1}]
    assert communities(np.zeros((6, 6))) == communities(np.zeros((1, 1))) == []


def test_order_of_objects_and_views_is_nothing() -> None:
    cells = siblings(6, {1: 0, 4: 0, 2: 1})
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    place = torch.argsort(order)
    rows = torch.cat([(cells.owner == int(number)).nonzero()[:, 0].flip(0) for number in order])
    turned = replace(
        cells,
        features=cells.features[rows],
        owner=place[cells.owner[rows]],
        view=VIEWS - 1 - cells.view[rows],
        at=cells.at[rows],
    )
    for score in (plain, by_graph):
        assert torch.allclose(score(turned), score(cells)[order], atol=1e-5)


def test_few_objects() -> None:
    for objects in (1, 2, 3):
        cells = siblings(objects, {0: 0})
        for score in (plain, by_graph):
            values = score(cells)
            assert values.shape == (objects,) and values.isfinite().all()
            assert objects > 1 or values.abs().max() == 0
    assert int(plain(siblings(3, {1: 0})).argmax()) == 1
    unseen = replace(siblings(3, {1: 0}), objects=4)
    for score in (plain, by_graph):
        assert score(unseen)[3] == 0 and int(score(unseen).argmax()) == 1


def test_the_lowest_share_counts() -> None:
    values = torch.tensor([[0.4, 0.1, 0.3, 0.2, 9.0]])
    allowed = torch.tensor([[True, True, True, True, False]])
    for share, expected in ((0.01, 0.1), (0.3, 0.15), (0.5, 0.15), (1.0, 0.25)):
        assert torch.isclose(mean_of_lowest(values, allowed, share), torch.tensor([expected]))
    assert mean_of_lowest(values, torch.zeros_like(allowed), 0.3) == 0
