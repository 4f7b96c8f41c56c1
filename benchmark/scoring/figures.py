"""The report's plots, as SVG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.scoring.bootstrap import Estimate
from benchmark.scoring.metrics import CALIBRATION_BINS, calibration_bin
from benchmark.scoring.score import ScoredRun
from benchmark.scoring.tables import kinds, scenes_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def curves(runs: Sequence[ScoredRun]) -> bytes:
    """ROC and precision-recall over all objects; a missed odd object is never found."""
    from sklearn.metrics import precision_recall_curve, roc_curve

    figure, (roc, pr) = _panels(2)
    for run, color in _colored(runs):
        odd, ranked = run.outcome.anomalous, run.outcome.ranked
        if not 0 < odd.sum() < len(odd):
            continue
        alarms, found, _ = roc_curve(odd, ranked)
        roc.plot(alarms, found, color=color, label=_label(run, "auc"))
        seen = run.outcome.matched | ~odd
        if odd[seen].any():
            precision, recall, _ = precision_recall_curve(odd[seen], ranked[seen])
            recall = recall[:-1] * odd[seen].sum() / odd.sum()
            pr.step(recall, precision[:-1], where="post", color=color, label=_label(run, "ap"))
    roc.plot([0, 1], [0, 1], ":", color="grey", linewidth=1)
    pr.axhline(runs[0].outcome.anomalous.mean(), linestyle=":", color="grey", linewidth=1)
    _finish(roc, "ROC (AUC in the legend)", "normal objects called odd", "odd objects found")
    _finish(pr, "Precision and recall (AP)", "recall", "precision")
    return _svg(figure)


def reliability(runs: Sequence[ScoredRun]) -> bytes:
    """Share of odd objects against mean score in ten bins of score; areas grow with the objects."""
    figure, (axes,) = _panels(1)
    for run, color in _colored(runs):
        matched = run.outcome.matched
        scores, odd = run.outcome.score[matched], run.outcome.anomalous[matched]
        bins = calibration_bin(scores)
        filled = [bins == number for number in range(CALIBRATION_BINS) if (bins == number).any()]
        x = [scores[inside].mean() for inside in filled]
        y = [odd[inside].mean() for inside in filled]
        size = [400 * inside.mean() + 8 for inside in filled]
        axes.plot(x, y, color=color, linewidth=1, label=_label(run, "ece"))
        axes.scatter(x, y, size, color=color, alpha=0.6, linewidths=0)
    axes.plot([0, 1], [0, 1], ":", color="grey", linewidth=1)
    _finish(axes, "Reliability (ECE)", "score", "share of odd objects")
    return _svg(figure)


def kind_bars(runs: Sequence[ScoredRun]) -> bytes:
    """AUC of each anomaly type against all normal objects, with intervals."""
    counts = kinds(list(runs))
    figure, (axes,) = _panels(1, width=max(4.5, 1.5 + 0.35 * (len(runs) + 1) * len(counts)))
    positions = np.arange(len(counts))
    width = 0.8 / len(runs)
    for number, (run, color) in enumerate(_colored(runs)):
        entries = [run.by_kind[kind]["auc"] for kind in counts]
        middle = positions + (number - (len(runs) - 1) / 2) * width
        axes.bar(middle, [e.value for e in entries], 0.92 * width, color=color, label=run.name)
        _intervals(axes, middle, entries)
    axes.axhline(0.5, linestyle=":", color="grey", linewidth=1)
    axes.set_xticks(positions, [f"{kind}\n({count})" for kind, count in counts.items()])
    _finish(axes, "AUC by anomaly type (objects)", "", "AUC", square=False)
    return _svg(figure)


def by_objects(runs: Sequence[ScoredRun]) -> bytes:
    """AUC against the number of objects in a scene, as in the paper's Fig. 5, right."""
    figure, (axes,) = _panels(1)
    for run, color in _colored(runs):
        _line(axes, {n: found["auc"] for n, found in run.by_count.items()}, color, run.name)
    counts = list(runs[0].by_count)
    axes.set_xticks(counts, [f"{n}\n({scenes_of(runs[0], n)})" for n in counts])
    _finish(axes, "AUC by objects in the scene (scenes)", "", "AUC", square=False)
    return _svg(figure)


def by_views(runs: Sequence[ScoredRun]) -> bytes | None:
    """AUC against the number of views, as in the paper's Fig. 5, left; None with one number."""
    if len({len(run.header.views) for run in runs}) < 2:
        return None
    figure, (axes,) = _panels(1)
    detectors: dict[tuple[str, str | None], dict[int, Estimate]] = {}
    for run in runs:
        points = detectors.setdefault((run.header.detector, run.header.version), {})
        points[len(run.header.views)] = run.figures["auc"]
    for ((name, _), points), color in zip(detectors.items(), COLORS * len(runs), strict=False):
        _line(axes, points, color, name)
    axes.set_xticks(sorted({len(run.header.views) for run in runs}))
    _finish(axes, "AUC by views", "views", "AUC", square=False)
    return _svg(figure)


def _line(axes: Any, points: dict[int, Estimate], color: str, label: str) -> None:
    x = sorted(points)
    axes.plot(x, [points[n].value for n in x], "o-", color=color, label=label, markersize=4)
    _intervals(axes, x, [points[n] for n in x], color)


def _intervals(axes: Any, x: Any, entries: list[Estimate], color: str = "#333") -> None:
    values = np.array([entry.value for entry in entries])
    low = np.array([entry.low for entry in entries])
    high = np.array([entry.high for entry in entries])
    arms = np.maximum(np.stack([values - low, high - values]), 0)
    axes.errorbar(x, values, arms, fmt="none", ecolor=color, elinewidth=1, capsize=2)


def _panels(count: int, width: float = 4.5) -> tuple[Figure, list[Any]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * count, 4.2), layout="constrained")
    return figure, list(figure.subplots(1, count, squeeze=False)[0])


def _finish(axes: Any, title: str, x: str, y: str, square: bool = True) -> None:
    axes.set(title=title, xlabel=x, ylabel=y, ylim=(-0.02, 1.02))
    if square:
        axes.set(xlim=(-0.02, 1.02))
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8, framealpha=0.8)


def _colored(runs: Sequence[ScoredRun]) -> list[tuple[ScoredRun, str]]:
    return [(run, COLORS[number % len(COLORS)]) for number, run in enumerate(runs)]


def _label(run: ScoredRun, figure: str) -> str:
    return f"{run.name} {run.figures[figure].value:.3f}"


def _svg(figure: Figure) -> bytes:
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "oddbench"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()
