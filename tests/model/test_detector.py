"""The detector: what may move its output, what each loss moves, and its sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from benchmark.studies.cost import count_parameters, kept_for_backward
from datagen.base.typed import WrongData, parsed, plain
from model.attention import VoxelAttention, correspondences
from model.config import NANO, PAPER, PRESETS, SMALL, VARIANTS, DetectorConfig, chosen
from model.detector import OddOneOutNetwork
from model.losses import TrainingStep, draw_rays, look_up
from tests.support.detectors import BOXES, TINY, some_targets, some_views

pytestmark = pytest.mark.usefixtures("one_thread")

ATTENTION = ("none", "vanilla", "sparse", "siblings")


def detector(config: DetectorConfig = TINY) -> OddOneOutNetwork:
    torch.manual_seed(0)
    return OddOneOutNetwork(config).eval()


def with_attention(kind: str) -> DetectorConfig:
    """siblings: no attention, but what the head itself compares."""
    if kind == "siblings":
        return replace(TINY, matching=replace(TINY.matching, attention="none", siblings=True))
    return replace(TINY, matching=replace(TINY.matching, attention=kind))


def test_the_paper_preset_has_the_papers_numbers() -> None:
    """Sec. 4.2."""
    assert (PAPER.image, PAPER.views, PAPER.roi) == (256, 5, 8)
    assert PAPER.volume.grid.shape == (96, 96, 16) and PAPER.volume.grid.voxel == 0.04
    assert len(PAPER.volume.channels) == 4 and PAPER.rendering.samples == 128
    assert PAPER.distillation is not None
    assert (PAPER.distillation.channels, PAPER.distillation.size) == (128, 32)
    assert (PAPER.matching.blocks, PAPER.matching.heads, PAPER.matching.k) == (3, 8, 20)
    assert PAPER.boxes.threshold == 0.2
    train = PAPER.training
    assert (train.pretraining_epochs, train.epochs, train.batch) == (50, 50, 4)
    assert train.learning_rate == 2e-5
    assert train.mask_weight == train.feature_weight == train.reconstruction_weight == 1


def test_the_paper_preset_has_about_49_million_parameters() -> None:
    counts = count_parameters(PAPER)
    assert 27.0e6 < counts["encoder_2d"] < 27.2e6
    assert 21.5e6 < counts["encoder_3d"] < 21.9e6
    assert 48.5e6 < counts["all"] < 49.5e6


def test_what_backward_needs_is_counted_without_the_weights() -> None:
    """The first layer keeps its input, ReLU its result, which is the second layer's input."""
    layers = torch.nn.Sequential(
        torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 4, bias=False)
    )
    images = torch.rand(5, 8)
    kept = kept_for_backward(layers, lambda: layers(images).sum().backward())
    assert kept == 4 * (5 * 8 + 5 * 16)


def test_variants_differ_in_comparing_and_distillation_alone() -> None:
    for preset in PRESETS:
        made = [chosen(preset, name) for name in VARIANTS]
        assert [config.matching.attention for config in made] == [
            "none",
            "vanilla",
            "vanilla",
            "sparse",
        ]
        assert [config.distillation is not None for config in made] == [False, False, True, True]
        assert not made[0].matching.siblings and not made[0].matching.patches
        assert not made[0].training.foreign
        for config in made:
            same, full = (
                replace(
                    each,
                    distillation=None,
                    matching=PAPER.matching,
                    training=replace(each.training, foreign=0.0),
                )
                for each in (config, made[-1])
            )
            assert same == full
        for config in made[1:]:
            assert config.matching.siblings == made[-1].matching.siblings
            assert config.matching.patches == made[-1].matching.patches
            assert config.training == made[-1].training
        assert len({config.matching.looks for config in made}) == 1


def test_what_is_not_in_the_paper_is_off_in_its_preset() -> None:
    assert not PAPER.matching.siblings and not PAPER.matching.looks
    assert not PAPER.matching.patches and PAPER.boxes.seeds is None
    assert not PAPER.training.augment and not PAPER.training.foreign


def test_a_configuration_survives_json() -> None:
    for config in (PAPER, SMALL, NANO, chosen("voxel-nano", "A")):
        assert parsed(DetectorConfig, plain(config)) == config
    with pytest.raises(WrongData, match="image is missing"):
        parsed(DetectorConfig, {"name": "voxel-nano"})


@pytest.mark.parametrize("count", [1, 2, 5])
def test_any_number_of_views_in_any_order(count: int) -> None:
    model, views = detector(), some_views(1, count, TINY.image)
    found = model.detect(views, [BOXES])[0]
    assert found.scores.shape == (3,) and ((found.scores > 0) & (found.scores < 1)).all()
    turned = replace(
        views, images=views.images.flip(1), world_to_camera=views.world_to_camera.flip(1)
    )
    assert torch.allclose(model.detect(turned, [BOXES])[0].scores, found.scores, atol=1e-4)


@pytest.mark.parametrize("kind", ATTENTION)
def test_permuted_objects_get_permuted_scores(kind: str) -> None:
    model, views = detector(with_attention(kind)), some_views(1, 2, TINY.image)
    scores = model.detect(views, [BOXES])[0].scores
    order = [2, 0, 1]
    assert torch.allclose(model.detect(views, [BOXES[order]])[0].scores, scores[order], atol=1e-5)
    assert scores.std() > 1e-5


@pytest.mark.parametrize("kind", ATTENTION)
def test_a_padded_object_changes_nothing(kind: str) -> None:
    model, views = detector(with_attention(kind)), some_views(1, 2, TINY.image)
    scene = model.reconstruct(views)
    alone = model.classify(scene, BOXES[None, :2], torch.tensor([[True, True]]))
    padded = model.classify(scene, BOXES[None], torch.tensor([[True, True, False]]))
    assert torch.allclose(alone, padded[:, :2], atol=1e-5)
    present = model.classify(scene, BOXES[None], torch.tensor([[True, True, True]]))
    changed = not torch.allclose(alone, present[:, :2], atol=1e-5)
    assert changed == (kind != "none")


@pytest.mark.parametrize("kind", ATTENTION)
def test_a_single_object_and_none_at_all(kind: str) -> None:
    model, views = detector(with_attention(kind)), some_views(1, 2, TINY.image)
    assert torch.isfinite(model.detect(views, [BOXES[:1]])[0].scores).all()
    assert model.detect(views, [BOXES[:0]])[0].boxes.shape == (0, 2, 3)


def test_scenes_of_a_batch_do_not_touch_each_other() -> None:
    model, views = detector(), some_views(2, 2, TINY.image)
    together = model.detect(views, [BOXES, BOXES[:2]])
    other = replace(views, images=views.images[1:], intrinsics=views.intrinsics[1:],
                    world_to_camera=views.world_to_camera[1:])  # fmt: skip
    alone = model.detect(other, [BOXES[:2]])[0]
    assert torch.allclose(together[1].scores, alone.scores, atol=1e-5)


def test_correspondences_are_the_k_most_alike_of_each_other_object() -> None:
    features = torch.randn((1, 3, 6, 4), generator=torch.Generator().manual_seed(0))
    present = torch.tensor([[True, True, False]])
    allowed = correspondences(features, present, k=2)[0]
    assert not allowed[0, :, 0].any() and not allowed[:, :, 2].any()
    assert (allowed[0, :, 1].sum(-1) == 2).all()
    similarity = torch.nn.functional.cosine_similarity(
        features[0, 0, :, None], features[0, 1, None], dim=-1
    )
    assert (allowed[0, :, 1].float().argsort(-1, descending=True)[:, :2].sort(-1).values
            == similarity.topk(2, dim=-1).indices.sort(-1).values).all()  # fmt: skip
    identical = correspondences(features[:, [0, 0]], torch.ones((1, 2), dtype=torch.bool), k=1)
    assert (identical[0, 0, :, 1] == torch.eye(6, dtype=torch.bool)).all()


def test_the_softmax_runs_over_all_other_objects_at_once() -> None:
    """Two copies of the only other object say what it says alone (Eq. 7, our reading)."""
    torch.manual_seed(0)
    attention = VoxelAttention(8, heads=2)
    tokens = torch.randn((1, 2, 5, 8))
    pair = correspondences(tokens, torch.ones((1, 2), dtype=torch.bool), k=3)
    copied = tokens[:, [0, 1, 1]]
    triple = correspondences(copied, torch.ones((1, 3), dtype=torch.bool), k=3)
    one, two = attention(tokens, pair), attention(copied, triple)
    assert torch.allclose(one[:, 0], two[:, 0], atol=1e-6)


MODULES = ("encoder_2d", "encoder_3d", "colour", "density", "projector", "matching")
MOVED = {
    "image": {"encoder_2d", "encoder_3d", "colour", "density"},
    "mask": {"encoder_2d", "encoder_3d", "density"},
    "feature": {"encoder_2d", "encoder_3d", "projector"},
    "classification": {"encoder_2d", "encoder_3d", "matching"},
}


@pytest.mark.parametrize("term", MOVED)
def test_each_loss_moves_what_it_should_and_nothing_else(term: str) -> None:
    """The feature loss above all does not move density (Sec. 3.2)."""
    step = TrainingStep(detector()).train()
    views, targets = some_views(2, 2, TINY.image), some_targets(2, 2, TINY)
    terms = step(views, targets, 2, torch.Generator().manual_seed(0))
    terms[term].backward()
    moved = {
        name
        for name in MODULES
        for weight in getattr(step.detector, name).parameters()
        if weight.grad is not None and weight.grad.abs().sum() > 0
    }
    assert moved == MOVED[term]


def test_the_loss_is_the_weighted_sum_of_its_terms() -> None:
    training = replace(
        TINY.training, mask_weight=2.0, feature_weight=3.0, reconstruction_weight=0.5
    )
    step = TrainingStep(detector(replace(TINY, training=training)))
    views, targets = some_views(2, 2, TINY.image), some_targets(2, 2, TINY)
    first = step(views, targets, 1, torch.Generator().manual_seed(0))
    assert set(first) == {"image", "mask", "feature", "loss"}
    reconstruction = first["image"] + 2 * first["mask"] + 3 * first["feature"]
    assert torch.allclose(first["loss"], 0.5 * reconstruction)
    terms = step(views, targets, 2, torch.Generator().manual_seed(0))
    reconstruction = terms["image"] + 2 * terms["mask"] + 3 * terms["feature"]
    assert torch.allclose(terms["loss"], 0.5 * reconstruction + terms["classification"])


def test_labels_of_padding_do_not_count() -> None:
    step = TrainingStep(detector())
    views, targets = some_views(1, 2, TINY.image), some_targets(1, 2, TINY)
    masked = replace(targets, present=torch.tensor([[True, True, False]]))
    losses = [
        step(views, replace(masked, labels=torch.tensor([[1.0, 0.0, label]])), 2,
             torch.Generator().manual_seed(0))["classification"]
        for label in (0.0, 1.0)
    ]  # fmt: skip
    assert losses[0] == losses[1]


def test_rays_show_what_the_images_and_masks_show() -> None:
    views, targets = some_views(1, 2, TINY.image), some_targets(1, 2, TINY)
    drawn = draw_rays(targets.masks, 200, 0.5, torch.Generator().manual_seed(0))
    truth = look_up(views, targets, drawn)
    for ray in range(200):
        view, (x, y) = drawn.view[0, ray], drawn.pixels[0, ray].long()
        mask = targets.masks[0, view, y, x]
        assert truth.mask[0, ray] == mask
        assert torch.equal(truth.colour[0, ray], views.images[0, view, :, y, x] * mask)
    assert truth.mask[0, :100].all() and 0 < truth.mask[0, 100:].mean() < 0.6
    assert len(set(drawn.view[0].tolist())) == 2


def test_teacher_features_are_read_at_the_pixel_of_their_view() -> None:
    """The middle of a feature's patch gives that very feature."""
    views, targets = some_views(1, 3, TINY.image), some_targets(1, 3, TINY)
    assert targets.features is not None
    drawn = draw_rays(targets.masks, 4, 0.0, torch.Generator().manual_seed(0))
    corner = replace(drawn, view=torch.tensor([[0, 1, 2, 2]]),
                     pixels=torch.tensor([[[2.0, 6.0], [30, 2], [10, 10], [18, 26]]]))  # fmt: skip
    read = look_up(views, targets, corner).features
    assert read is not None
    for ray, (view, x, y) in enumerate([(0, 0, 1), (1, 7, 0), (2, 2, 2), (2, 4, 6)]):
        assert torch.allclose(read[0, ray], targets.features[0, view, :, y, x], atol=1e-5)
