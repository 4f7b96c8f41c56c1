"""What was found: as JSON, as a table in the terminal, and what both count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from datagen.validate.checks import CHECKS, Finding
from datagen.validate.cues import CUES, NATURES
from datagen.validate.scene_checks import CheckedScene
from datagen.validate.schema import (
    CheckedShapeFacts,
    CheckFacts,
    FindingFacts,
    ShortcutFacts,
    ShortcutsFacts,
    Spread,
    TypeFacts,
    ValidationFile,
)
from datagen.validate.shape_checks import CheckedShape
from datagen.validate.shortcuts import Shortcut

MOST_LINES = 20
WITHOUT_MESHES = frozenset(
    {"file", "consistent", "shapes", "labels", "majority", "defect-visible", "black",
     "blown-out", "empty"}
)  # fmt: skip
WITHOUT_PARENT = frozenset({"file", "facts", "parent", "finite"})


@dataclass(frozen=True)
class Report:
    """All results of a run.

    kind: dataset or cache. others: findings of neither a shape nor a scene. note: why there are no
    shortcuts, where there are none. rejections: reasons by anomaly type, where the data tells of
    draws that failed.
    """

    path: str
    cache: str
    kind: str
    shapes: Sequence[CheckedShape]
    scenes: Sequence[CheckedScene]
    others: Sequence[Finding]
    shortcuts: Sequence[Shortcut] = ()
    note: str | None = None
    rejections: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def findings(self) -> list[Finding]:
        """Failures first, each check's together."""
        every = [
            *(finding for result in self.shapes for finding in result.findings),
            *(finding for result in self.scenes for finding in result.findings),
            *self.others,
            *(_shortcut_finding(item) for item in self.shortcuts if item.tells),
        ]
        order = {check: rank for rank, check in enumerate(CHECKS)}
        return sorted(every, key=lambda item: (item.level, order[item.check], item.subject))

    @property
    def passed(self) -> bool:
        """Whether nothing fails; warnings count nothing."""
        return all(finding.level != "fail" for finding in self.findings)

    def checked(self, check: str) -> int:
        """How many shapes, scenes or cues a check was made on."""
        group, _, name = check.partition(".")
        if check == "shape.volume":
            return sum("volume" in item.measured for item in self.shapes)
        if group == "shape":
            return sum(name in WITHOUT_PARENT or bool(item.measured) for item in self.shapes)
        scenes = [item for item in self.scenes if check not in item.inapplicable]
        if group == "scene":
            return sum(name in WITHOUT_MESHES or item.raycast for item in scenes)
        return len(self.shortcuts) if group == "shortcut" else len(scenes)

    def inapplicable(self, check: str) -> int:
        """How many scenes do not tell enough for a check."""
        return sum(check in item.inapplicable for item in self.scenes)


def _shortcut_finding(item: Shortcut) -> Finding:
    told = (
        f"{item.classifier}: AUROC {item.auroc:.2f} ({item.low:.2f} to {item.high:.2f}); "
        f"{NATURES[CUES[item.cue].nature]}"
    )
    return Finding("shortcut", item.cue, told)


def by_type(shapes: Sequence[CheckedShape]) -> dict[str, list[CheckedShape]]:
    """The checked shapes of every type, worst first: those that fail, then the least to be seen."""
    kinds = sorted({item.kind for item in shapes})
    worst = sorted(
        shapes, key=lambda item: (-len(item.findings), item.measured.get("seen", 0), item.key)
    )
    return {kind: [item for item in worst if item.kind == kind] for kind in kinds}


def validation_file(report: Report) -> ValidationFile:
    """What validation.json holds."""
    findings = report.findings
    found = Counter(finding.check for finding in findings)
    return ValidationFile(
        format="oddgen-validation",
        format_version=1,
        path=report.path,
        cache=report.cache,
        kind=report.kind,
        passed=report.passed,
        checks={
            name: CheckFacts(
                check.title,
                check.level,
                report.checked(name),
                report.inapplicable(name),
                found[name],
            )
            for name, check in CHECKS.items()
        },
        findings=tuple(
            FindingFacts(item.check, item.level, item.subject, item.told) for item in findings
        ),
        types={
            kind: TypeFacts(
                len(shapes),
                sum(bool(item.findings) for item in shapes),
                _spread(shapes),
                report.rejections.get(kind, Counter()),
            )
            for kind, shapes in by_type(report.shapes).items()
        },
        shapes=tuple(
            CheckedShapeFacts(item.key, item.parent, item.kind, item.severity, item.measured)
            for item in report.shapes
        ),
        shortcuts=ShortcutsFacts(report.note, tuple(map(_shortcut_facts, report.shortcuts))),
    )


def _shortcut_facts(item: Shortcut) -> ShortcutFacts:
    cue = CUES[item.cue]
    interval = round(item.low, 4), round(item.high, 4)
    return ShortcutFacts(
        item.cue,
        cue.what,
        cue.nature,
        item.classifier,
        round(item.auroc, 4),
        interval,
        item.tells,
    )


def _spread(shapes: Sequence[CheckedShape]) -> dict[str, Spread]:
    names = sorted({name for item in shapes for name in item.measured})
    result = {}
    for name in names:
        values = [item.measured[name] for item in shapes if name in item.measured]
        low, middle, high = np.percentile(values, [0, 50, 100]).round(6).tolist()
        result[name] = Spread(low, middle, high)
    return result


def print_report(report: Report, console: Console) -> None:
    """Every check in a line, the first findings, and the shortcuts."""
    findings = report.findings
    found = Counter(finding.check for finding in findings)
    table = Table("check", "what holds", "checked", "result", title=report.path)
    for name, check in CHECKS.items():
        checked, told = report.checked(name), outcome(report, name, found[name])
        if told:
            color = {"fail": "red", "warn": "yellow"}[check.level] if found[name] else "green"
            style = color if checked or found[name] else "dim"
            table.add_row(name, check.title, str(checked), Text(told, style))
    console.print(table)
    for finding in findings[:MOST_LINES]:
        style = "red" if finding.level == "fail" else "yellow"
        text = f"{finding.level}: {finding.check}: {finding.subject}: {finding.told}"
        console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)
    if len(findings) > MOST_LINES:
        console.print(f"{len(findings) - MOST_LINES} more in validation.json", highlight=False)
    if report.note:
        console.print(f"shortcuts: {report.note}", highlight=False, markup=False, soft_wrap=True)
    if report.shortcuts:
        console.print(shortcut_table(report.shortcuts))


def outcome(report: Report, name: str, found: int) -> str:
    """Of a check in a word or two; empty where it was not made."""
    others = report.inapplicable(name)
    if found:
        return f"{CHECKS[name].level} {found}x"
    if not report.checked(name):
        return "does not apply" if others else ""
    return f"ok; does not apply to {others}" if others else "ok"


def shortcut_table(shortcuts: Sequence[Shortcut]) -> Table:
    """A line for every cue and classifier."""
    table = Table("cue", "nature", "classifier", "AUROC", "95 % interval", title="shortcuts")
    for item in shortcuts:
        style = "yellow" if item.tells else ""
        interval = f"{item.low:.2f} to {item.high:.2f}"
        row = [item.cue, CUES[item.cue].nature, item.classifier, f"{item.auroc:.2f}", interval]
        table.add_row(*row, style=style)
    return table
