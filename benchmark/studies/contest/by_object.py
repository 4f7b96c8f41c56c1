"""Studies of the objects: what hides them, how severe their defect is, who shares it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmark.studies.contest.asked import Answered, Answers, grouped
from benchmark.studies.contest.groups import of_group
from benchmark.studies.contest.request import StudyRequest
from benchmark.studies.contest.table import FIGURES, Row, StudyTable
from datagen.dataset.hdf5 import open_file
from datagen.dataset.reader import Dataset, read_spec
from datagen.errors import OddgenError
from datagen.geometry.shape import Floats

VISIBLE = (0.0, 0.3, 0.5, 0.7, 0.85, 0.95, 1.001)
SEVERITY = (0.0, 0.2, 0.4, 0.6, 0.8, 1.001)


def by_occlusion(request: StudyRequest, answers: Answers) -> StudyTable:
    """AUC against the share of an object that the views see."""
    visible = _visible(request, next(iter(answers.values())))
    return StudyTable(
        "occlusion",
        "How much of an object is hidden",
        "The share of an object's outline that other objects leave, mean over the views; odd "
        "objects against normal ones that are hidden as much.",
        "visible",
        FIGURES,
        "auc",
        _binned(request, answers, visible, VISIBLE, "{low:.2f}-{high:.2f}", against_all=False),
    )


def by_severity(request: StudyRequest, answers: Answers) -> StudyTable:
    """AUC against the severity that was asked for."""
    answered = next(iter(answers.values()))
    data = Dataset(request.test)
    severity = [
        np.nan if one.anomaly is None or one.anomaly.severity is None else one.anomaly.severity
        for scene in answered.scenes
        for one in data.spec(scene.name).objects
    ]
    return StudyTable(
        "severity",
        "How severe a defect is",
        "Odd objects by the severity of their defect, 0 to 1, against all normal ones.",
        "severity",
        FIGURES,
        "auc",
        _binned(request, answers, np.array(severity), SEVERITY, "{low:.1f}-{high:.1f}"),
    )


def by_shared_defect(request: StudyRequest, answers: Answers) -> StudyTable:
    """AUC against how many odd objects of a scene share their defect."""

    def rows(name: str, runs: Sequence[Answered]) -> Iterator[Row]:
        alike = np.concatenate([scene.alike or [1] * len(scene.boxes) for scene in runs[0].scenes])
        outcomes = [run.outcome for run in runs]
        alike = np.where(outcomes[0].anomalous, alike, 0)
        for count in np.unique(alike[alike > 0]).tolist():
            group = alike == count
            figures = of_group(outcomes, group, request.draws, against_all=True)
            yield Row(name, str(count), count, int(group.sum()), figures)

    return StudyTable(
        "shared-defect",
        "Several odd ones with the same defect",
        "Odd objects by how many of their scene are copies of one odd version, against all normal "
        "ones: such hide each other from whoever looks for the sibling that is most alike.",
        "with this defect",
        FIGURES,
        "auc",
        tuple(row for name, runs in grouped(answers) for row in rows(name, runs)),
    )


def _binned(
    request: StudyRequest,
    answers: Answers,
    values: Floats,
    edges: Sequence[float],
    told: str,
    against_all: bool = True,
) -> tuple[Row, ...]:
    """A row for each contestant and bin of the values (N,) that holds an odd object."""
    rows = []
    for name, runs in grouped(answers):
        outcomes = [run.outcome for run in runs]
        for low, high in zip(edges[:-1], edges[1:], strict=True):
            group = (values >= low) & (values < high)
            if not (group & outcomes[0].anomalous).any():
                continue
            figures = of_group(outcomes, group, request.draws, against_all)
            label = told.format(low=low, high=min(high, 1.0))
            rows.append(Row(name, label, (low + min(high, 1)) / 2, int(group.sum()), figures))
    return tuple(rows)


def _visible(request: StudyRequest, answered: Answered) -> Floats:
    """(N,) the visible share of every object, mean over the views that were shown."""
    data = Dataset(request.test)
    views = list(answered.predictions.header.views)
    found = []
    for scene in answered.scenes:
        with open_file(data.shard(scene.name)) as file:
            group = file[scene.name]
            if "visible_fraction" in (read_spec(group).unknown or ()):
                raise OddgenError(
                    f"{request.test}: {scene.name} does not know what hides its objects; give a "
                    "dataset of oddgen generate."
                )
            found.append(group["visible_fraction"][()][:, views].mean(axis=1))
    return np.concatenate(found)
