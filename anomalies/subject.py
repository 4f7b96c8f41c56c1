"""A shape with what anomalies and gates need to know of it, worked out when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from anomalies.breakage import modes_of, solid_of
from anomalies.fracture_modes import FractureModes
from anomalies.grid import Grid
from anomalies.parts import Parts, find_parts
from anomalies.pieces import largest_share
from anomalies.surface import surface_distance, surface_points
from datagen.raycast import raycaster
from datagen.shape import Floats, Ints, Shape

if TYPE_CHECKING:
    from anomalies.fragments import Fragments
    from anomalies.intersections import Crossings
    from anomalies.look_alike import LookAlikes
    from anomalies.sight import Look
    from datagen.cache import ShapeCache

SURFACE_POINTS = 4000


@dataclass(frozen=True, eq=False)
class Subject:
    """shape: canonical (datagen.normalise), its largest |vertex| .5 m.

    cache: where its solid and its fracture modes are kept, worked out anew where it is None.
    look_alikes: where shapes like it are looked for; built-in ones need nothing.
    """

    shape: Shape
    cache: ShapeCache | None = None
    look_alikes: LookAlikes | None = None

    @cached_property
    def solid(self) -> Grid:
        """Signed distance of the solid that the shape stands for, metres, negative inside."""
        return solid_of(self.shape, self.cache)

    @cached_property
    def modes(self) -> FractureModes:
        return modes_of(self.shape, self.solid, self.cache)

    @cached_property
    def raycaster(self) -> Any:
        """Open3D RaycastingScene of the shape."""
        return raycaster(self.shape)

    @cached_property
    def parts(self) -> Parts:
        """Of one piece too: what thin necks hold, for which the fracture modes are needed."""
        from anomalies.necks import find_necks

        return find_parts(self.shape, lambda: find_necks(self.shape, self.solid, self.modes))

    @cached_property
    def largest_share(self) -> float:
        """Share of the area in the largest group of touching pieces."""
        return largest_share(self.shape)

    @cached_property
    def fragments(self) -> Fragments:
        """Pieces along which the shape would break."""
        from anomalies.fragments import fragments_of

        return fragments_of(self.modes)

    @cached_property
    def region_fields(self) -> dict[str, Grid]:
        """The last field of anomalies.fragments.region_field_of, by its parameters."""
        return {}

    @cached_property
    def look(self) -> Look:
        """The shape in the views of anomalies.sight."""
        from anomalies.sight import look

        return look(self.shape, self.raycaster)

    @cached_property
    def crossings(self) -> Crossings:
        """Where surfaces of the shape cross."""
        from anomalies.intersections import crossings

        return crossings(self.shape)

    @cached_property
    def surface_points(self) -> tuple[Floats, Ints]:
        """(N, 3) points spread evenly over the surface, and their faces."""
        return surface_points(self.shape, SURFACE_POINTS)

    def surface_distance(self, points: Floats) -> Floats:
        """(N,) metres from (N, 3) points to the surface."""
        return surface_distance(points, self.shape, self.raycaster)

    @cached_property
    def held_cells(self) -> Ints:
        """The probes of volume (anomalies.strength) inside the shape."""
        from anomalies.strength import held_cells, probe_spacing

        return held_cells(self.shape, probe_spacing(self.shape))
