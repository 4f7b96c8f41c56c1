"""Every figure against scikit-learn, by hand, and at its limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics

from benchmark.detectors.predictions import Answer, Header, Predictions
from benchmark.scoring.bootstrap import drawn, estimates, interval, scene_weights
from benchmark.scoring.ground_truth import SceneTruth
from benchmark.scoring.matching import match
from benchmark.scoring.metrics import TITLES, calibration_error, measures, scene_auc
from benchmark.scoring.outcome import Outcome, outcome_of
from benchmark.scoring.pixels import LEVELS, PixelTally, pixel_measures, tally_scene
from benchmark.scoring.report import scene_error, worst_and_best
from benchmark.scoring.score import best_pixels, by_alike, by_count, by_defect_pixels, by_kind
from datagen.base.ranking import auc, average_precision, f1_max
from datagen.geometry.boxes import pairwise_iou
from tests.support.scores import boxes_in_a_row, random_outcome


def figures(outcome: Outcome) -> dict[str, float]:
    values = measures(outcome, np.ones((1, len(outcome.names))))
    return {name: float(value[0]) for name, value in values.items()}


def predicted(scores: dict[str, list[float | None]], labels: dict[str, list[int]]) -> Outcome:
    """Outcome of true boxes with these scores; None leaves an object out."""
    rng = np.random.default_rng(0)
    scenes, answers = [], {}
    for name, odd in labels.items():
        boxes, given = boxes_in_a_row(rng, len(odd)), scores.get(name)
        kinds = tuple("bump" if label else "" for label in odd)
        scenes.append(SceneTruth(name, boxes, np.array(odd, bool), kinds, True))
        if given is not None:
            kept = [k for k, score in enumerate(given) if score is not None]
            answers[name] = Answer(boxes[kept], np.array([given[k] for k in kept], float))
    header = Header("sample", "predicted", (0,))
    return outcome_of(scenes, Predictions(Path("p"), header, answers))


@pytest.mark.parametrize("steps", [None, 5])
@pytest.mark.parametrize("seed", range(5))
def test_rankings_agree_with_scikit_learn(seed, steps):
    outcome = random_outcome(np.random.default_rng(seed), missed=0.0, steps=steps)
    odd, score = outcome.anomalous, outcome.score
    found = figures(outcome)
    assert found["auc"] == pytest.approx(metrics.roc_auc_score(odd, score))
    assert found["ap"] == pytest.approx(metrics.average_precision_score(odd, score))
    precision, recall, _ = metrics.precision_recall_curve(odd, score)
    best = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))
    assert found["f1_max"] == pytest.approx(best)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(odd, score >= 0.5))
    assert found["balanced_accuracy"] == pytest.approx(
        metrics.balanced_accuracy_score(odd, score >= 0.5)
    )
    assert found["brier"] == pytest.approx(metrics.brier_score_loss(odd, score))
    assert found["floor"] == pytest.approx(metrics.accuracy_score(odd, np.zeros(len(odd))))


@pytest.mark.parametrize("seed", range(3))
def test_weights_count_as_repeated_scenes(seed):
    """A draw of the bootstrap is the dataset with scenes repeated or left out."""
    rng = np.random.default_rng(seed)
    outcome = random_outcome(rng, scenes=12)
    weights = next(scene_weights(12, 1, seed))
    rows = np.repeat(np.arange(len(outcome.scene)), weights[0][outcome.scene].astype(int))
    odd, ranked = outcome.anomalous[rows], outcome.ranked[rows]
    got = {name: value[0] for name, value in measures(outcome, weights).items()}
    assert got["auc"] == pytest.approx(metrics.roc_auc_score(odd, ranked))
    assert got["accuracy"] == pytest.approx(outcome.right[rows].mean())
    matched = outcome.matched[rows]
    assert got["auc_matched"] == pytest.approx(
        metrics.roc_auc_score(odd[matched], outcome.score[rows][matched])
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_missed_odd_object_is_found_at_no_threshold(seed):
    outcome = random_outcome(np.random.default_rng(seed), missed=0.3)
    odd, seen = outcome.anomalous, outcome.matched | ~outcome.anomalous
    share = odd[seen].sum() / odd.sum()
    assert share < 1
    expected = metrics.average_precision_score(odd[seen], outcome.ranked[seen]) * share
    found = figures(outcome)
    assert found["ap"] == pytest.approx(expected)
    assert found["auc"] == pytest.approx(metrics.roc_auc_score(odd, outcome.ranked))
    called = {t: outcome.ranked >= t for t in outcome.score[outcome.matched]}
    best = max(metrics.f1_score(odd, call) for call in called.values())
    assert found["f1_max"] == pytest.approx(best)


def test_a_case_by_hand():
    """Scene a: odd .9, normal .6, normal missed. Scene b: odd .4, normal .1. Scene c: normal .2."""
    outcome = predicted(
        {"a": [0.9, 0.6, None], "b": [0.4, 0.1], "c": [0.2]},
        {"a": [1, 0, 0], "b": [1, 0], "c": [0]},
    )
    found = figures(outcome)
    assert found == pytest.approx(
        {
            "auc": (3 + 2) / 8,  # .9 beats .6 .1 .2, .4 beats .1 .2; the missed normal beats both
            "auc_matched": 5 / 6,
            "auc_scene": (1 / 2 + 1) / 2,  # scene c holds one label only
            "accuracy": 3 / 6,
            "floor": 4 / 6,
            "balanced_accuracy": (1 / 2 + 2 / 4) / 2,
            "ap": (1 / 2 + 2 / 4) / 2,
            "f1_max": 2 / 3,  # at .4: two of two found, two of four called are right: 4 / (4 + 2)
            "exact_set": 1 / 3,
            "recall": 5 / 6,
            "iou": 1.0,
            "extra": 0.0,
            "detection_ap": (1 + 2 / 3) / 2,
            "ece": (0.1 + 0.6 + 0.6 + 0.1 + 0.2) / 5,
            "brier": (0.01 + 0.36 + 0.36 + 0.01 + 0.04) / 5,
        }
    )
    pixels = {"pixel_auroc", "pixel_auroc_objects", "pixel_aupro"}
    assert set(found) | pixels == set(TITLES)


NOT_ONE = ("floor", "ece", "brier", "extra")


def test_perfect_and_adversarial_detectors():
    labels = {"a": [1, 0, 0], "b": [0, 1, 1, 0]}
    perfect = figures(predicted({n: [float(v) for v in odd] for n, odd in labels.items()}, labels))
    assert all(perfect[name] == 1 for name in perfect if name not in NOT_ONE)
    assert perfect["ece"] == perfect["brier"] == perfect["extra"] == 0
    worst = figures(predicted({n: [1.0 - v for v in odd] for n, odd in labels.items()}, labels))
    for name in ("auc", "auc_matched", "auc_scene", "accuracy", "balanced_accuracy", "exact_set"):
        assert worst[name] == 0
    assert worst["ece"] == worst["brier"] == 1


def test_half_is_called_odd():
    found = figures(predicted({"a": [0.5, 0.5, 0.4999]}, {"a": [1, 0, 0]}))
    assert found["accuracy"] == pytest.approx(2 / 3)


def test_all_normal_has_the_accuracy_of_the_floor_and_no_ranking():
    labels = {"a": [1, 0, 0], "b": [0, 0, 0], "c": [1, 1, 0, 0]}
    found = figures(predicted({name: [0.0] * len(odd) for name, odd in labels.items()}, labels))
    assert found["accuracy"] == found["floor"] == 0.7
    assert found["auc"] == found["balanced_accuracy"] == 0.5
    assert found["exact_set"] == pytest.approx(1 / 3)


def test_a_miss_earns_nothing_even_beside_scores_of_0_and_1():
    """Without boxes at all every odd object is below and every normal one above any score."""
    labels = {"a": [1, 0, 0], "b": [1, 0]}
    nothing = figures(predicted({}, labels))
    assert nothing["auc"] == nothing["accuracy"] == nothing["recall"] == nothing["ap"] == 0
    assert np.isnan(nothing["auc_matched"]) and np.isnan(nothing["ece"])
    half = figures(predicted({"a": [1.0, 0.0, 0.0]}, labels))
    assert half["auc"] == pytest.approx(2 / 6)  # of six pairs only those inside scene a are right
    assert half["accuracy"] == 3 / 5


def test_a_missing_scene_counts_as_missed():
    labels = {"a": [1, 0, 0], "b": [1, 0], "c": [0, 0, 1]}
    scores = {"a": [0.9, 0.1, 0.2], "b": [0.8, 0.3], "c": [0.1, 0.2, 0.7]}
    whole = figures(predicted(scores, labels))
    lacking = figures(predicted({"a": scores["a"], "c": scores["c"]}, labels))
    assert whole["auc"] == whole["accuracy"] == 1
    assert lacking["accuracy"] == lacking["recall"] == 6 / 8
    assert lacking["auc"] < 1 and lacking["auc_matched"] == 1
    assert lacking["exact_set"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(("score", "detection_ap", "exact"), [(0.9, 0.5, 0), (0.4, 1, 1)])
def test_a_spurious_box_spoils_the_scene_and_the_detection_ap_alone(score, detection_ap, exact):
    """And only where it is called odd."""
    boxes = boxes_in_a_row(np.random.default_rng(0), 3)
    scene = SceneTruth("a", boxes, np.array([1, 0, 0], bool), ("bump", "", ""), True)
    header, scores = Header("sample", "predicted", (0,)), [0.8, 0.1, 0.2]
    found = []
    for extra, more in (([], []), ([[[5, 5, 5], [6, 6, 6]]], [score])):
        answer = Answer(np.array([*boxes, *extra]), np.array([*scores, *more]))
        predictions = Predictions(Path("p"), header, {"a": answer})
        found.append(figures(outcome_of([scene], predictions)))
    clean, spoilt = found
    assert (clean["detection_ap"], clean["exact_set"]) == (1, 1)
    assert (spoilt["detection_ap"], spoilt["exact_set"]) == (detection_ap, exact)
    assert (clean["extra"], spoilt["extra"]) == (0, pytest.approx(1 / 3))
    for name in set(clean) - {"exact_set", "detection_ap", "extra"}:
        assert spoilt[name] == clean[name]


def test_figures_that_are_undefined_are_nan():
    found = figures(predicted({"a": [0.1, 0.2]}, {"a": [0, 0]}))
    for name in ("auc", "auc_scene", "ap", "f1_max", "detection_ap", "balanced_accuracy"):
        assert np.isnan(found[name]), name
    assert found["accuracy"] == 1


def test_iou_of_boxes_by_hand():
    unit = np.array([[[0, 0, 0], [1, 1, 1]]], float)
    others = np.array(
        [[[0, 0, 0], [1, 1, 1]], [[0.5, 0, 0], [1.5, 1, 1]], [[1, 0, 0], [2, 1, 1]],
         [[0.25, 0.25, 0.25], [0.75, 0.75, 0.75]], [[2, 2, 2], [3, 3, 3]]], float
    )  # fmt: skip
    assert pairwise_iou(unit, others)[0] == pytest.approx([1, 1 / 3, 0, 1 / 8, 0])


def test_matching_is_one_to_one_has_the_largest_sum_and_needs_half():
    true = np.array([[[0, 0, 0], [1, 1, 1]], [[0.4, 0, 0], [1.4, 1, 1]]], float)
    both = np.array([[[0.1, 0, 0], [1.1, 1, 1]], [[-0.2, 0, 0], [0.8, 1, 1]]], float)
    rows, columns, iou = match(both, true)
    assert dict(zip(rows.tolist(), columns.tolist(), strict=True)) == {0: 1, 1: 0}
    assert iou == pytest.approx([0.7 / 1.3, 0.8 / 1.2])
    half = np.array([[[0, 0, 0], [1, 1, 0.5]]], float)
    assert len(match(half, true[:1])[0]) == 0  # an IoU of exactly .5 is none
    assert len(match(np.zeros((0, 2, 3)), true)[0]) == 0


def test_auc_of_each_scene():
    outcome = predicted({"a": [0.9, 0.1, 0.95], "b": [0.5, 0.5], "c": [0.1]}, {
        "a": [1, 0, 0], "b": [1, 0], "c": [0]})  # fmt: skip
    assert scene_auc(outcome)[:2] == pytest.approx([0.5, 0.5])
    assert np.isnan(scene_auc(outcome)[2])


def test_calibration_error_of_a_calibrated_and_a_shifted_detector():
    rng = np.random.default_rng(0)
    score = rng.random(20_000)
    odd = rng.random(20_000) < score
    one = np.ones((1, len(score)))
    assert calibration_error(score, odd, one)[0] < 0.02
    sure = np.where(score > 0.5, 1.0, 0.0)
    assert calibration_error(sure, odd, one)[0] == pytest.approx(0.25, abs=0.02)


def test_types_and_object_counts_are_the_figures_of_their_parts():
    outcome = random_outcome(np.random.default_rng(3), scenes=40)
    for kind, found in by_kind(outcome, 100, 0).items():
        of_kind = outcome.kinds == kind
        rows = of_kind | ~outcome.anomalous
        expected = metrics.roc_auc_score(of_kind[rows], outcome.ranked[rows])
        assert found["auc"].value == pytest.approx(expected)
        assert found["found"].value == pytest.approx(outcome.right[of_kind].mean())
    for count, found in by_count(outcome, 100, 0).items():
        rows = outcome.objects_in_scene[outcome.scene] == count
        expected = metrics.roc_auc_score(outcome.anomalous[rows], outcome.ranked[rows])
        assert found["auc"].value == pytest.approx(expected)
        assert found["accuracy"].value == pytest.approx(outcome.right[rows].mean())
        scenes = outcome.objects_in_scene == count
        assert found["exact_set"].value == pytest.approx(outcome.exact[scenes].mean())


def test_defects_are_grouped_by_the_pixels_that_show_them():
    outcome = random_outcome(np.random.default_rng(4), scenes=40)
    pixels = np.where(outcome.anomalous, np.arange(len(outcome.anomalous)) * 3, 0)
    groups = by_defect_pixels(outcome, pixels, 100, 0)
    assert list(groups) == ["0", "1-29", "30-99", "100-299", "300 or more"][-len(groups) :]
    assert sum(group.objects for group in groups.values()) == outcome.anomalous.sum()
    inside = outcome.anomalous & (pixels >= 100) & (pixels < 300)
    rows = inside | ~outcome.anomalous
    expected = metrics.roc_auc_score(inside[rows], outcome.ranked[rows])
    assert groups["100-299"].objects == inside.sum()
    assert groups["100-299"].figures["auc"].value == pytest.approx(expected)


def test_defects_are_grouped_by_how_many_odd_objects_share_them():
    outcome = random_outcome(np.random.default_rng(4), scenes=40)
    scenes, alike = [], []
    for number, name in enumerate(outcome.names):
        odd = outcome.anomalous[outcome.scene == number]
        shared = odd.sum() > 1 and number % 2
        own = tuple(int(o) * (int(odd.sum()) if shared else 1) for o in odd)
        boxes = np.zeros((len(odd), 2, 3))
        scenes.append(SceneTruth(name, boxes, odd, ("",) * len(odd), True, alike=own))
        alike += own
    groups = by_alike(outcome, scenes, 100, 0)
    assert set(groups) == set(alike) - {0} and len(groups) > 1
    for number, group in groups.items():
        inside = np.array(alike) == number
        rows = inside | ~outcome.anomalous
        assert group.objects == inside.sum()
        expected = metrics.roc_auc_score(inside[rows], outcome.ranked[rows])
        assert group.figures["auc"].value == pytest.approx(expected)
    single = [replace(scene, alike=tuple(min(n, 1) for n in scene.alike)) for scene in scenes]
    assert by_alike(outcome, single, 100, 0) == {}


def test_only_the_views_that_a_detector_saw_show_a_defect():
    boxes = boxes_in_a_row(np.random.default_rng(0), 2)
    scene = SceneTruth("a", boxes, np.array([True, False]), ("bump", ""), True)
    counts = np.array([[5, 0, 70], [0, 0, 0]])
    known = replace(scene, defect_pixels=counts)
    assert best_pixels([known], (0, 1)).tolist() == [5, 0]
    assert best_pixels([known], (2,)).tolist() == [70, 0]
    assert best_pixels([known, scene], (0,)) is None


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    """Scenes are right or wrong as a whole, so that counting objects would be far too sure."""
    rng = np.random.default_rng(1)
    truth, covered, tries = 0.7, 0, 150
    for k in range(tries):
        right = rng.random(60) < truth
        found = estimates(lambda w, r=right: {"share": w @ r / w.sum(axis=1)}, 60, 200, k)["share"]
        assert found.value == right.mean()
        covered += found.low <= truth <= found.high
    assert 0.88 <= covered / tries <= 0.99


def test_draws_are_the_same_for_the_same_seed_and_keep_the_number_of_scenes():
    one, same, other = (np.concatenate(list(scene_weights(9, 120, s))) for s in (5, 5, 6))
    assert one.shape == (120, 9) and (one.sum(axis=1) == 9).all()
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_draws_without_a_figure_are_left_out_of_its_interval():
    assert interval(np.array([np.nan, 1.0, 1.0, np.nan])) == (1, 1)
    assert np.isnan(interval(np.full(4, np.nan))).all()
    values = drawn(lambda w: {"n": w.sum(axis=1)}, 3, 70, 0)["n"]
    assert values.shape == (70,)


@pytest.mark.parametrize("function", [auc, average_precision, f1_max])
def test_rankings_of_nothing(function):
    nothing = np.zeros(0)
    assert np.isnan(function(nothing, nothing.astype(bool), np.ones((2, 0)))).all()


def brute_force_aupro(scores: np.ndarray, defect: np.ndarray) -> float:
    """Threshold by threshold, region by region."""
    from skimage.measure import label

    regions = [(v, label(view, connectivity=2)) for v, view in enumerate(defect)]
    curve = [(0.0, 0.0)]
    for threshold in sorted(set(scores.ravel().tolist()), reverse=True):
        called = scores >= threshold
        shares = [called[v][names == k].mean()
                  for v, names in regions for k in range(1, names.max() + 1)]  # fmt: skip
        curve.append((called[~defect].mean(), float(np.mean(shares))))
    x, y = np.array(curve).T
    grid = np.linspace(0, 0.3, 200_001)
    return float(np.interp(grid, x, y).mean())


@pytest.mark.parametrize("seed", range(3))
def test_pixel_figures_agree_with_scikit_learn_and_brute_force(seed):
    rng = np.random.default_rng(seed)
    rows, all_scores, all_defects, all_shown = [], [], [], []
    for _ in range(3):
        defect = np.zeros((2, 24, 24), bool)
        defect[:, 2:9, 3:8] = defect[0, 15:17, 15:20] = defect[1, 20, 20] = True
        defect[0, [20, 21], [2, 3]] = True  # they touch at a corner: one region
        scores = np.clip(rng.normal(60 + 70 * defect, 50), 0, 255).astype(np.int64)
        shown = defect | (rng.random(defect.shape) < 0.3)
        rows.append(tally_scene(defect, scores + 1, shown))
        all_shown.append(shown)
        all_scores.append(scores)
        all_defects.append(defect)
    tally = PixelTally(*(np.array(column, float) for column in zip(*rows, strict=True)))
    scores, defect = np.concatenate(all_scores), np.concatenate(all_defects)
    found = pixel_measures(tally, np.ones((1, 3)))
    expected = metrics.roc_auc_score(defect.ravel(), scores.ravel())
    assert found["pixel_auroc"][0] == pytest.approx(expected)
    shown = np.concatenate(all_shown)
    expected = metrics.roc_auc_score(defect[shown], scores[shown])
    assert found["pixel_auroc_objects"][0] == pytest.approx(expected)
    assert found["pixel_aupro"][0] == pytest.approx(brute_force_aupro(scores, defect), abs=1e-4)
    assert tally.regions.tolist() == [5, 5, 5]


def test_pixel_figures_at_their_limits():
    defect = np.zeros((1, 16, 16), bool)
    defect[0, 3:6, 3:6] = True
    for levels, expected in ((defect * 255 + 1, 1.0), (~defect * (LEVELS - 1), 0.0)):
        row = tally_scene(defect, levels, np.ones_like(defect))
        tally = PixelTally(*(np.array([column], float) for column in row))
        found = pixel_measures(tally, np.ones((1, 1)))
        assert found["pixel_auroc"][0] == found["pixel_aupro"][0] == expected


def test_an_outcome_survives_json():
    outcome = random_outcome(np.random.default_rng(2))
    again = Outcome.from_table(outcome.to_table())
    for name in outcome.__dataclass_fields__:
        first, second = getattr(outcome, name), getattr(again, name)
        assert np.array_equal(first, second, equal_nan=name == "score"), name


def test_parts_of_an_outcome_add_up():
    outcome = random_outcome(np.random.default_rng(4))
    half = np.arange(len(outcome.names)) % 2 == 0
    parts = outcome.only_scenes(half), outcome.only_scenes(~half)
    assert sum(len(part.scene) for part in parts) == len(outcome.scene)
    assert sum(len(part.box_scene) for part in parts) == len(outcome.box_scene)
    for part in parts:
        owned = part.box_object >= 0
        assert np.array_equal(part.score[part.box_object[owned]], part.box_score[owned])
        assert np.array_equal(part.scene[part.box_object[owned]], part.box_scene[owned])


def test_worst_and_best_scenes():
    outcome = predicted(
        {"bad": [0.1, 0.9], "good": [0.9, 0.1], "calm": [0.0, 0.0]},
        {"bad": [1, 0], "good": [1, 0], "calm": [0, 0], "missing": [1, 0]},
    )
    assert scene_error(outcome) == pytest.approx([0.9, 0.1, 0.0, 1.0])
    worst, best = worst_and_best(outcome, 2)
    assert [outcome.names[k] for k in worst] == ["missing", "bad"]
    assert [outcome.names[k] for k in best] == ["good", "calm"]
