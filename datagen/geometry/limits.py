"""How many triangles a file may have, and a shape that is made of it."""

from __future__ import annotations

from datagen.errors import BadShape

MAX_FACES = 300_000  # of a shape, where the user says nothing: more are simplified to so many
READABLE = 3_000_000  # of a file; simplifying so many takes over a minute and 4 GB


def refuse_too_many(triangles: int, name: str) -> None:
    """Raises BadShape naming `name` above READABLE triangles."""
    if triangles > READABLE:
        raise BadShape(
            f"{name}: has {triangles:,} triangles and at most {READABLE:,} can be read; "
            "simplify it (MeshLab or Blender's Decimate) or export it with a coarser tolerance."
        )
