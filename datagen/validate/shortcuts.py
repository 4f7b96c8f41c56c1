"""Can labels be guessed from a cue? Cross-validated AUROC of simple classifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.base.ranking import auc
from datagen.geometry.shape import Floats, Ints
from datagen.validate.cues import CUES

FOLDS = 5
RESAMPLES = 1000
LEAST_OBJECTS = 20  # of each label
LEAST_SCENES = 10


@dataclass(frozen=True)
class Shortcut:
    """auroc with its 95 % interval over resampled scenes, for one cue and one classifier."""

    cue: str
    classifier: str
    auroc: float
    low: float
    high: float

    @property
    def tells(self) -> bool:
        """Whether the interval is above one half.

        Below it is no shortcut: classifiers that learnt noise fall a little below in
        cross-validation, because what is more frequent in training is less so in the test.
        """
        return self.low > 0.5


def too_few(labels: Ints, scenes: Ints) -> str | None:
    """Why nothing can be said about these objects, in words, or None.

    labels: (N,) 1 = anomalous; scenes: (N,) number of each object's scene.
    """
    odd, normal, groups = int((labels == 1).sum()), int((labels == 0).sum()), len(np.unique(scenes))
    if min(odd, normal) >= LEAST_OBJECTS and groups >= LEAST_SCENES:
        return None
    return (
        f"too few objects: {odd} anomalous and {normal} normal in {groups} scenes; at least "
        f"{LEAST_OBJECTS} of each in {LEAST_SCENES} are needed"
    )


def find_shortcuts(
    cues: dict[str, Floats], labels: Ints, scenes: Ints, seed: int = 0
) -> list[Shortcut]:
    """For every cue two classifiers, each with its AUROC.

    cues: by name (N, C) numbers; labels: (N,) 1 = anomalous; scenes: (N,) number of each object's
    scene.
    """
    names = [name for name in CUES if name in cues]
    results = []
    for name in names:
        for kind in ("logistic", "trees"):
            scores = out_of_fold(kind, cues[name], labels, scenes, seed)
            results.append(Shortcut(name, kind, *interval(scores, labels, scenes, seed)))
    return results


def out_of_fold(kind: str, rows: Floats, labels: Ints, scenes: Ints, seed: int) -> Floats:
    """(N,) score of every object by a classifier that has not seen its scene.

    kind: logistic or trees; rows: (N, C) numbers; labels, scenes: as of find_shortcuts. Scores are
    ranks within a fold, so that folds of other base rates do not mix.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    scores = np.full(len(labels), 0.5)
    for train, test in folds.split(rows, labels, scenes):
        if len(np.unique(labels[train])) < 2:
            continue
        model = _classifier(kind, seed)
        weight = np.where(
            labels[train] == 1, (labels[train] == 0).sum(), (labels[train] == 1).sum()
        )
        step = "logisticregression" if kind == "logistic" else "gradientboostingclassifier"
        model.fit(rows[train], labels[train], **{f"{step}__sample_weight": weight / weight.mean()})
        scores[test] = _ranks(model.predict_proba(rows[test])[:, 1])
    return scores


def _classifier(kind: str, seed: int) -> Any:
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if kind == "logistic":
        return make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    trees = GradientBoostingClassifier(
        n_estimators=60, max_depth=2, subsample=0.8, min_samples_leaf=5, random_state=seed
    )
    return make_pipeline(StandardScaler(), trees)


def _ranks(values: Floats) -> Floats:
    """(N,) in (0, 1), equal values share theirs; differences below 1e-6 are none."""
    from scipy.stats import rankdata

    return rankdata(np.round(values, 6)) / (len(values) + 1)


def interval(scores: Floats, labels: Ints, scenes: Ints, seed: int) -> tuple[float, float, float]:
    """AUROC of scores (N,) and the bounds of its 95 % interval, resampling whole scenes.

    labels, scenes: (N,) as of find_shortcuts.
    """
    _, group = np.unique(scenes, return_inverse=True)
    number = int(group.max()) + 1
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(number, np.full(number, 1 / number), size=RESAMPLES)
    weights = np.concatenate([np.ones((1, number), np.int64), draws])[:, group]
    values = auc(scores, labels == 1, weights.astype(np.float64))
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return float(values[0]), float(low), float(high)


def stacked(results: Sequence[tuple[dict[str, list[list[float]]], Sequence[int]]]) -> tuple[
    dict[str, Floats], Ints, Ints
]:  # fmt: skip
    """Cues (N, C) by name, labels (N,) and scenes (N,) of all objects.

    results: of every scene its cues, as object_cues has them, and its labels. What has no labels
    is left out, and so is a cue that a scene lacks.
    """
    used = [entry for entry in results if len(entry[1])]
    names = set.intersection(*(set(cues) for cues, _ in used)) if used else set()
    cues = {name: np.array([row for rows, _ in used for row in rows[name]]) for name in names}
    labels = np.array([label for _, marks in used for label in marks], np.int64)
    scenes = np.repeat(np.arange(len(used)), [len(marks) for _, marks in used])
    return cues, labels, scenes
