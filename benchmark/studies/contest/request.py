"""What a study is asked for: contestants, data, and where to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from datagen.errors import OddgenError

VARIANTS = ("A", "B", "C", "full")
MODEL = re.compile(r"(?P<model>[\w.-]+):(?P<preset>[\w.-]+)(:(?P<variant>[\w.-]+))?")


@dataclass(frozen=True)
class Training:
    """What `oddbench train` is asked for.

    model: by its name; data: the dataset it learns from. options: others, name and value each.
    """

    model: str
    preset: str
    variant: str
    data: Path
    seed: int
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Contestant:
    """A detector of the study.

    name: in tables; what is trained with several seeds has one name. key: of its folder. told: how
    `oddbench predict` is told which it is. training: None for one that is trained already.
    """

    name: str
    key: str
    told: tuple[str, ...]
    training: Training | None = None


@dataclass(frozen=True)
class StudyRequest:
    """contestants: as the commands give them. data: to test on; train_data: to train on.

    views: of a scene. protocol: of predictions. workers: cells at once. most: objects in a scene
    that training has seen, for what asks beyond. reference: good pieces, as of oddbench predict.
    draws: of scenes, for the intervals.
    """

    data: tuple[Path, ...]
    train_data: tuple[Path, ...]
    out: Path
    contestants: tuple[Contestant, ...]
    split: str = "unseen"
    views: int = 5
    protocol: str = "predicted"
    workers: int = 1
    most: int = 7
    reference: Path | None = None
    draws: int = 1000

    @property
    def test(self) -> Path:
        """The one dataset to test on. Raises OddgenError where there are several."""
        if len(self.data) > 1:
            raise OddgenError(f"--data {self.data[1]}: this study tests on one dataset; give one.")
        return self.data[0]


def contestants(
    detectors: Sequence[str],
    checkpoints: Sequence[Path],
    models: Sequence[str],
    train_data: Sequence[Path],
    seeds: int,
    out: Path,
    options: Sequence[str] = (),
) -> tuple[Contestant, ...]:
    """As named; the detector that comes along where none is.

    models: MODEL:PRESET or MODEL:PRESET:VARIANT, trained with so many seeds on each dataset, with
    options NAME=VALUE of oddbench train. Raises OddgenError for what is not so named, or a model
    that has nothing to learn from.
    """
    found = [
        Contestant(name, _key(name), ("--detector", name)) for name in dict.fromkeys(detectors)
    ]
    for path in dict.fromkeys(checkpoints):
        alike = sum(other.name == path.name for other in checkpoints) > 1
        name = str(path) if alike else path.name
        found.append(Contestant(name, _key(str(path)), ("--checkpoint", str(path))))
    for text in dict.fromkeys(models):
        if not train_data:
            raise OddgenError(f"--train {text}: has nothing to learn from; give --train-data.")
        for data in train_data:
            found += [
                _trained(text, data, seed, out, len(train_data), _pairs(options))
                for seed in range(seeds)
            ]
    return tuple(found) or (Contestant("shipped", "shipped", ()),)


def with_variants(given: Sequence[Contestant], variants: Sequence[str]) -> tuple[Contestant, ...]:
    """Every trained contestant as each of these variants, the others as they are."""
    found: list[Contestant] = []
    for one in given:
        if one.training is None:
            found.append(one)
            continue
        for variant in variants:
            path = Path(one.told[1])
            key = f"{one.key}-{variant}"
            told = ("--checkpoint", str(path.with_name(key)))
            training = replace(one.training, variant=variant)
            found.append(Contestant(f"{one.name}, {variant}", key, told, training))
    return tuple(found)


def _pairs(options: Sequence[str]) -> tuple[tuple[str, str], ...]:
    pairs = tuple(tuple(text.partition("=")[::2]) for text in options)
    for text, (name, value) in zip(options, pairs, strict=True):
        if not name or not value:
            raise OddgenError(f"--train-option {text}: give NAME=VALUE, such as epochs=5.")
    return tuple((name, value) for name, value in pairs)


def _trained(
    text: str, data: Path, seed: int, out: Path, sources: int, options: tuple[tuple[str, str], ...]
) -> Contestant:
    match = MODEL.fullmatch(text)
    if match is None:
        raise OddgenError(f"--train {text}: give MODEL:PRESET, such as odd-one-out:nano.")
    variant = match["variant"] or "full"
    if variant not in VARIANTS:
        raise OddgenError(f"--train {text}: no such variant; choose one of {', '.join(VARIANTS)}.")
    name = text if sources == 1 else f"{text} on {data.name}"
    key = _key(f"{text} {data.name} {seed}")
    told = ("--checkpoint", str(out / "runs" / key))
    training = Training(match["model"], match["preset"], variant, data, seed, options)
    return Contestant(name, key, told, training)


def _key(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")
