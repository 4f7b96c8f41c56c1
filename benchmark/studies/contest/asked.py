"""What a study asks of a contestant, the cells that answer it, and the answers, scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.detectors.predictions import Predictions
from benchmark.scoring.ground_truth import SceneTruth, Truth
from benchmark.scoring.outcome import Outcome, outcome_of
from benchmark.scoring.read import check_against, read_predictions
from benchmark.studies.contest.cells import Cell
from benchmark.studies.contest.request import Contestant, StudyRequest, Training


@dataclass(frozen=True)
class Asked:
    """Predictions of a contestant for a split of a dataset, from so many views.

    more: words for `oddbench predict`.
    """

    of: Contestant
    data: Path
    split: str
    views: int
    protocol: str
    more: tuple[str, ...] = ()

    def file(self, out: Path) -> Path:
        """Of the predictions."""
        told = f"{self.data.name}-{self.split}-{self.views}-views-{self.protocol}"
        more = "".join(self.more).replace("--", "-")
        return out / "answers" / self.of.key / f"{told}{more}.jsonl"


@dataclass(frozen=True)
class Answered:
    """scenes: of the split, in the order of the outcome."""

    predictions: Predictions
    scenes: tuple[SceneTruth, ...]
    outcome: Outcome


Answers = Mapping[Asked, Answered]


def cells_of(asked: Sequence[Asked], out: Path) -> tuple[Cell, ...]:
    """A training for each contestant that needs one, and then its predictions."""
    cells: dict[str, Cell] = {}
    for one in asked:
        after: tuple[str, ...] = ()
        if one.of.training is not None:
            name = f"train-{one.of.key}"
            run = Path(one.of.told[1])
            cells.setdefault(name, Cell(name, _train(one.of.training, run), run))
            after = (name,)
        file = one.file(out)
        name = f"predict-{one.of.key}-{file.stem}"
        words = (
            *("predict", "--data", str(one.data), "--split", one.split, "--views", str(one.views)),
            *("--protocol", one.protocol, *one.of.told, *one.more, "--out", str(file)),
        )
        cells.setdefault(name, Cell(name, words, file, after))
    return tuple(cells.values())


def _train(training: Training, run: Path) -> tuple[str, ...]:
    model = ("--model", training.model, "--preset", training.preset)
    variant = () if training.variant == "full" else ("--variant", training.variant)
    return (
        *("train", "--data", str(training.data), *model, *variant),
        *("--seed", str(training.seed), "--out", str(run)),
        *(word for name, value in training.options for word in (f"--{name}", value)),
    )


def read_answers(
    asked: Sequence[Asked], out: Path, truths: Mapping[Path, Truth]
) -> dict[Asked, Answered]:
    """Of all cells that are done. Raises OddgenError where a file cannot be read."""
    found = {}
    for one in asked:
        file = one.file(out)
        if not file.exists():
            continue
        predictions = read_predictions(file)
        check_against(predictions, truths[one.data])
        scenes = tuple(truths[one.data].split(one.split))
        found[one] = Answered(predictions, scenes, outcome_of(scenes, predictions))
    return found


def ask_all(request: StudyRequest) -> list[Asked]:
    """Every contestant on the one dataset to test on."""
    return [
        Asked(one, request.test, request.split, request.views, request.protocol)
        for one in request.contestants
    ]


def grouped(answers: Answers) -> Iterator[tuple[str, list[Answered]]]:
    """The answers of each contestant, those of its seeds together."""
    names: dict[str, list[Answered]] = {}
    for asked, answered in answers.items():
        names.setdefault(asked.of.name, []).append(answered)
    yield from names.items()
