"""Objects mixed across scenes: labels stay true, real objects stay what they were."""

from __future__ import annotations

from dataclasses import replace

import torch

from model.cross_scene_mixing import Labelled, mix_scenes, turned_objects
from model.detector import OddOneOutNetwork
from model.losses import TrainingStep
from model.matching import median_of_others
from model.objects import Objects
from tests.support.detectors import TINY, some_targets, some_views


def scenes(counts: tuple[int, ...], most: int = 4) -> Labelled:
    """Object n of scene b has volumes full of 10 b + n."""
    batch = len(counts)
    number = 10.0 * torch.arange(batch)[:, None] + torch.arange(most)
    volumes = number[..., None, None, None, None].expand(batch, most, 2, 2, 2, 2)
    present = torch.arange(most) < torch.tensor(counts)[:, None]
    return Labelled(
        Objects(volumes, volumes + 0.5, volumes[:, :, :1], volumes[:, :, :0]),
        torch.zeros(batch, most),
        present,
    )


def seeded(number: int) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def test_an_added_object_comes_from_another_scene_and_is_odd() -> None:
    own = scenes((2, 3, 4))
    for number in range(40):
        made = mix_scenes(own, 1.0, seeded(number))
        assert made.present[:, -1].all() and (made.labels[:, -1] == 1).all()
        assert torch.equal(made.objects.volumes[:, :-1], own.objects.volumes)
        assert torch.equal(made.labels[:, :-1], own.labels)
        assert torch.equal(made.present[:, :-1], own.present)
        drawn = made.objects.volumes[:, -1, 0, 0, 0, 0]
        assert torch.equal(made.objects.features[:, -1, 0, 0, 0, 0], drawn + 0.5)
        lender, index = (drawn // 10).long(), (drawn % 10).long()
        assert (lender != torch.arange(3)).all()
        assert own.present[lender, index].all()


def test_the_share_of_scenes_with_an_added_object_is_the_one_asked_for() -> None:
    own = scenes((3,) * 4)
    made = [mix_scenes(own, 0.3, seeded(number)).present[:, -1] for number in range(300)]
    assert 0.25 < torch.stack(made).float().mean() < 0.35


def test_a_scene_alone_gets_no_added_object() -> None:
    made = mix_scenes(scenes((3,)), 1.0, seeded(0))
    assert not made.present[:, -1].any()


def test_an_objects_volumes_turn_together_about_z() -> None:
    volumes = torch.randn((2, 3, 4, 4, 4, 4), generator=seeded(1))
    made = turned_objects(
        Objects(volumes, 2 * volumes, volumes[:, :, :1], volumes[:, :, :0]), seeded(2)
    )
    assert torch.equal(made.features, 2 * made.volumes)
    assert torch.equal(made.solid, made.volumes[:, :, :1])
    seen = set()
    for own, turned in zip(volumes.flatten(0, 1), made.volumes.flatten(0, 1), strict=True):
        turns = [torch.equal(torch.rot90(own, turn, (-2, -1)), turned) for turn in range(4)]
        assert sum(turns) == 1
        seen.add(turns.index(True))
    assert len(seen) > 1


def test_the_median_leaves_out_the_object_itself_and_padding() -> None:
    vectors = torch.tensor([[[1.0], [5.0], [9.0], [100.0]]])
    present = torch.tensor([[True, True, True, False]])
    assert median_of_others(vectors, present)[0, :3, 0].tolist() == [5.0, 1.0, 1.0]
    alone = median_of_others(vectors, torch.tensor([[True, False, False, False]]))
    assert alone[0, 0, 0] == 1.0


def test_validation_sees_the_scenes_as_they_are() -> None:
    """Mixing and turns are for training: the loss of an evaluating step draws none."""
    config = replace(TINY, training=replace(TINY.training, foreign=1.0, jitter=0.0))
    plain = replace(config, training=replace(config.training, foreign=0.0, augment=False))
    losses = []
    for choice in (config, plain):
        torch.manual_seed(0)
        step = TrainingStep(OddOneOutNetwork(choice)).eval()
        views, targets = some_views(2, 2, TINY.image), some_targets(2, 2, TINY)
        losses.append(step(views, targets, 2, seeded(3))["classification"])
    assert torch.equal(*losses)
    torch.manual_seed(0)
    step = TrainingStep(OddOneOutNetwork(config)).train()
    drawn = step(views, targets, 2, seeded(3))["classification"]
    assert not torch.equal(drawn, losses[0])
    drawn.backward()
    gradients = [p.grad for p in step.detector.matching.parameters()]
    assert all(g is not None and torch.isfinite(g).all() for g in gradients)
