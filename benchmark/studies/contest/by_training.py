"""Studies of what is trained: the contest, the paper's variants, transfer from source to source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmark.scoring.ground_truth import read_truth
from benchmark.studies.contest.asked import Answered, Answers, Asked, ask_all, grouped
from benchmark.studies.contest.groups import overall
from benchmark.studies.contest.request import VARIANTS, StudyRequest, with_variants
from benchmark.studies.contest.table import Row, StudyTable
from datagen.errors import OddgenError

CONTEST = {
    "auc": "AUC",
    "auc_matched": "AUC, found ones",
    "accuracy": "accuracy",
    "floor": "all normal",
    "recall": "found",
    "iou": "IoU",
    "ece": "ECE",
}
PAPER_1 = (
    "The paper, AUC / accuracy on ToysAD-8K seen, unseen and PartsAD-15K: COLMAP + DGCNN "
    "73.45 / 60.48, 72.86 / 58.12, 72.78 / 61.34; ImVoxelNet 78.13 / 65.55, 73.19 / 60.12, "
    "72.80 / 64.34; DETR3D 79.16 / 67.37, 74.60 / 62.98, 74.49 / 65.11; theirs 91.78 / 83.21, "
    "89.15 / 81.57, 86.12 / 79.68."
)
PAPER_2 = (
    "The paper, AUC / accuracy on ToysAD-8K unseen: A, no comparison, 79.13 / 66.78; B, attention, "
    "81.24 / 68.20; C, features of a teacher, 87.05 / 79.56; full, sparse attention, 89.15 / 81.57."
)
DIFFERS = (
    "Not as there: other data, other sizes and numbers of scenes, as the commands say; a miss is "
    "ranked worst for its label; deviations of each detector in docs/model.md and "
    "docs/baselines.md."
)
SPLITS = ("seen", "unseen")


def ask_splits(request: StudyRequest) -> list[Asked]:
    """Every contestant on each dataset, on the seen and the unseen shapes of it that there are."""
    asked = []
    for data in request.data:
        scenes = read_truth(data).scenes.values()
        there = [name for name in SPLITS if any(s.seen is (name == "seen") for s in scenes)]
        for split in there or ["all"]:
            asked += [
                Asked(one, data, split, request.views, request.protocol)
                for one in request.contestants
            ]
    return asked


def table_1(request: StudyRequest, answers: Answers) -> StudyTable:
    """All contestants by dataset and split (Table 1)."""
    rows = []
    for data, split in dict.fromkeys((asked.data, asked.split) for asked in answers):
        part = {a: found for a, found in answers.items() if (a.data, a.split) == (data, split)}
        rows += list(_rows(request, part, f"{data.name}, {split}"))
    return StudyTable(
        "table1",
        "The contest",
        "Every detector on the same scenes and views, with boxes of its own where the protocol "
        "says so; the mean over its seeds.",
        "data",
        CONTEST,
        "auc",
        tuple(rows),
        (PAPER_1, DIFFERS),
    )


def ask_variants(request: StudyRequest) -> list[Asked]:
    """The variants of Table 2 of what is trained. Raises OddgenError where nothing is."""
    if all(one.training is None for one in request.contestants):
        raise OddgenError(
            "table2: trains variants of a model; give --train odd-one-out:voxel-nano and "
            "--train-data."
        )
    return ask_all(replace(request, contestants=with_variants(request.contestants, VARIANTS)))


def table_2(request: StudyRequest, answers: Answers) -> StudyTable:
    """Without comparison, with attention, with a teacher, sparse (Table 2)."""
    rows = tuple(_rows(request, answers, request.test.name))
    return StudyTable(
        "table2",
        "What each step of the model brings",
        "A compares nothing, B has attention, C a teacher's features too, full sparse attention.",
        "data",
        CONTEST,
        "auc",
        rows,
        (PAPER_2, DIFFERS),
    )


def ask_transfer(request: StudyRequest) -> list[Asked]:
    """Every contestant on every dataset."""
    return [
        Asked(one, data, request.split, request.views, request.protocol)
        for one in request.contestants
        for data in request.data
    ]


def transfer(request: StudyRequest, answers: Answers) -> StudyTable:
    """Trained on one source or anomaly type, tested on the others: a matrix, row by row."""
    rows: list[Row] = []
    for data in request.data:
        part = {asked: found for asked, found in answers.items() if asked.data == data}
        rows += _rows(request, part, data.name)
    return StudyTable(
        "transfer",
        "Trained on one kind of data, tested on another",
        "Each detector learnt from the dataset in its name and is tested on the one beside it.",
        "tested on",
        CONTEST,
        "auc",
        tuple(rows),
        (DIFFERS,),
    )


def _rows(request: StudyRequest, answers: Answers, group: str) -> Iterator[Row]:
    for name, runs in grouped(answers):
        yield _row(request, name, runs, group)


def _row(request: StudyRequest, name: str, runs: Sequence[Answered], group: str) -> Row:
    outcomes = [run.outcome for run in runs]
    figures = overall(outcomes, list(CONTEST), request.draws)
    return Row(name, group, None, len(outcomes[0].scene), figures)
