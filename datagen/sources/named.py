"""One shape by the name that a user gives: a file, or a shape of the built-in library."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

from datagen.base.process import silenced
from datagen.errors import OddgenError
from datagen.files.kind import SUFFIXES
from datagen.geometry.cache import ShapeCache
from datagen.geometry.limits import MAX_FACES
from datagen.geometry.shape import Shape
from datagen.sources.builtin import categories, draw_builtin
from datagen.sources.builtin.drawn import Real, Whole, numbers
from datagen.sources.builtin_source import BuiltinSource
from datagen.sources.open import load_shape, open_source
from datagen.sources.ref import ShapeRef


def load_one(name: str, up: str | None, cache: ShapeCache, max_faces: int = MAX_FACES) -> Shape:
    """The canonical shape of a file, or of the built-in library (`mug`, `mug_017`).

    up: "y" or "z" overrides the file's usual up axis. max_faces: a file's shape of more triangles
    is simplified to so many. Raises OddgenError where there is no such
    thing, BadShape where the file cannot be used.
    """
    path = Path(name)
    if path.is_file():
        source = open_source("folder", path, cache, up, max_faces)
        (ref,) = source.refs()
        with silenced():
            shape = load_shape(source, ref, cache)
        rights = {key: told for key, told in vars(source.rights(ref)).items() if told is not None}
        return replace(shape, info=shape.info | rights)
    if path.suffix.lower() in SUFFIXES or path.exists():
        raise OddgenError(f"{name}: no such file; give a mesh or CAD file, or a built-in name.")
    ref = _builtin_ref(name)
    if up is not None:
        raise OddgenError(f"--up {up}: the built-in shapes take no files; leave --up out.")
    return load_shape(open_source("builtin", None, cache), ref, cache)


def numbers_of(name: str) -> dict[str, Real | Whole]:
    """The numbers by which a built-in shape differs from others of its category, by name.

    Raises OddgenError for a file or an unknown name.
    """
    if Path(name).exists():
        raise OddgenError(f"{name}: a file has no parameters; give a built-in name such as mug.")
    category, _, index = _builtin_ref(name).id.rpartition("_")
    return numbers(draw_builtin(category, int(index)))


def _builtin_ref(name: str) -> ShapeRef:
    known = {ref.id: ref for ref in BuiltinSource().refs()}
    ref = known.get(name) or known.get(f"{name}_000")
    if ref is None:
        near = difflib.get_close_matches(name, [kind.name for kind in categories()], 1)
        hint = f"did you mean {near[0]}?" if near else "give a file, or a name such as mug."
        raise OddgenError(f"{name}: neither a file nor a built-in shape; {hint}")
    return ref
