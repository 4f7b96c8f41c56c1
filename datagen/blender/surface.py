"""What a socket of a material's nodes holds: a factor, an image and how it lies, vertex colours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from datagen.geometry.shape import Floats

CHANNELS = {"Red": 0, "Green": 1, "Blue": 2, "R": 0, "G": 1, "B": 2}
DEEPEST = 24  # nodes in a row


@dataclass(frozen=True)
class Placed:
    """How an image lies on a mesh. layer: of its UVs, "" for the active one.

    matrix: (2, 3) of Blender's UVs, v up.
    """

    layer: str = ""
    matrix: tuple[tuple[float, float, float], tuple[float, float, float]] = (
        (1.0, 0.0, 0.0),
        (0.0, 1.0, 0.0),
    )

    @property
    def is_plain(self) -> bool:
        """Whether the UVs are those of the active layer as they are."""
        return self == Placed()


@dataclass(frozen=True)
class Value:
    """factor times image times colours of the mesh's corners.

    factor: (r, g, b), linear. channel: of the image, 0 to 2, None for its colour. colors: name of
    the colour attribute, "" for the active one, None where there is none. whole: False where the
    nodes hold more than is told here.
    """

    factor: tuple[float, float, float]
    image: Any = None
    placed: Placed = Placed()
    channel: int | None = None
    colors: str | None = None
    whole: bool = True


def value_of(socket: Any, depth: int = 0) -> Value:
    """Of an input socket: what is linked to it, or its own value."""
    if not socket.links or depth > DEEPEST:
        return Value(_constant(socket.default_value), whole=depth <= DEEPEST)
    link = socket.links[0]
    return _of_node(link.from_node, link.from_socket, depth + 1)


def _constant(value: Any) -> tuple[float, float, float]:
    numbers = [float(value)] * 3 if isinstance(value, (int, float)) else list(value)[:3]
    r, g, b = np.clip(numbers, 0.0, 1.0).tolist()
    return r, g, b


def _of_node(node: Any, output: Any, depth: int) -> Value:
    kind = node.type
    if kind == "TEX_IMAGE" and node.image is not None:
        if output.name == "Alpha":
            return Value((1.0, 1.0, 1.0), whole=False)
        placed, whole = _placed(node.inputs["Vector"])
        whole &= node.projection == "FLAT" and node.image.source == "FILE"
        return Value((1.0, 1.0, 1.0), node.image, placed, whole=whole)
    if kind == "TEX_IMAGE":
        return Value((0.8, 0.8, 0.8))
    if kind == "RGB":
        return Value(_constant(node.outputs[0].default_value))
    if kind == "VALUE":
        return Value(_constant(node.outputs[0].default_value))
    if kind == "VERTEX_COLOR":
        return Value((1.0, 1.0, 1.0), colors=node.layer_name)
    if kind == "ATTRIBUTE" and node.attribute_type == "GEOMETRY":
        return Value((1.0, 1.0, 1.0), colors=node.attribute_name)
    if kind in ("SEPARATE_COLOR", "SEPRGB"):
        inner = value_of(node.inputs[0], depth)
        channel = CHANNELS.get(output.name)
        if inner.image is None and channel is not None:
            return replace(inner, factor=(inner.factor[channel],) * 3)
        return replace(inner, channel=channel)
    if kind == "REROUTE":
        return value_of(node.inputs[0], depth)
    if kind == "MATH" and node.operation == "MULTIPLY":
        return product(value_of(node.inputs[0], depth), value_of(node.inputs[1], depth))
    if kind in ("MIX", "MIX_RGB"):
        return _mixed(node, depth)
    return _guess(node, depth)


def _mixed(node: Any, depth: int) -> Value:
    if node.type == "MIX" and node.data_type != "RGBA":
        return _guess(node, depth)
    colors = [entry for entry in node.inputs if entry.type == "RGBA"]
    factors = [entry for entry in node.inputs if entry.type == "VALUE" and entry.enabled]
    if len(colors) < 2:
        return _guess(node, depth)
    first, second = value_of(colors[0], depth), value_of(colors[1], depth)
    share = value_of(factors[0], depth) if factors else Value((1.0, 1.0, 1.0))
    if share.image is not None or share.colors is not None:
        return _guess(node, depth)
    part = share.factor[0]
    if node.blend_type == "MULTIPLY" and part > 0.999:
        return product(first, second)
    if node.blend_type == "MIX" and part in (0.0, 1.0):
        return second if part else first
    if first.image is None and second.image is None and node.blend_type == "MIX":
        mean = (1 - part) * np.array(first.factor) + part * np.array(second.factor)
        return replace(first, factor=_constant(mean.tolist()))
    return _guess(node, depth)


def product(first: Value, second: Value) -> Value:
    """Both multiplied; of two images the first stands."""
    r, g, b = (np.array(first.factor) * np.array(second.factor)).tolist()
    with_image = first if first.image is not None else second
    both = first.image is not None and second.image is not None
    return Value(
        (r, g, b),
        with_image.image,
        with_image.placed,
        with_image.channel,
        first.colors if first.colors is not None else second.colors,
        first.whole and second.whole and not both,
    )


def _guess(node: Any, depth: int) -> Value:
    """The nearest image, or the mean of the nearest ramp or constant; not the whole of it."""
    queue, seen = [node], set()
    ramp: Value | None = None
    while queue:
        one = queue.pop(0)
        if one in seen:
            continue
        seen.add(one)
        if one.type == "TEX_IMAGE" and one.image is not None:
            placed, _ = _placed(one.inputs["Vector"])
            return Value((1.0, 1.0, 1.0), one.image, placed, whole=False)
        if one.type == "RGB" and ramp is None:
            ramp = Value(_constant(one.outputs[0].default_value), whole=False)
        if one.type == "VALTORGB" and ramp is None:
            stops = [list(stop.color)[:3] for stop in one.color_ramp.elements]
            ramp = Value(_constant(np.mean(stops, axis=0).tolist()), whole=False)
        if one.type in ("MIX", "MIX_RGB") and ramp is None:
            ends = [entry for entry in one.inputs if entry.type == "RGBA" and not entry.links]
            if ends:
                mean = np.mean([list(end.default_value)[:3] for end in ends], axis=0)
                ramp = Value(_constant(mean.tolist()), whole=False)
        if one.type == "GROUP" and one.node_tree is not None:
            queue += [n for n in one.node_tree.nodes if n.type == "GROUP_OUTPUT"]
        queue += [link.from_node for entry in one.inputs for link in entry.links]
    return ramp or Value((0.8, 0.8, 0.8), whole=False)


def _placed(vector: Any) -> tuple[Placed, bool]:
    """By Mapping and UV Map nodes before an image, and whether that is the whole of it.

    Other coordinates count as the active UVs.
    """
    matrix, layer, whole = np.eye(3), "", True
    socket = vector
    for _ in range(DEEPEST):
        if not socket.links:
            break
        node = socket.links[0].from_node
        if node.type == "MAPPING":
            matrix = matrix @ _mapping(node)
            whole &= _is_flat(node)
            socket = node.inputs["Vector"]
        elif node.type == "REROUTE":
            socket = node.inputs[0]
        else:
            layer = node.uv_map if node.type == "UVMAP" else ""
            whole &= node.type == "UVMAP" or socket.links[0].from_socket.name == "UV"
            break
    first, second = ((a, b, c) for a, b, c in np.round(matrix[:2], 9).tolist())
    return Placed(layer, (first, second)), whole


def _is_flat(node: Any) -> bool:
    """Whether a Mapping node moves points within the plane, by numbers alone."""
    tilted = any(abs(angle) > 1e-6 for angle in list(node.inputs["Rotation"].default_value)[:2])
    steered = any(
        node.inputs[n].links for n in ("Location", "Rotation", "Scale") if n in node.inputs
    )
    return not tilted and not steered


def _mapping(node: Any) -> Floats:
    """(3, 3) of a Mapping node's point or texture mapping within the plane of UVs."""
    scale = np.array(list(node.inputs["Scale"].default_value)[:2], float)
    angle = float(node.inputs["Rotation"].default_value[2])
    where = [float(v) for v in list(node.inputs["Location"].default_value)[:2]]
    shift = np.array([0.0, 0.0] if node.vector_type in ("VECTOR", "NORMAL") else where)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.eye(3)
    if node.vector_type == "TEXTURE":
        inverse = np.diag(1 / np.where(scale == 0, 1.0, scale)) @ turn.T
        matrix[:2, :2], matrix[:2, 2] = inverse, -inverse @ shift
        return matrix
    matrix[:2, :2], matrix[:2, 2] = turn @ np.diag(scale), shift
    return matrix
