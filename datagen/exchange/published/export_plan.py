"""The names that scenes and objects get in a published layout, all of a dataset at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datagen.dataset.reader import Dataset
from datagen.dataset.schema import ObjectFacts, SceneSpec
from datagen.errors import OddgenError
from datagen.exchange.published.names import ObjectName, code_of, published_shape
from datagen.exchange.published.splits import split_of


@dataclass(frozen=True)
class SceneNames:
    """What a scene and its objects are called there.

    scene: our name. objects: (name, path) for each; split: the key of the split file.
    """

    scene: str
    folder: str
    objects: tuple[tuple[str, str], ...]
    split: str


class _Namer:
    """Numbers what has the same name, in the order of the scenes."""

    def __init__(self) -> None:
        self._shapes: dict[str, str] = {}
        self._taken: set[str] = set()
        self._folders: dict[str, int] = {}
        self._odd: dict[tuple[str, str], dict[str, int]] = {}

    def shape(self, spec: SceneSpec) -> str:
        identity = spec.shape.id
        if identity not in self._shapes:
            name = published_shape(identity, spec.shape.category)
            same = name
            for number in range(2, len(self._taken) + 3):
                if same not in self._taken:
                    break
                same = f"{name}_v{number}"
            self._taken.add(same)
            self._shapes[identity] = same
        return self._shapes[identity]

    def folder(self, shape: str) -> str:
        self._folders[shape] = self._folders.get(shape, 0) + 1
        return f"{shape}-{self._folders[shape]:03d}"

    def path(self, shape: str, kind: str, entry: ObjectFacts) -> str:
        """An anomalous shape keeps its number wherever it occurs."""
        if entry.anomaly is None:
            return f"{shape}/{ObjectName(shape, kind).file}"
        anomaly = entry.anomaly.type
        code = entry.anomaly.code or code_of(anomaly)
        if code is None:
            raise OddgenError(
                f"{anomaly}: has no code in the published layout; install the package that offers "
                "this anomaly."
            )
        numbers = self._odd.setdefault((shape, code), {})
        number = numbers.setdefault(str(entry.shape_key), len(numbers) + 1)
        return f"{shape}/{ObjectName(shape, kind, code, number).file}"


def plan_names(dataset: Dataset, names: Sequence[str]) -> list[SceneNames]:
    """The names of the scenes of these names of ours, in their order.

    An imported scene keeps the names that it came with. Raises OddgenError where two scenes would
    get one folder, or an anomaly has no code.
    """
    plan = list(_plan(dataset, names))
    counts = Counter(entry.folder for entry in plan)
    folder, most = counts.most_common(1)[0]
    if most > 1:
        raise OddgenError(
            f"{dataset.out}: {folder} would be the folder of {most} scenes; export imported and "
            "generated datasets each for itself."
        )
    return plan


def _plan(dataset: Dataset, names: Sequence[str]) -> Iterator[SceneNames]:
    namer = _Namer()
    for name in names:
        spec = dataset.spec(name)
        if spec.published is not None:
            known = spec.published
            objects = tuple((entry.name, entry.path) for entry in known.objects)
            yield SceneNames(name, known.folder, objects, split_of(spec))
            continue
        shape, kind = namer.shape(spec), spec.shape.kind
        paths = [namer.path(shape, kind, entry) for entry in spec.objects]
        labels = ["object" if k == 0 else f"object.{k:03d}" for k in range(len(paths))]
        yield SceneNames(
            name, namer.folder(shape), tuple(zip(labels, paths, strict=True)), split_of(spec)
        )
