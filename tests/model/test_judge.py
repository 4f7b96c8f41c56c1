"""The judge: squares that hold their objects, cells in their place, order that is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from model.efficientnet import FrozenTrunk
from model.judge.cells import FEATURES, PLACES, Cells, joined_cells, read_cells
from model.judge.compare import compare, median_of
from model.judge.config import JudgeConfig
from model.judge.cutouts import cut_out, squares
from model.judge.heat import heat_maps
from model.judge.judge import Judge
from model.judge.losses import JudgeTargets, judge_loss
from model.rays import owners
from model.scenes import Views
from tests.support.detectors import BOXES, some_views

SIZE = 96
CONFIG = JudgeConfig(crop=48, said=8, samples=4)

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def trunk() -> FrozenTrunk:
    return FrozenTrunk()


@pytest.fixture(scope="module")
def views() -> Views:
    return some_views(1, 4, SIZE)


def outlines(views: Views) -> Tensor:
    """(V, 1, SIZE, SIZE): 1 where a ray meets a box."""
    owner = owners(views, (SIZE, SIZE), BOXES[None])[0]
    return (owner >= 0).float().view(-1, 1, SIZE, SIZE)


def some_cells(objects: int, each: int, views: int = 2, seed: int = 0) -> Cells:
    """Random features; the first cells of every object lie in view 0, the others in view 1."""
    rng = torch.Generator().manual_seed(seed)
    count = objects * each
    side = CONFIG.cells
    at = torch.cat([torch.randperm(side * side, generator=rng)[:each] for _ in range(objects)])
    return Cells(
        torch.nn.functional.normalize(torch.randn(count, FEATURES, generator=rng), dim=1),
        torch.arange(objects).repeat_interleave(each),
        (torch.arange(each) * views // each).repeat(objects),
        at,
        torch.rand(count, PLACES, generator=rng),
        objects,
        views,
    )


def targets_of(cells: Cells, odd: list[float]) -> JudgeTargets:
    labels = torch.tensor(odd)
    return JudgeTargets(labels, labels[cells.owner] * 0.5)


def test_squares_hold_what_is_seen_of_their_objects_and_are_alike(views: Views) -> None:
    where = squares(views, BOXES, outlines(views))
    owner = owners(views, (SIZE, SIZE), BOXES[None])[0]
    owner = owner.view(-1, SIZE, SIZE)
    for number in range(len(BOXES)):
        for view in range(len(owner)):
            y, x = (owner[view] == number).nonzero(as_tuple=True)
            middle, side = where.values[number, view, :2], where.values[number, view, 2]
            away = (torch.stack([x, y], dim=1) + 0.5) / SIZE - middle
            assert away.abs().max() <= side / 2
    depth = 1 / where.values[..., 2]
    centres = BOXES.mean(dim=1)
    pose = views.world_to_camera[0]
    true = torch.einsum("vj,nj->nv", pose[:, 2, :3], centres) + pose[:, 2, 3]
    ratio = (depth / true).flatten()
    assert ratio.max() / ratio.median() < 1.05  # none shows less of the world than is usual


def test_a_cut_out_is_the_image_there(views: Views) -> None:
    where = squares(views, BOXES, outlines(views))
    steps = (torch.arange(SIZE) + 0.5) / SIZE
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    found = cut_out(torch.stack([x, y]).expand(4, 2, SIZE, SIZE), where, 24)
    wanted = where.points(24)
    inside = ((wanted > 0.02) & (wanted < 0.98)).all(dim=-1)
    assert torch.allclose(found.permute(0, 1, 3, 4, 2)[inside], wanted[inside], atol=5e-3)


def test_cells_lie_on_their_own_object(views: Views, trunk: FrozenTrunk) -> None:
    cells, where = read_cells(trunk, views, BOXES, outlines(views), CONFIG)
    assert torch.equal(cells.owner, cells.owner.sort().values)
    assert torch.bincount(cells.owner, minlength=len(BOXES)).min() > 5
    assert torch.allclose(cells.features.norm(dim=1), torch.ones(len(cells.owner)))
    side = CONFIG.cells
    points = where.points(side)[cells.owner, cells.view, cells.at // side, cells.at % side]
    owner = owners(views, (SIZE, SIZE), BOXES[None])[0]
    x, y = (points * SIZE).long().clamp(0, SIZE - 1).unbind(dim=1)
    assert (owner.view(-1, SIZE, SIZE)[cells.view, y, x] == cells.owner).float().mean() > 0.93
    heights = cells.places[:, 2] * (BOXES[:, 1] - BOXES[:, 0]).norm(dim=1).median()
    assert heights.min() > -0.01 and heights.max() < BOXES[:, 1, 2].max() + 0.01


def test_the_order_of_objects_is_nothing(views: Views, trunk: FrozenTrunk) -> None:
    judge = Judge(CONFIG).eval()
    order = torch.tensor([2, 0, 1])
    first = judge.judge(trunk, views, BOXES, outlines(views)).odd
    second = judge.judge(trunk, views, BOXES[order], outlines(views)).odd
    assert torch.allclose(first[order], second, atol=1e-5)
    assert ((first > 0) & (first < 1)).all()


def test_without_comparison_siblings_count_for_nothing() -> None:
    """And with it they do."""
    for compares in (False, True):
        torch.manual_seed(0)
        judge = Judge(replace(CONFIG, compare=compares)).eval()
        cells = some_cells(3, 20)
        changed = cells.features.clone()
        changed[20:] = some_cells(3, 20, seed=1).features[20:]
        other = replace(cells, features=changed)
        found = [judge(c).odd[0] for c in (cells, other)]
        assert torch.equal(*found) is not compares


def test_objects_alone_or_unseen_are_judged_too(views: Views, trunk: FrozenTrunk) -> None:
    judge = Judge(CONFIG).eval()
    far = BOXES[:1] + torch.tensor([30.0, 30.0, 0.0])
    for boxes in (BOXES[:1], torch.cat([BOXES, far])):
        scores = judge.judge(trunk, views, boxes, outlines(views)).odd
        assert len(scores) == len(boxes) and scores.isfinite().all()


def test_cells_compared_in_turn_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.judge.network.ROWS", 7)
    judge, cells = Judge(CONFIG).eval(), some_cells(4, 30)
    whole = judge(cells)
    with torch.no_grad():
        parts = judge(cells)
    assert torch.allclose(whole.odd, parts.odd, atol=1e-5)
    assert torch.allclose(whole.cells, parts.cells, atol=1e-5)


def test_a_gradient_reaches_every_weight() -> None:
    judge = Judge(CONFIG)
    cells = some_cells(4, 30)
    targets = targets_of(cells, [0.0, 1.0, 0.0, 0.0])
    judge_loss(judge(cells), cells, targets).backward()
    for name, weight in judge.named_parameters():
        if weight.requires_grad:
            assert weight.grad is not None and weight.grad.abs().max() > 0, name


def test_three_scenes_are_learnt_by_heart() -> None:
    torch.manual_seed(0)
    judge = Judge(CONFIG)
    scenes = [some_cells(4, 30, seed=seed) for seed in range(3)]
    wanted = [
        targets_of(cells, row) for cells, row in zip(scenes, torch.eye(4)[:3].tolist(), strict=True)
    ]
    optimiser = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(100):
        for cells, targets in zip(scenes, wanted, strict=True):
            optimiser.zero_grad()
            judge_loss(judge(cells), cells, targets).backward()
            optimiser.step()
    judge.eval()
    for cells, targets in zip(scenes, wanted, strict=True):
        odd = judge(cells).odd
        assert odd.argmax() == targets.odd.argmax() and odd.sort().values[-2] < 0 < odd.max()


def test_cells_are_compared_as_one_by_one() -> None:
    """Against loops over cells and objects."""
    cells = some_cells(4, 12)
    found = compare(cells)
    cosine = cells.features @ cells.features.T
    for row in range(0, 48, 7):
        mine = int(cells.owner[row])
        told = []
        for other in [number for number in range(4) if number != mine]:
            keys = (cells.owner == other).nonzero()[:, 0]
            near = int(keys[cosine[row, keys].argmax()])
            left = [n for n in range(4) if n not in (mine, other)]
            theirs = [float(cosine[near, cells.owner == n].max()) for n in left]
            told.append((1 - float(cosine[row, near]), 1 - sum(theirs) / len(theirs)))
            assert int(found.nearest[row, other]) == near
            assert torch.allclose(found.distances[row, other], torch.tensor(told[-1]), atol=1e-5)
        own, others = torch.tensor(told).unbind(dim=1)
        wanted = [own.mean(), own.median(), own.min(), others.mean(), others.median()]
        wanted.append((own - others).median())
        assert torch.allclose(found.measures[row], torch.stack(wanted), atol=1e-5)


def test_a_good_piece_beside_it_judges_even_one_object() -> None:
    """It counts as a sibling does: as if it lay in the scene."""
    judge = Judge(CONFIG).eval()
    cells = some_cells(3, 20)
    whole = judge(cells).odd

    def part(first: int, last: int) -> Cells:
        kept = (cells.owner >= first) & (cells.owner < last)
        rows = (cells.features, cells.owner - first, cells.view, cells.at, cells.places)
        return Cells(*(values[kept] for values in rows), last - first, cells.views)

    joined = joined_cells(part(0, 1), part(1, 3))
    assert joined.objects == 3 and joined.views == 4
    assert torch.allclose(judge(joined).odd, whole, atol=1e-5)


def test_heat_lies_on_its_object_where_cells_say_so(views: Views, trunk: FrozenTrunk) -> None:
    cells, where = read_cells(trunk, views, BOXES, outlines(views), CONFIG)
    shown = (cells.owner == 1).float()
    heat = heat_maps(cells, where, shown, outlines(views), SIZE, CONFIG.cells)
    owner = owners(views, (SIZE, SIZE), BOXES[None])[0].view(4, SIZE, SIZE)
    assert heat.shape == (3, 4, SIZE, SIZE) and heat.max() <= 1
    assert (heat[1][owner == 1] > 0.5).float().mean() > 0.9
    assert heat[1][owner < 0].max() == 0 and heat[0].max() == 0 and heat[2].max() == 0


def test_an_object_is_most_unlike_the_odd_one() -> None:
    cells = some_cells(3, 20)
    features = cells.features.clone()
    features[20:40] = features[:20]  # the second is a copy of the first
    apart = Judge(CONFIG).eval()(replace(cells, features=features)).apart
    assert apart[0, 1] < 1e-5 < apart[0, 2] and torch.equal(apart.diagonal(), torch.zeros(3))


def test_the_median_of_siblings_is_that_of_those_allowed() -> None:
    values = torch.randn(7, 5, 3)
    allowed = torch.rand(7, 5) < 0.6
    allowed[0] = False
    found = median_of(values, allowed)
    for row in range(7):
        own = values[row][allowed[row]]
        wanted = own.quantile(0.5, dim=0) if len(own) else torch.zeros(3)
        assert torch.allclose(found[row], wanted, atol=1e-6)
