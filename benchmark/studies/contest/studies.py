"""The studies by name: what each asks, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from benchmark.scoring.ground_truth import Truth, read_truth
from benchmark.studies.contest import (
    by_object,
    by_scene,
    by_training,
    minority,
    siblings,
    threshold,
)
from benchmark.studies.contest.asked import Answers, Asked, ask_all, cells_of, read_answers
from benchmark.studies.contest.cells import Cell, is_done, run_cells
from benchmark.studies.contest.check import check_asked, check_request
from benchmark.studies.contest.cost import prediction_seconds, seconds_of_training
from benchmark.studies.contest.request import StudyRequest
from benchmark.studies.contest.table import StudyTable
from benchmark.studies.contest.write import print_study, write_study
from datagen.errors import OddgenError

LOGS = "cells"


@dataclass(frozen=True)
class Study:
    """ask: what has to be answered. tell: the table of the answers."""

    ask: Callable[[StudyRequest], list[Asked]]
    tell: Callable[[StudyRequest, Answers], StudyTable]


STUDIES = {
    "table1": Study(by_training.ask_splits, by_training.table_1),
    "table2": Study(by_training.ask_variants, by_training.table_2),
    "views": Study(by_scene.ask_views, by_scene.by_views),
    "objects": Study(ask_all, by_scene.by_objects),
    "more-objects": Study(ask_all, by_scene.more_objects),
    "minority": Study(minority.ask_series, minority.minority),
    "siblings": Study(siblings.ask_siblings, siblings.siblings),
    "occlusion": Study(ask_all, by_object.by_occlusion),
    "threshold": Study(ask_all, threshold.by_threshold),
    "shared-defect": Study(ask_all, by_object.by_shared_defect),
    "severity": Study(ask_all, by_object.by_severity),
    "transfer": Study(by_training.ask_transfer, by_training.transfer),
}


@dataclass(frozen=True)
class Planned:
    """A cell, whether it is done, and the seconds of one core that it takes, None if unknown."""

    cell: Cell
    done: bool
    seconds: float | None


def plan(name: str, request: StudyRequest) -> list[Planned]:
    """The cells of a study. Raises OddgenError where it cannot be."""
    asked, _ = _asked(name, request)
    seconds: dict[str, float | None] = {}
    for one in asked:
        seconds[str(one.file(request.out))] = prediction_seconds(one)
        if one.of.training is not None:
            seconds[one.of.told[1]] = seconds_of_training(one.of.training)
    return [
        Planned(cell, is_done(cell, request.out / LOGS), seconds[str(cell.makes)])
        for cell in cells_of(asked, request.out)
    ]


def _asked(name: str, request: StudyRequest) -> tuple[list[Asked], dict[Path, Truth]]:
    """What the study asks, and what is true of its data. Raises OddgenError where it cannot be."""
    check_request(request)
    asked = STUDIES[name].ask(request)
    truths = {path: read_truth(path) for path in {one.data for one in asked}}
    check_asked(asked, truths)
    return asked, truths


def _known_by_heart(asked: list[Asked]) -> list[str]:
    """A note for each contestant that is tested on what it has learnt from."""
    return [
        f"{one.of.name} has learnt from scenes of {one.data}, split {one.split}, itself: no test."
        for one in dict.fromkeys(asked)
        if one.of.training is not None
        and one.split in ("all", "seen")
        and one.of.training.data.resolve() == one.data.resolve()
    ]


def run_study(name: str, request: StudyRequest, console: Console) -> tuple[Path, dict[str, str]]:
    """Its page, and why each cell that failed did. The same request again goes on.

    Raises OddgenError where no cell is done, or what is asked for cannot be.
    """
    asked, truths = _asked(name, request)
    faults = run_cells(cells_of(asked, request.out), request.out / LOGS, request.workers, console)
    answers = read_answers(asked, request.out, truths)
    if not answers:
        raise OddgenError(f"{request.out}: no cell is done; mend what they say and run again.")
    table = STUDIES[name].tell(request, answers)
    if not table.rows:
        raise OddgenError(f"{request.test}: has nothing to tell by {table.group}; give other data.")
    failed = (f"failed: {cell}: {fault}" for cell, fault in faults.items())
    table = replace(table, notes=(*table.notes, *_known_by_heart(asked), *failed))
    print_study(table, Console(markup=False))
    return write_study(table, request.out), faults
