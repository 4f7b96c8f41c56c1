"""The scores as one HTML page that needs no other file."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmark.detectors.predictions import PROTOCOLS, ProtocolName
from benchmark.scoring import figures
from benchmark.scoring.outcome import Outcome
from benchmark.scoring.pictures import draw_view, scene_boxes
from benchmark.scoring.score import ScoredRun, Scores
from benchmark.scoring.tables import described, gaps, table_rows
from datagen.base.files import in_words, write_text
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError

SCENES_SHOWN = 4
VIEWS_SHOWN = 3


def write_report(scores: Scores, folder: Path) -> Path:
    """report.html: tables, curves, and the best and worst scenes of every run."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("benchmark.scoring", "."), autoescape=True)
    sections = [_section(scores, name, runs) for name, runs in scores.by_protocol().items()]
    page = environment.get_template("report.html.j2").render(
        title=scores.truth.out.resolve().name,
        scores=scores,
        objects=sum(len(scene.boxes) for scene in scores.scenes),
        sections=sections,
        gaps=[sentence for run in scores.runs for sentence in gaps(run)],
    )
    path = folder / "report.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_text(path, page)
    except OSError as error:
        raise OddgenError(f"{folder}: {in_words(error)}; give another --out.") from error
    return path


@dataclass(frozen=True)
class ScenePictures:
    """A scene on the page. right: in words; failed: why it has no answer, or nothing.

    images: (number of the view, data URL) each.
    """

    name: str
    right: str
    shape: str
    failed: str
    images: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Section:
    """All that the page shows of one protocol.

    runs: names; about: a sentence each; rows: a title and a text for each run. plots: title and
    data URL. scenes: for each run its name, and groups of scenes with a heading each.
    """

    title: str
    runs: list[str]
    about: list[str]
    rows: list[tuple[str, list[str]]]
    plots: list[tuple[str, str]]
    scenes: list[tuple[str, list[tuple[str, list[ScenePictures]]]]]


def _section(scores: Scores, protocol: ProtocolName, runs: list[ScoredRun]) -> Section:
    plots = {
        "ROC and precision-recall curves": figures.curves(runs),
        "AUC by anomaly type": figures.kind_bars(runs) if runs[0].by_kind else None,
        "Reliability diagram": figures.reliability(runs),
        "AUC by number of objects": figures.by_objects(runs),
        "AUC by number of views": figures.by_views(runs),
    }
    return Section(
        title=PROTOCOLS[protocol],
        runs=[run.name for run in runs],
        about=[described(run) for run in runs],
        rows=table_rows(runs),
        plots=[(name, _url(svg, "svg+xml")) for name, svg in plots.items() if svg],
        scenes=[(run.name, _scenes(scores, run)) for run in runs],
    )


def _scenes(scores: Scores, run: ScoredRun) -> list[tuple[str, list[ScenePictures]]]:
    worst, best = worst_and_best(run.outcome)
    return [
        ("worst scenes first", [_scene(scores, run, index) for index in worst]),
        ("best scenes first", [_scene(scores, run, index) for index in best]),
    ]


def worst_and_best(outcome: Outcome, most: int = SCENES_SHOWN) -> tuple[list[int], list[int]]:
    """Indices of the scenes with the largest and the smallest error, none in both.

    The best are taken from scenes with an odd object, while there are any.
    """
    error = scene_error(outcome)
    count = min(most, (len(error) + 1) // 2)
    worst = np.argsort(-error, kind="stable")[:count].tolist()
    holds_odd = np.bincount(outcome.scene[outcome.anomalous], minlength=len(error)) > 0
    order = np.lexsort([error, ~holds_odd])
    return worst, [index for index in order.tolist() if index not in worst][:most]


def scene_error(outcome: Outcome) -> NDArray[np.float64]:
    """(S,) mean distance of an object's score from its label, 1 for a miss, and 1 for each box
    called odd that matches nothing."""
    distance = np.where(outcome.matched, np.abs(outcome.score - outcome.anomalous), 1.0)
    count = len(outcome.names)
    total = np.bincount(outcome.scene, distance, count)
    total += np.bincount(outcome.box_scene[outcome.spurious], minlength=count)
    return total / np.maximum(outcome.objects_in_scene, 1)


def _scene(scores: Scores, run: ScoredRun, index: int) -> ScenePictures:
    name = run.outcome.names[index]
    chosen = run.header.views
    spread = [chosen[k * len(chosen) // VIEWS_SHOWN] for k in range(VIEWS_SHOWN)]
    views = list(dict.fromkeys(spread))
    scene = Dataset(scores.truth.out).read(name, views)
    boxes = scene_boxes(run, index, scores.scenes[index].boxes)
    inside = run.outcome.scene == index
    return ScenePictures(
        name=name,
        right=f"{int(run.outcome.right[inside].sum())} of {int(inside.sum())} objects right",
        shape=scene.spec.shape.id,
        failed=run.failed.get(name) or ("no answer" if name in run.missing else ""),
        images=tuple(
            (view, _jpeg(draw_view(scene, number, boxes))) for number, view in enumerate(views)
        ),
    )


def _jpeg(pixels: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=88)
    return _url(buffer.getvalue(), "jpeg")


def _url(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
