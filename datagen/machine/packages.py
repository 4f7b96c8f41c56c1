"""Python and the packages that pyproject.toml names: which are there, which are not."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from datagen.machine.finding import Finding

OURS = "odd-one-out"
EXTRAS = {
    "view": "oddgen view",
    "model": "training, and detectors that were trained",
    "similar": "oddgen similar",
    "capture": "photographs with binary COLMAP models",
}


def python_finding() -> Finding:
    """Whether it is a version that the packages are there for."""
    running = platform.python_version()
    try:
        wanted = metadata(OURS)["Requires-Python"]
    except PackageNotFoundError:
        return Finding("Python", "ok", running)
    if SpecifierSet(wanted).contains(running, prereleases=True):
        return Finding("Python", "ok", running)
    return Finding("Python", "wrong", f"{running}, not {wanted}", "install Python 3.11")


def package_findings() -> list[Finding]:
    """One of all that every run needs, and one of each extra."""
    try:
        requires(OURS)
    except PackageNotFoundError:
        return [Finding("packages", "note", f"{OURS} itself is not installed", "pip install -e .")]
    return [_needed(), *(_extra(name, use) for name, use in EXTRAS.items())]


def _needed() -> Finding:
    wanted = list(_requirements(""))
    lacking, other = _missing(wanted), _of_other_version(wanted)
    if lacking:
        install = f"pip install {' '.join(repr(entry) for entry in lacking)}"
        return Finding("packages", "wrong", f"{', '.join(lacking)} missing", install)
    if other:
        return Finding("packages", "note", f"untried versions: {', '.join(other)}", _install(""))
    return Finding("packages", "ok", f"all {len(wanted)} are there")


def _extra(name: str, use: str) -> Finding:
    wanted = list(_requirements(name))
    lacking, other = _missing(wanted), _of_other_version(wanted)
    about = f"packages for {use}"
    if lacking:
        return Finding(about, "note", f"{', '.join(lacking)} missing", _install(name))
    if other:
        return Finding(about, "note", f"untried versions: {', '.join(other)}", _install(name))
    return Finding(
        about, "ok", ", ".join(f"{entry.name} {version(entry.name)}" for entry in wanted)
    )


def _install(extra: str) -> str:
    return f"pip install '{OURS}[{extra}]'" if extra else f"pip install --upgrade {OURS}"


def _requirements(extra: str) -> Iterator[Requirement]:
    """Those of an extra alone, also of the extras that it names; those of every run for ''."""
    for text in requires(OURS) or ():
        entry = Requirement(text)
        always = entry.marker is None or entry.marker.evaluate({"extra": ""})
        if always if not extra else not always and _asked(entry, extra):
            if canonicalize_name(entry.name) == OURS:
                for other in sorted(entry.extras):
                    yield from _requirements(other)
            else:
                yield entry


def _asked(entry: Requirement, extra: str) -> bool:
    return entry.marker is not None and entry.marker.evaluate({"extra": extra})


def _missing(wanted: list[Requirement]) -> list[str]:
    return [f"{entry.name}{entry.specifier}" for entry in wanted if _version(entry) is None]


def _of_other_version(wanted: list[Requirement]) -> list[str]:
    found = [(entry, _version(entry)) for entry in wanted]
    return [
        f"{entry.name} {number} (not {entry.specifier})"
        for entry, number in found
        if number is not None and not entry.specifier.contains(number, prereleases=True)
    ]


def _version(entry: Requirement) -> str | None:
    try:
        return version(entry.name)
    except PackageNotFoundError:
        return None
