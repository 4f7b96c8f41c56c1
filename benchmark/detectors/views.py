"""Which views a detector is tested on: a fixed list, the same for everyone."""

from __future__ import annotations

from datagen.errors import OddgenError


def fixed_views(count: int, available: int) -> tuple[int, ...]:
    """Views k * available // count for k = 0 .. count - 1: spread evenly round the scene.

    Of 20 views 5 are 0, 4, 8, 12, 16. Raises OddgenError where there are not so many.
    """
    if not 1 <= count <= available:
        raise OddgenError(
            f"--views {count}: the scenes have {available} views; give 1 to {available}."
        )
    return tuple(k * available // count for k in range(count))
