"""File and folder names of the published data, which carry its labels.

`banana_028-001` is scene 1 of shape banana_028; `banana_028.blend` is a normal object and
`banana_028-crack-001.blend` an anomalous one. Loaders call an object anomalous when its file
name holds a hyphen, and take the text before the first underscore for the category.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from anomalies import BUILT_IN, load_type, load_types

SUFFIXES = {"toy": ".blend", "part": ".obj"}

_OBJECT = re.compile(r"(?P<shape>[^-]+)(-(?P<code>[a-z]+)-(?P<number>\d+))?\.(?P<end>blend|obj)")
_FOLDER = re.compile(r"(?P<shape>[^-]+)-\d+")


@dataclass(frozen=True)
class ObjectName:
    """What an object's file is called.

    kind: toy or part. code and number are None for a normal object.
    """

    shape: str
    kind: str
    code: str | None = None
    number: int | None = None

    @property
    def file(self) -> str:
        """The file's name."""
        odd = "" if self.code is None else f"-{self.code}-{self.number:03d}"
        return f"{self.shape}{odd}{SUFFIXES[self.kind]}"


def code_of(kind: str) -> str | None:
    """What the published data calls an anomaly type of ours, None for one that it cannot know."""
    types = load_types()
    return types[kind].code if kind in types else None


def kind_of(code: str) -> str | None:
    """Our name for a code of the published data: dislodged for crack."""
    found = {load_type(name).code: name for name in BUILT_IN}
    return found.get(code)


def object_name(path: str) -> ObjectName | None:
    """What an object's path says, None where its last part is not named by the rule."""
    match = _OBJECT.fullmatch(re.split(r"[/\\]", path)[-1])
    if match is None:
        return None
    number = match["number"]
    return ObjectName(
        match["shape"],
        "toy" if match["end"] == "blend" else "part",
        match["code"],
        None if number is None else int(number),
    )


def folder_shape(folder: str) -> str | None:
    """banana_028 of banana_028-001, None for any other name."""
    match = _FOLDER.fullmatch(folder)
    return None if match is None else match["shape"]


def category_of(name: ObjectName) -> str:
    """ice_cream of ice_cream_012; of a part what stands before the first underscore."""
    toy = re.fullmatch(r"(.+)_\d+", name.shape) if name.kind == "toy" else None
    return toy[1] if toy else name.shape.partition("_")[0]


def published_shape(shape_id: str, category: str) -> str:
    """A name for a shape of ours from which a loader reads its whole category."""
    last = re.split(r"[/\\]", shape_id)[-1]
    rest = last.removeprefix(category).strip("_- ") or "0"
    plain = re.sub(r"[^0-9A-Za-z]+", "", category) or "object"
    return f"{plain}_{re.sub(r'[^0-9A-Za-z]+', '_', rest)}"
