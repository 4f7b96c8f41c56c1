"""Every check by its id, which tests and users refer to and which never changes its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["fail", "warn"]


@dataclass(frozen=True)
class Check:
    """title: what holds where the check passes; level: what a finding of it means."""

    title: str
    level: Level = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    subject: a shape's key, a scene's name, or what else it is about; told: what is wrong, in words.
    """

    check: str
    subject: str
    told: str

    @property
    def level(self) -> Level:
        """What the finding means, by its check."""
        return CHECKS[self.check].level


CHECKS: dict[str, Check] = {
    "shape.file": Check("a shape's file can be read and its content has the key as its sha256"),
    "shape.facts": Check("type, code, severity, strength and affected faces are stored with it"),
    "shape.parent": Check("its parent is in the cache, and normal"),
    "shape.finite": Check("all numbers are finite and every index points at something"),
    "shape.size": Check("the object does not outgrow its class (|vertex| at most .6 m)"),
    "shape.changed": Check("it differs from its parent, and where it says"),
    "shape.unchanged": Check("elsewhere it lies on its parent, with its UVs and materials"),
    "shape.kept": Check("no surface of the parent is gone far from the affected faces"),
    "shape.inside-out": Check("no face is turned inside out"),
    "shape.intersections": Check("no self-intersections beyond its parent's"),
    "shape.attached": Check("the object holds together as its parent does"),
    "shape.volume": Check("a fracture leaves 10 to 90 % of the volume"),
    "shape.rest": Check("enough of the object is left"),
    "shape.look-alike": Check("a look-alike is no copy, no mirror image and no other thing"),
    "shape.visible": Check("the change can be seen in some view"),
    "shape.strength": Check("the stored strength is what is measured"),
    "scene.file": Check("a scene can be read"),
    "scene.consistent": Check("a scene's arrays do not contradict each other"),
    "scene.shapes": Check("the cache holds the shapes of all objects"),
    "scene.labels": Check("label, specification and shape agree on what is anomalous"),
    "scene.majority": Check("most objects of a scene are normal"),
    "scene.boxes": Check("boxes hold their objects, tightly"),
    "scene.masks": Check("instance and part masks show the meshes"),
    "scene.depth": Check("depth is that of the meshes and the floor"),
    "scene.normals": Check("normals are those of the meshes and the floor"),
    "scene.defect": Check("the defect mask is where the normal self would look different"),
    "scene.defect-visible": Check("every anomaly is seen in some view"),
    "scene.floor": Check("objects stand on the floor: none floats or sinks"),
    "scene.apart": Check("objects neither touch nor cross one another"),
    "scene.black": Check("no image is black"),
    "scene.blown-out": Check("no image is blown out"),
    "scene.empty": Check("no image is blank or without objects"),
    "data.split-id": Check("no shape, by its id, is in two splits"),
    "data.split-content": Check("no shape, by its content, is in two splits"),
    "data.duplicate": Check("no two shapes of other ids have the same content", "warn"),
    "data.failed": Check("all scenes that were asked for are there", "warn"),
    "shortcut": Check("labels cannot be guessed without looking", "warn"),
}
