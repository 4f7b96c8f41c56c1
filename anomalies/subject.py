"""A shape with what is known of it, each fact worked out once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar

from anomalies.look_alike_source import LookAlikeSource
from datagen.geometry.cache import ShapeCache
from datagen.geometry.raycast import raycaster
from datagen.geometry.shape import Floats, Ints, Shape
from datagen.geometry.surface import surface_distance, surface_points

SURFACE_POINTS = 4000

Fact = TypeVar("Fact")


@dataclass(frozen=True, eq=False)
class Subject:
    """A shape with what is known of it, each fact worked out once, when it is first asked for.

    Facts that cost more are functions of a subject, such as anomalies.parts.find.parts_of.

    Attributes:
        shape: A canonical one, as load_shape gives it: metres, z up, its largest |vertex| .5.
        cache: Where its solid and its fracture modes are kept; None: they are worked out anew.
        look_alikes: What finds shapes like it; None: nothing does.
    """

    shape: Shape
    cache: ShapeCache | None = None
    look_alikes: LookAlikeSource | None = None
    _facts: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def raycaster(self) -> Any:
        """An open3d.t.geometry.RaycastingScene of the shape, metres."""
        return raycaster(self.shape)

    @cached_property
    def surface_points(self) -> tuple[Floats, Ints]:
        """(4000, 3) points spread evenly over the surface, metres, and (4000,) their faces."""
        return surface_points(self.shape, SURFACE_POINTS)

    def surface_distance(self, points: Floats) -> Floats:
        """How far points are from the surface.

        Args:
            points: (N, 3) metres.

        Returns:
            (N,) metres, 0 or more.
        """
        return surface_distance(points, self.shape, self.raycaster)


def once(work_out: Callable[[Subject], Fact]) -> Callable[[Subject], Fact]:
    """A function of a subject that is worked out once for each, and kept with it."""

    @wraps(work_out)
    def known(subject: Subject) -> Fact:
        facts = subject._facts
        if work_out not in facts:
            facts[work_out] = work_out(subject)
        found: Fact = facts[work_out]
        return found

    return known
