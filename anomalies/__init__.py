"""Anomalies: each takes a normal shape and returns an odd one (paper App. A.1).

The registry of their types. A type of this package lies in anomalies.types, in a file of its own
name; other packages offer theirs under the entry point group `odd_one_out.anomalies`
(docs/your-anomaly.md). Nothing is imported before it is asked for.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from datagen.errors import OddgenError

if TYPE_CHECKING:
    from anomalies.anomaly_type import AnomalyType

GROUP = "odd_one_out.anomalies"
BUILT_IN = (
    "fracture", "crack", "dislodged", "discoloured", "bend", "twist", "bump", "deform",
    "translate", "rotate", "scale", "missing", "material", "look_alike",
)  # fmt: skip


def type_names() -> tuple[str, ...]:
    """The names of all anomaly types.

    Returns:
        Ours in a fixed order, then those of other packages by name.

    Raises:
        OddgenError: Where two packages offer a type of one name.
    """
    return (*BUILT_IN, *sorted(_others()))


def load_type(name: str) -> AnomalyType:
    """The anomaly type of a name.

    Args:
        name: One of type_names.

    Returns:
        The type, ours or another package's.

    Raises:
        OddgenError: Where there is none of that name, or it cannot be loaded.
    """
    if name in BUILT_IN:
        found: AnomalyType = import_module(f"anomalies.types.{name}").TYPE
        return found
    others = _others()
    if name not in others:
        near = difflib.get_close_matches(name, type_names(), 1, 0.6)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(type_names())}."
        raise OddgenError(f"{name}: no anomaly of this name; {hint}")
    return _loaded(others[name])


def load_types() -> dict[str, AnomalyType]:
    """All types by name, in the order of type_names. Raises OddgenError as load_type does."""
    return {name: load_type(name) for name in type_names()}


def default_types(has_look_alikes: bool) -> tuple[str, ...]:
    """Names of the types that are used where none is named, all of them ours.

    has_look_alikes: whether look-alikes can be had; without, types that need them are left out.
    """
    return tuple(
        name for name in BUILT_IN if has_look_alikes or not load_type(name).needs_look_alikes
    )


def type_versions() -> tuple[str, ...]:
    """Every type of another package as `name=module:object version`, in the order of names."""
    return tuple(
        f"{name}={point.value} {point.dist.version if point.dist else ''}"
        for name, point in sorted(_others().items())
    )


@cache
def _others() -> dict[str, EntryPoint]:
    """Types of other packages by name; ours cannot be replaced."""
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        if point.name in BUILT_IN or point.name in found:
            raise OddgenError(
                f"{point.value}: another anomaly is called {point.name} already; uninstall one of "
                "the packages."
            )
        found[point.name] = point
    return found


@cache
def _loaded(point: EntryPoint) -> AnomalyType:
    from anomalies.anomaly_type import AnomalyType

    try:
        found = point.load()
    except Exception as error:
        text = " ".join(str(error).split())[:200]
        raise OddgenError(
            f"{point.name}: {point.value} cannot be loaded ({type(error).__name__}: {text}); mend "
            "or reinstall its package."
        ) from error
    if not isinstance(found, AnomalyType) or found.name != point.name:
        raise OddgenError(
            f"{point.name}: {point.value} is no AnomalyType of that name; see docs/your-anomaly.md."
        )
    return found
