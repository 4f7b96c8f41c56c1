"""The judge: squares that hold their objects, cells in their place, order that is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from model.efficientnet import FrozenTrunk
from model.judge.cells import FEATURES, PLACES, Cells, raw_likeness, read_cells
from model.judge.config import JudgeConfig
from model.judge.cutouts import cut_out, squares
from model.judge.judge import Judge
from model.judge.losses import JudgeTargets, judge_loss
from model.judge.network import _median
from model.rays import owners
from model.scenes import Views
from tests.support.detectors import BOXES, some_views

SIZE = 96
CONFIG = JudgeConfig(crop=48, width=16, key=8, said=8, samples=4)

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
    spot = torch.rand(len(cells.owner), 3, generator=torch.Generator().manual_seed(5))
    return JudgeTargets(labels, labels[cells.owner] * 0.5, spot)


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
    likeness = raw_likeness(cells)
    own = likeness[torch.arange(len(cells.owner)), cells.owner, cells.view]
    assert torch.allclose(own, torch.ones_like(own), atol=1e-5)


def test_the_order_of_objects_is_nothing(views: Views, trunk: FrozenTrunk) -> None:
    judge = Judge(CONFIG).eval()
    order = torch.tensor([2, 0, 1])
    first = judge.judge(trunk, views, BOXES, outlines(views))
    second = judge.judge(trunk, views, BOXES[order], outlines(views))
    assert torch.allclose(first[order], second, atol=1e-5)
    assert ((first > 0) & (first < 1)).all()


def test_without_comparison_siblings_count_for_nothing() -> None:
    """And with it they do."""
    for compare in (False, True):
        torch.manual_seed(0)
        judge = Judge(replace(CONFIG, compare=compare)).eval()
        cells = some_cells(3, 20)
        changed = cells.features.clone()
        changed[20:] = some_cells(3, 20, seed=1).features[20:]
        other = replace(cells, features=changed)
        found = [judge(c, raw_likeness(c).amax(dim=2)).odd[0] for c in (cells, other)]
        assert torch.equal(*found) is not compare


def test_objects_alone_or_unseen_are_judged_too(views: Views, trunk: FrozenTrunk) -> None:
    judge = Judge(CONFIG).eval()
    far = BOXES[:1] + torch.tensor([30.0, 30.0, 0.0])
    for boxes in (BOXES[:1], torch.cat([BOXES, far])):
        scores = judge.judge(trunk, views, boxes, outlines(views))
        assert len(scores) == len(boxes) and scores.isfinite().all()


def test_cells_compared_in_turn_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.judge.network.ROWS", 7)
    judge, cells = Judge(CONFIG).eval(), some_cells(4, 30)
    likeness = raw_likeness(cells).amax(dim=2)
    whole = judge(cells, likeness)
    with torch.no_grad():
        parts = judge(cells, likeness)
    assert torch.allclose(whole.odd, parts.odd, atol=1e-5)
    assert torch.allclose(whole.cells, parts.cells, atol=1e-5)
    assert len(whole.mass) == 4 and parts.mass == ()


def test_a_gradient_reaches_every_weight() -> None:
    judge = Judge(CONFIG)
    cells = some_cells(4, 30)
    targets = targets_of(cells, [0.0, 1.0, 0.0, 0.0])
    judge_loss(judge(cells, raw_likeness(cells).amax(dim=2)), cells, targets).backward()
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
    likeness = [raw_likeness(cells).amax(dim=2) for cells in scenes]
    optimiser = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(60):
        for cells, like, targets in zip(scenes, likeness, wanted, strict=True):
            optimiser.zero_grad()
            judge_loss(judge(cells, like), cells, targets).backward()
            optimiser.step()
    judge.eval()
    for cells, like, targets in zip(scenes, likeness, wanted, strict=True):
        odd = judge(cells, like).odd
        assert odd.argmax() == targets.odd.argmax() and odd.sort().values[-2] < 0 < odd.max()


def test_likeness_is_learnt_from_spots() -> None:
    """Cells of different objects that show one spot come to attend to each other."""
    torch.manual_seed(0)
    cells = some_cells(2, 20)
    spot = torch.rand(20, 3, generator=torch.Generator().manual_seed(1)) * 10
    targets = JudgeTargets(torch.zeros(2), torch.zeros(40), torch.cat([spot, spot]))
    cells = replace(cells, features=cells.features[:20].repeat(2, 1))
    judge = Judge(CONFIG)
    likeness = raw_likeness(cells).amax(dim=2)

    def right() -> float:
        mass = judge(cells, likeness).mass[1][:20]
        return float(mass.detach().diagonal().mean())

    before = right()
    optimiser = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(40):
        optimiser.zero_grad()
        judge_loss(judge(cells, likeness), cells, targets).backward()
        optimiser.step()
    assert right() > max(0.6, before + 0.2)


def test_the_median_of_siblings_is_that_of_those_allowed() -> None:
    values = torch.randn(7, 5, 3)
    allowed = torch.rand(7, 5) < 0.6
    allowed[0] = False
    found = _median(values, allowed)
    for row in range(7):
        own = values[row][allowed[row]]
        wanted = own.quantile(0.5, dim=0) if len(own) else torch.zeros(3)
        assert torch.allclose(found[row], wanted, atol=1e-6)
