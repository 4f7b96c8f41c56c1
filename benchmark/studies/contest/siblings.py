"""How many pieces it takes to tell an odd one, alone and beside good copies of their CAD file."""

from __future__ import annotations

from dataclasses import replace

from benchmark.studies.contest.asked import Answers, Asked, grouped
from benchmark.studies.contest.groups import overall
from benchmark.studies.contest.request import Contestant, StudyRequest
from benchmark.studies.contest.table import FIGURES, Row, StudyTable
from datagen.errors import OddgenError

PIECES = (1, 2, 3, 4, 6)
ALL = 1000


def ask_siblings(request: StudyRequest) -> list[Asked]:
    """Every contestant shown so many given boxes at a time, and with a reference beside them.

    Raises OddgenError for another protocol than true-boxes.
    """
    if request.protocol != "true-boxes":
        raise OddgenError(
            f"siblings: shows given boxes, a few at a time; give --protocol true-boxes instead of "
            f"{request.protocol}."
        )
    asked = []
    for one in (*request.contestants, *_beside(request)):
        for pieces in (*PIECES, ALL):
            more = ("--at-once", str(pieces)) if pieces != ALL else ()
            asked.append(Asked(one, request.test, request.split, request.views, "true-boxes", more))
    return asked


def siblings(request: StudyRequest, answers: Answers) -> StudyTable:
    """AUC by how many pieces are compared at a time."""
    rows = []
    for pieces in (*PIECES, ALL):
        part = {asked: found for asked, found in answers.items() if _pieces(asked) == pieces}
        for name, runs in grouped(part):
            outcomes = [run.outcome for run in runs]
            told = "all" if pieces == ALL else str(pieces)
            figures = overall(outcomes, list(FIGURES), request.draws)
            rows.append(Row(name, told, float(pieces), len(outcomes[0].scene), figures))
    return StudyTable(
        "siblings",
        "How many pieces it takes",
        "Detectors see so many of a scene's pieces at a time, with given boxes, as if no others "
        "were there; a single piece can only be told odd beside good copies.",
        "at once",
        FIGURES,
        "auc",
        tuple(rows),
    )


def _pieces(asked: Asked) -> int:
    return int(asked.more[1]) if asked.more else ALL


def _beside(request: StudyRequest) -> list[Contestant]:
    """The contestants with the reference, where one is given."""
    if request.reference is None:
        return []
    told = ("--reference", str(request.reference))
    return [
        replace(
            one,
            name=f"{one.name}, beside good copies",
            key=f"{one.key}-beside",
            told=(*one.told, *told),
        )
        for one in request.contestants
    ]
