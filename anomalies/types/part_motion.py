"""What anomalies by part motion share: which part, which motion it bears, and the odd shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain, islice

import numpy as np

from anomalies.checks.gates import MAX_RADIUS
from anomalies.parameters import Parameters
from anomalies.parts.find import parts_of
from anomalies.parts.joint import Joint, Motion
from anomalies.parts.parts import Part
from anomalies.subject import Subject
from anomalies.surgery.cut import join
from datagen.geometry.shape import Bools, Floats, Shape

PARTS_TRIED = 4  # in one draw
EASED = (1.0, 0.7, 0.5)  # of what is asked, where the joint bears no more

Propose = Callable[[np.random.Generator, Joint, float], Iterable[Parameters]]
ToMotion = Callable[[Parameters], Motion]


def inapplicable(subject: Subject) -> str | None:
    """`no movable part` where the shape has none, else None."""
    return None if parts_of(subject).any_movable else "no movable part"


def draw_motion(
    rng: np.random.Generator, subject: Subject, propose: Propose, motion: ToMotion
) -> Parameters | str:
    """A random part and the first proposed motion that it bears, or the commonest fault.

    propose: gives parameters of motions of a joint in random order, as far as asked times a factor;
    a smaller one is tried only where none of the parts bears a larger one. motion: what parameters
    stand for. Returns part: index into parts_of(subject).items, name: for people, and the motion's
    parameters.
    """
    parts, faults = parts_of(subject), Counter[str]()
    tried: list[int] = []
    candidates = filter(parts.is_movable, parts.in_random_order(rng))
    for eased in EASED:
        for part in chain(tried[:], islice(candidates, PARTS_TRIED - len(tried))):
            joint = parts.items[part].joint
            assert joint is not None
            if part not in tried:
                tried.append(part)
            for parameters in propose(rng, joint, eased):
                fault = _fault(joint, motion(parameters))
                if fault is None:
                    return {"part": part, "name": parts.items[part].name, **parameters}
                faults[fault] += 1
    return faults.most_common(1)[0][0]


def apply_motion(
    subject: Subject, parameters: Parameters, motion: Motion
) -> tuple[Shape, Bools] | str:
    """The rest and the part after its motion; the affected faces are the part's and the caps."""
    part: Part = parts_of(subject).items[parameters["part"]]
    if part.detached is None or part.joint is None:
        return "no movable part"
    fault = _fault(part.joint, motion)
    if fault is not None:
        return fault
    own, rest = part.detached.part.shape, part.detached.rest
    odd = join(rest.shape, own.with_vertices(motion(own.vertices)))
    return odd, np.r_[rest.capped, np.ones(len(own.faces), bool)]


def _fault(joint: Joint, motion: Motion) -> str | None:
    """The rejection where the part must not move like that, or None."""
    if np.linalg.norm(motion(joint.part.points), axis=1).max() > MAX_RADIUS:
        return "grows too large"
    return joint.fault(motion)


def rotation(axis: Floats, angle: float) -> Floats:
    """(3, 3) by angle (radians) about a unit axis (3,).

    scipy's Rotation differs in the last bit, which would change the shapes that a seed makes.
    """
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    matrix: Floats = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return matrix
