"""Shortcuts: cues that tell are found, others are let be, and few objects prove nothing."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from datagen.base.ranking import auc
from datagen.dataset.reader import Dataset
from datagen.validate.cues import CUES, object_cues
from datagen.validate.shortcuts import (
    find_shortcuts,
    interval,
    out_of_fold,
    stacked,
    too_few,
)


def scenes_of(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels and scene numbers: five objects a scene, one or two anomalous."""
    labels = np.zeros((count, 5), np.int64)
    for row in labels:
        row[rng.choice(5, rng.integers(1, 3), replace=False)] = 1
    return labels.ravel(), np.repeat(np.arange(count), 5)


def test_auroc_agrees_with_scikit_learn_ties_and_weights_included():
    rng = np.random.default_rng(0)
    for _ in range(20):
        labels = rng.integers(0, 2, 60)
        scores = np.round(rng.normal(size=60) + labels, 1)
        weights = rng.integers(0, 3, 60)
        found = auc(scores, labels == 1, np.stack([np.ones(60), weights]).astype(float))
        expected = [roc_auc_score(labels, scores),
                    roc_auc_score(labels, scores, sample_weight=weights)]  # fmt: skip
        assert found == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["logistic", "trees"])
def test_a_cue_that_tells_is_found(kind):
    rng = np.random.default_rng(1)
    labels, scenes = scenes_of(rng, 60)
    rows = np.stack([rng.normal(size=300), labels + 0.8 * rng.normal(size=300)], axis=1)
    auroc, low, high = interval(out_of_fold(kind, rows, labels, scenes, 0), labels, scenes, 0)
    assert 0.5 < low < auroc < high and auroc > 0.7


def test_trees_find_what_no_line_separates():
    rng = np.random.default_rng(2)
    labels, scenes = scenes_of(rng, 80)
    rows = (rng.normal(size=400) * np.where(labels == 1, 3, 0.5))[:, None]
    line = interval(out_of_fold("logistic", rows, labels, scenes, 0), labels, scenes, 0)
    trees = interval(out_of_fold("trees", rows, labels, scenes, 0), labels, scenes, 0)
    assert trees[1] > 0.75 and line[1] < 0.6


def test_noise_is_rarely_called_a_shortcut():
    told = 0
    for seed in range(16):
        rng = np.random.default_rng([3, seed])
        labels, scenes = scenes_of(rng, 40)
        scores = out_of_fold("logistic", rng.normal(size=(200, 3)), labels, scenes, seed)
        told += interval(scores, labels, scenes, seed)[1] > 0.5
    assert told <= 3


def test_a_scene_is_never_in_training_and_test():
    rng = np.random.default_rng(4)
    scenes = np.repeat(np.arange(60), 5)
    labels = np.repeat(rng.integers(0, 2, 60), 5)
    rows = np.stack([scenes, rng.permutation(60)[scenes]], axis=1).astype(float)
    scores = out_of_fold("trees", rows, labels, scenes, 0)
    assert interval(scores, labels, scenes, 0)[1] < 0.6, "scene numbers were learnt by heart"


def test_few_objects_are_said_to_be_few():
    labels, scenes = scenes_of(np.random.default_rng(5), 6)
    assert "too few objects" in str(too_few(labels, scenes))
    assert "in 0 scenes" in str(too_few(np.zeros(0, int), np.zeros(0, int)))
    assert too_few(*scenes_of(np.random.default_rng(5), 30)) is None


def test_anomalies_listed_first_are_a_shortcut_and_shuffled_ones_are_not():
    rng = np.random.default_rng(6)
    labels, scenes = scenes_of(rng, 60)
    index = np.tile(np.arange(5.0), 60)
    first = np.sort(labels.reshape(-1, 5), axis=1)[:, ::-1].ravel()
    told = {item.cue: item for item in find_shortcuts({"order": index[:, None]}, first, scenes)}
    assert told["order"].tells and told["order"].low > 0.8
    shuffled = find_shortcuts({"order": index[:, None]}, labels, scenes)
    assert not any(item.tells for item in shuffled)


def test_cues_of_a_real_scene_are_finite_and_named(dataset):
    whole = Dataset(dataset)
    results = []
    for name in whole.names:
        scene = whole.read(name)
        results.append((object_cues(scene, None), tuple(scene.anomalous)))
    cues, labels, scenes = stacked(results)
    assert set(cues) == set(CUES) - {"mesh size"}
    assert all(np.isfinite(rows).all() and len(rows) == 12 for rows in cues.values())
    assert len(labels) == len(scenes) == 12 and scenes.max() == 3
