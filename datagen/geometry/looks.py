"""What a part is made of, by name, where its file does not say: colours measured on real surfaces.

Linear base colours of metals from their indices of refraction, of plastics and rubber from
photographs with a grey card, as the physically based database (physicallybased.info, CC0) has them.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from datagen.geometry.shape import Material, Shape

_METALS = {
    "steel": ((0.56, 0.56, 0.56), 0.35),
    "aluminium": ((0.91, 0.92, 0.92), 0.40),
    "brass": ((0.91, 0.78, 0.42), 0.30),
    "copper": ((0.93, 0.72, 0.60), 0.30),
    "titanium": ((0.44, 0.40, 0.36), 0.40),
    "cast-iron": ((0.29, 0.28, 0.27), 0.60),
}
_OTHERS = {
    "abs-black": ((0.02, 0.02, 0.02), 0.40),
    "abs-grey": ((0.22, 0.22, 0.22), 0.45),
    "abs-white": ((0.80, 0.79, 0.76), 0.40),
    "nylon": ((0.75, 0.72, 0.62), 0.55),
    "rubber": ((0.025, 0.025, 0.025), 0.85),
}
MATERIALS = MappingProxyType(
    {name: Material(name, color, 1.0, roughness) for name, (color, roughness) in _METALS.items()}
    | {name: Material(name, color, 0.0, roughness) for name, (color, roughness) in _OTHERS.items()}
)
"""By the name that --material takes."""


def made_of(shape: Shape, name: str) -> Shape:
    """The shape with all of its faces of one of MATERIALS."""
    faces = np.zeros_like(shape.face_material)
    return replace(shape, face_material=faces, materials=(MATERIALS[name],))
