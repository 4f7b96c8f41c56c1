"""Scores in the terminal: a table a protocol, runs side by side."""

from __future__ import annotations

import math

from rich.console import Console
from rich.table import Table

from benchmark.detectors.predictions import PROTOCOLS
from benchmark.scoring.bootstrap import Estimate
from benchmark.scoring.metrics import TITLES
from benchmark.scoring.score import ScoredRun, Scores

MOST_NAMES = 5


def percent(value: float, sign: str = "") -> str:
    """In per cent with one decimal, - where undefined."""
    return "-" if math.isnan(value) else f"{100 * value:{sign}.1f}"


def with_interval(estimate: Estimate) -> str:
    """`72.0 [68.7, 75.4]`, in per cent; without brackets where there is no interval."""
    if math.isnan(estimate.low):
        return percent(estimate.value)
    return f"{percent(estimate.value)} [{percent(estimate.low)}, {percent(estimate.high)}]"


def print_scores(scores: Scores, console: Console) -> None:
    """Figures with intervals, by anomaly type and object count; then what is missing."""
    objects = sum(len(scene.boxes) for scene in scores.scenes)
    console.print(
        f"{scores.truth.out}, split {scores.split}: {len(scores.scenes)} scenes, "
        f"{objects} objects. Per cent, [95 % interval from {scores.draws} draws of scenes].",
        highlight=False,
        soft_wrap=True,
    )
    for run in scores.runs:
        console.print(described(run), highlight=False, markup=False, soft_wrap=True)
    for protocol, runs in scores.by_protocol().items():
        console.print(_table(PROTOCOLS[protocol], runs))
    for run in scores.runs:
        for sentence in gaps(run):
            console.print(sentence, style="yellow", highlight=False, markup=False, soft_wrap=True)


def described(run: ScoredRun) -> str:
    """What a run is: detector, version, views, file."""
    header = run.header
    version = "" if header.version is None else f" ({header.version})"
    views = ", ".join(map(str, header.views))
    return f"{run.name}: {header.detector}{version}, views {views}, {run.predictions.path}"


def _table(title: str, runs: list[ScoredRun]) -> Table:
    table = Table(title=title)
    table.add_column("")
    for run in runs:
        table.add_column(run.name, justify="right")
    for title, cells in table_rows(runs):
        table.add_row(title, *cells, end_section=not any(cells))
    return table


def table_rows(runs: list[ScoredRun]) -> list[tuple[str, list[str]]]:
    """Titles with a text for each run; headings have none."""
    rows = [("views", [str(len(run.header.views)) for run in runs])]
    for name, title in TITLES.items():
        if any(name in run.figures for run in runs):
            cells = [with_interval(r.figures[name]) if name in r.figures else "-" for r in runs]
            rows.append((title, cells))
    for kind, count in kinds(runs).items():
        cells = [with_interval(run.by_kind[kind]["auc"]) for run in runs]
        rows.append((f"AUC of {kind} ({count})", cells))
    for kind in kinds(runs):
        pixels_of = [run.by_kind[kind].get("pixel_auroc_objects") for run in runs]
        if any(pixels_of):
            cells = ["-" if found is None else with_interval(found) for found in pixels_of]
            rows.append((f"pixel AUROC on objects, {kind}", cells))
    for pixels in [] if len({run.header.views for run in runs}) > 1 else runs[0].by_defect_pixels:
        cells = [with_interval(run.by_defect_pixels[pixels].figures["auc"]) for run in runs]
        objects = runs[0].by_defect_pixels[pixels].objects
        rows.append((f"AUC of defects on {pixels} pixels ({objects})", cells))
    for number, part in runs[0].by_alike.items():
        cells = [with_interval(run.by_alike[number].figures["auc"]) for run in runs]
        title = "of their own" if number == 1 else f"shared by {number}"
        rows.append((f"AUC of defects {title} ({part.objects})", cells))
    for number in runs[0].by_count:
        cells = [with_interval(run.by_count[number]["auc"]) for run in runs]
        count = scenes_of(runs[0], number)
        rows.append((f"AUC of {number} objects ({count} scene{'s' * (count > 1)})", cells))
    rows.append(("seconds a scene", [_seconds(run) for run in runs]))
    rows.append(("peak main memory", [_memory(run) for run in runs]))
    return rows


def kinds(runs: list[ScoredRun]) -> dict[str, int]:
    """Anomaly types and how many objects have them."""
    outcome = runs[0].outcome
    return {kind: int((outcome.kinds == kind).sum()) for kind in runs[0].by_kind}


def scenes_of(run: ScoredRun, objects: int) -> int:
    """How many scenes hold so many objects."""
    return int((run.outcome.objects_in_scene == objects).sum())


def gaps(run: ScoredRun) -> list[str]:
    """Sentences on scenes without an answer, and on answers that were not asked for."""
    sentences = []
    if run.missing:
        sentences.append(
            f"{run.name}: {len(run.missing)} of {len(run.outcome.names)} scenes are missing from "
            f"{run.predictions.path} and count as missed: {_some(run.missing)}."
        )
    if run.failed:
        reasons = [f"{name} ({reason})" for name, reason in run.failed.items()]
        sentences.append(
            f"{run.name}: the detector failed on {len(run.failed)} of {len(run.outcome.names)} "
            f"scenes, which count as missed: {_some(reasons)}."
        )
    if run.unscored:
        sentences.append(
            f"{run.name}: {run.unscored} answers are of scenes outside the split and not scored."
        )
    if run.unused_masks:
        sentences.append(
            f"{run.name}: no pixel figures, as not all scenes of the dataset have defect masks."
        )
    return sentences


def _some(names: list[str] | tuple[str, ...]) -> str:
    rest = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _seconds(run: ScoredRun) -> str:
    return "-" if run.seconds is None else f"{run.seconds:.3g}"


def _memory(run: ScoredRun) -> str:
    return "-" if run.peak_bytes is None else f"{run.peak_bytes / 1e9:.2f} GB"
