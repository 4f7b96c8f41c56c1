"""What validation.json holds: one type (docs/schema/validation.schema.json)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datagen.validate.checks import Level


@dataclass(frozen=True)
class CheckFacts:
    """title: what holds where it passes. checked, inapplicable, found: how many."""

    title: str
    level: Level
    checked: int
    inapplicable: int
    found: int


@dataclass(frozen=True)
class FindingFacts:
    """One thing that is wrong; subject: what it is about."""

    check: str
    level: Level
    subject: str
    told: str


@dataclass(frozen=True)
class Spread:
    """Of a measured number over the shapes of a type."""

    least: float
    median: float
    most: float


@dataclass(frozen=True)
class TypeFacts:
    """Of an anomaly type: how many shapes, and how many of them with findings."""

    shapes: int
    failed: int
    measured: dict[str, Spread]
    rejections: dict[str, int]


@dataclass(frozen=True)
class CheckedShapeFacts:
    """measured: numbers by name."""

    key: str
    parent: str | None
    type: str
    severity: float | None
    measured: dict[str, float]


@dataclass(frozen=True)
class ShortcutFacts:
    """numbers: what the cue is made of. warning: whether labels can be guessed from it."""

    cue: str
    numbers: str
    nature: str
    classifier: str
    auroc: float
    interval: tuple[float, float]
    warning: bool


@dataclass(frozen=True)
class ShortcutsFacts:
    """note: why there are none, where there are none."""

    note: str | None
    results: tuple[ShortcutFacts, ...]


@dataclass(frozen=True)
class ValidationFile:
    """validation.json; docs/validate.md tells every key."""

    format: Literal["oddgen-validation"]
    format_version: int
    path: str
    cache: str
    kind: str
    passed: bool
    checks: dict[str, CheckFacts]
    findings: tuple[FindingFacts, ...]
    types: dict[str, TypeFacts]
    shapes: tuple[CheckedShapeFacts, ...]
    shortcuts: ShortcutsFacts
