"""Scored detectors ranked on one page, protocol by protocol, with tests against the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmark.detectors.predictions import PROTOCOLS
from benchmark.scoring.compare import SURE, RunOutcome, compare, read_scored
from benchmark.scoring.schema import RunScores, ScoresFile
from benchmark.scoring.tables import percent, with_interval
from datagen.base.files import in_words, write_text
from datagen.base.typed import WrongData, parse
from datagen.errors import OddgenError

COLUMNS = {
    "accuracy": "accuracy",
    "recall": "found",
    "iou": "IoU",
    "extra": "too many",
    "exact_set": "scenes wholly right",
    "ece": "ECE",
}
OF_FOUND_BOXES = ("recall", "iou", "extra")
RANKED_BY = "auc"


@dataclass(frozen=True)
class Entry:
    """A scored run. date: of its scores' file, UTC. path: of the folder that it is in."""

    scores: RunScores
    outcome: RunOutcome
    date: str
    path: Path


@dataclass(frozen=True)
class Ranked:
    """An entry's line. against: the best's AUC less its own, and how likely that is by chance."""

    rank: int
    name: str
    version: str
    views: int
    auc: str
    figures: tuple[str, ...]
    against: str
    date: str
    path: str


@dataclass(frozen=True)
class Board:
    """One protocol. floor: accuracy of calling everything normal, per cent."""

    title: str
    floor: str
    columns: tuple[str, ...]
    rows: tuple[Ranked, ...]


def read_results(folders: Sequence[Path]) -> list[Entry]:
    """All runs of --out folders of oddbench score.

    Raises OddgenError where one holds none, or where they are of different data or splits.
    """
    entries: list[Entry] = []
    first: tuple[Path, ScoresFile] | None = None
    for folder in dict.fromkeys(path.resolve() for path in folders):
        file = folder / "scores.json" if folder.is_dir() else folder
        scores = _read(file)
        first = first or (file, scores)
        for told, key in (("datasets", "digest"), ("splits", "split")):
            here, there = getattr(scores, key), getattr(first[1], key)
            if here != there:
                raise OddgenError(
                    f"{file}: is of other {told} ({here}) than {first[0]} ({there}); a leaderboard "
                    "ranks what was scored on the same scenes, so make one of each."
                )
        date = datetime.fromtimestamp(file.stat().st_mtime, UTC).strftime("%Y-%m-%d")
        for run in scores.runs:
            outcome = read_scored(file.parent / "outcomes" / f"{run.name}.json")
            entries.append(Entry(run, outcome, date, file.parent))
    return entries


def write_leaderboard(entries: Sequence[Entry], path: Path, draws: int, seed: int) -> None:
    """One HTML page that needs no other file. Raises OddgenError where it cannot be written."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("benchmark.scoring", "."), autoescape=True)
    one = entries[0].outcome
    page = environment.get_template("leaderboard.html.j2").render(
        digest=one.data,
        split=one.split,
        scenes=len(one.outcome.names),
        objects=len(one.outcome.scene),
        odd=int(one.outcome.anomalous.sum()),
        boards=boards(entries, draws, seed),
        sure=SURE,
        draws=draws,
    )
    try:
        write_text(path, page)
    except OSError as error:
        raise OddgenError(f"{path}: {in_words(error)}; give another --out.") from error


def boards(entries: Sequence[Entry], draws: int, seed: int) -> list[Board]:
    """Each protocol, and each version of it, ranked by AUC."""
    groups: dict[tuple[str, int | None], list[Entry]] = {}
    for entry in entries:
        key = entry.outcome.protocol, entry.outcome.protocol_version
        groups.setdefault(key, []).append(entry)
    return [_board(group, draws, seed) for _, group in sorted(groups.items(), key=str)]


def _board(group: list[Entry], draws: int, seed: int) -> Board:
    order = sorted(group, key=lambda entry: _key(entry), reverse=True)
    best = order[0]
    protocol, version = best.outcome.protocol, best.outcome.protocol_version
    title = PROTOCOLS[protocol] + ("" if version is None else f" (version {version} of it)")
    told = [name for name in COLUMNS if protocol != "true-boxes" or name not in OF_FOUND_BOXES]
    floor = best.scores.figures["floor"].value
    rows = [
        Ranked(
            rank,
            entry.scores.detector,
            entry.scores.version or "",
            len(entry.scores.views),
            with_interval(entry.scores.figures[RANKED_BY]),
            tuple(with_interval(entry.scores.figures[name]) for name in told),
            "" if entry is best else _against(best, entry, draws, seed),
            entry.date,
            str(entry.path),
        )
        for rank, entry in enumerate(order, start=1)
    ]
    return Board(title, percent(floor), tuple(COLUMNS[name] for name in told), tuple(rows))


def _key(entry: Entry) -> float:
    value = entry.scores.figures[RANKED_BY].value
    return -1.0 if np.isnan(value) else value


def _against(best: Entry, entry: Entry, draws: int, seed: int) -> str:
    found = compare(entry.outcome, best.outcome, draws, seed)[RANKED_BY]
    likely = "p < .01" if found.p < 0.01 else f"p = {found.p:.3f}"
    less = found.difference
    told = f"{percent(-less.value, '+')} [{percent(-less.high, '+')}, {percent(-less.low, '+')}]"
    return f"{told}, {likely}{'' if found.p < SURE else ': may be chance'}"


def _read(file: Path) -> ScoresFile:
    remedy = "give the --out folder of oddbench score"
    try:
        return parse(ScoresFile, file.read_bytes())
    except OSError as error:
        raise OddgenError(f"{file}: {in_words(error)}; {remedy}.") from error
    except WrongData as error:
        raise OddgenError(f"{file}: no scores ({error}); {remedy}.") from error
