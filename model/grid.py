"""The detector's voxel grid (Sec. 4.2): what a scene must fit into to be seen whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VoxelGrid:
    """shape: voxels along x, y, z; voxel: edge length in metres.

    The grid stands on the floor plane z = 0 with its middle above the world's origin.
    """

    shape: tuple[int, int, int]
    voxel: float

    @property
    def extent(self) -> tuple[float, float, float]:
        """Metres along x, y, z."""
        x, y, z = (count * self.voxel for count in self.shape)
        return x, y, z


PAPER_GRID = VoxelGrid((96, 96, 16), 0.04)
