"""The report for people: one HTML page that needs no other file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from datagen.pictures import layers
from datagen.validate.checks import CHECKS, Finding
from datagen.validate.cues import CUES, NATURES
from datagen.validate.pictures import jpeg
from datagen.validate.report import Report, by_type, outcome
from datagen.validate.shape_checks import CheckedShape

MOST_PICTURES = 12  # of a type: the worst, and
STRONGEST = 4  # of them the strongest
MOST_FINDINGS = 300
MOST_SCENES = 12
SCENE_TILE = 192
BINS = 16
HISTOGRAMS = {
    "severity": "severity asked for",
    "displacement": "largest displacement / diagonal",
    "surface_share": "affected share of the surface",
    "volume_share": "share of the volume that changes",
    "color_distance": "colour distance where it changes",
    "visible_share": "share of the silhouette that changes",
}


@dataclass(frozen=True)
class Histogram:
    """bars: (x, height), and width: of a bar; in per cent of the picture."""

    bars: list[tuple[float, float]]
    width: float
    least: float
    median: float
    most: float


@dataclass(frozen=True)
class TypeSection:
    """What the page shows of an anomaly type. rejections: reasons and how often.

    histograms: with a title each; cards: shapes with the data URL of a picture; without: those that
    could not be drawn.
    """

    kind: str
    count: int
    failed: int
    rejections: list[tuple[str, int]]
    histograms: list[tuple[str, Histogram]]
    cards: list[tuple[CheckedShape, str]]
    without: list[CheckedShape]


def pictured(shapes: Sequence[CheckedShape]) -> list[CheckedShape]:
    """The checked shapes that get a picture: of every type the worst, and some that show most."""
    chosen: list[CheckedShape] = []
    for every in by_type(shapes).values():
        if len(every) <= MOST_PICTURES:
            chosen += every
        else:
            chosen += [*every[: MOST_PICTURES - STRONGEST], *every[-STRONGEST:]]
    return chosen


def scene_pictures(dataset: Dataset, findings: Iterable[Finding]) -> dict[str, str]:
    """For the first scenes with a failure, by name, a data URL of one JPEG.

    It shows the image, the objects, the defect and the depth of the view that the finding names.
    """
    failed: dict[str, int] = {}
    for finding in findings:
        if finding.check.startswith("scene.") and finding.level == "fail":
            told = re.match(r"view (\d+):", finding.told)
            failed.setdefault(finding.subject, int(told.group(1)) if told else 0)
    urls = {}
    for name, view in list(failed.items())[:MOST_SCENES]:
        try:
            scene = dataset.read(name)
            tiles = [
                layers.resized(picture, SCENE_TILE, smooth)
                for picture, smooth in (
                    (scene.rgb[view], True),
                    (layers.instance_picture(scene, view), False),
                    (layers.marked(scene, view), True),
                    (layers.depth_picture(scene, view), True),
                )
            ]
        except (OddgenError, ValueError, IndexError):
            continue
        urls[name] = jpeg([np.asarray(tile) for tile in tiles])
    return urls


def render_page(report: Report, urls: dict[str, str], views: dict[str, str]) -> str:
    """The report as HTML that needs no other file.

    urls: data URLs of pictures of shapes by key; views: of scenes by name.
    """
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("datagen.validate", "."), autoescape=True)
    findings = report.findings
    types = by_type(report.shapes).items()
    found = Counter(finding.check for finding in findings)
    return environment.get_template("report.html.j2").render(
        report=report,
        failed=sum(finding.level == "fail" for finding in findings),
        warned=sum(finding.level == "warn" for finding in findings),
        checks=[
            (name, check, report.checked(name), found[name], told)
            for name, check in CHECKS.items()
            if (told := outcome(report, name, found[name]))
        ],
        findings=findings[:MOST_FINDINGS],
        hidden=max(len(findings) - MOST_FINDINGS, 0),
        views=views,
        types=[_type(kind, shapes, report, urls) for kind, shapes in types],
        shortcuts=[(item, CUES[item.cue], NATURES[CUES[item.cue].nature])
                   for item in report.shortcuts],
    )  # fmt: skip


def _type(
    kind: str, shapes: Sequence[CheckedShape], report: Report, urls: dict[str, str]
) -> TypeSection:
    rejections = report.rejections.get(kind, Counter())
    return TypeSection(
        kind=kind,
        count=len(shapes),
        failed=sum(bool(item.findings) for item in shapes),
        rejections=sorted(rejections.items(), key=lambda item: (-item[1], item[0])),
        histograms=[
            (title, histogram(values))
            for name, title in HISTOGRAMS.items()
            if (values := _values(name, shapes))
        ],
        cards=[(item, urls[item.key]) for item in pictured(shapes) if item.key in urls],
        without=[item for item in pictured(shapes) if item.key not in urls],
    )


def _values(name: str, shapes: Sequence[CheckedShape]) -> list[float]:
    if name == "severity":
        return [item.severity for item in shapes if item.severity is not None]
    return [item.measured[name] for item in shapes if name in item.measured]


def histogram(values: Sequence[float]) -> Histogram:
    """What the template draws of the values, at least one."""
    low, high = min(values), max(values)
    top = high if high > low else low + 1
    counts, _ = np.histogram(values, BINS, (low, top))
    share = 100 / BINS
    return Histogram(
        bars=[
            (round(index * share, 2), round(float(count / counts.max() * 100), 2))
            for index, count in enumerate(counts)
        ],
        width=round(share * 0.86, 2),
        least=low,
        median=float(np.median(values)),
        most=high,
    )
