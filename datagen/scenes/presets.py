"""The paper's two datasets as settings: what it states, and a line for what it leaves open.

Sec. 4.1 and App. A.1. Where the text is silent, the published files are followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from anomalies import default_types
from datagen.blender.quality import QUALITIES
from datagen.dataset.settings import Benchmark, Settings
from datagen.dataset.splits import SEEN_TEST, TRAIN, UNSEEN_TEST, split_of_scene

SEEN_WORDS = (
    "dinosaur", "fish", "frog", "monkey", "light", "lizard", "orange", "boat", "dog", "lion",
    "pig", "cookie", "panda", "chicken", "ice", "horse", "car", "airplane", "cake", "shark",
    "donut", "hat", "cow", "apple", "bowl", "hamburger", "octopus", "giraffe", "chess", "bread",
    "butterfly", "cupcake", "bunny", "elephant", "fox", "deer", "bus", "bottle",
)  # fmt: skip
UNSEEN_WORDS = (
    "mug", "plate", "robot", "glass", "sheep", "shoe", "train", "banana", "cup", "key",
    "penguin", "hammer",
)  # fmt: skip


def published_types() -> tuple[str, ...]:
    """The types of the published files, look-alikes apart, by name."""
    return tuple(sorted(default_types(has_look_alikes=False)))


@dataclass(frozen=True)
class Preset:
    """One dataset as the paper has it (Sec. 4.1, App. A.1).

    source, scenes, shapes, objects, pose: as options of the same names. odd_shapes: anomalous
    shapes over all its shapes. look_alikes: whether they are among them.
    """

    benchmark: Benchmark
    source: str
    scenes: int
    shapes: int
    odd_shapes: int
    objects: tuple[int, int]
    look_alikes: bool
    pose: str = "drop"

    @property
    def options(self) -> dict[str, Any]:
        """Values by the fields of a request (datagen.run.request)."""
        return {
            "source": self.source,
            "scenes": self.scenes,
            "shapes": self.shapes,
            "versions": self.odd_shapes / self.shapes,
            "objects": self.objects,
            "pose": self.pose,
            **({} if self.look_alikes else {"anomalies": published_types()}),
            **asdict(QUALITIES["published"]),
        }


TOYS = Preset(
    Benchmark(
        "toysad-8k",
        "toy",
        (*SEEN_WORDS, *UNSEEN_WORDS),
        ((TRAIN, 5), (SEEN_TEST, 1), (UNSEEN_TEST, 2)),
    ),
    source="toys4k",
    scenes=8000,
    shapes=1050,
    odd_shapes=2345,
    objects=(3, 6),
    look_alikes=False,
)
PARTS = Preset(
    Benchmark("partsad-15k", "part", None, ((TRAIN, 4), (UNSEEN_TEST, 1))),
    source="abc",
    scenes=15_000,
    shapes=4200,
    odd_shapes=10_203,
    objects=(3, 12),
    look_alikes=True,
)
BENCHMARKS = {preset.benchmark.name: preset for preset in (TOYS, PARTS)}


def notes(settings: Settings, scenes: int) -> tuple[str, ...]:
    """A line for every choice that the paper leaves open, and for every value that is not its.

    scenes: how many are made. None without a benchmark.
    """
    if settings.benchmark is None:
        return ()
    preset = BENCHMARKS[settings.benchmark.name]
    lines = [*_open(preset, settings, scenes), *_overridden(preset, settings, scenes)]
    return tuple(f"{settings.benchmark.name}: {line}" for line in lines)


def _open(preset: Preset, settings: Settings, scenes: int) -> Iterator[str]:
    toys = preset.benchmark.kind == "toy"
    if toys:
        yield (
            "categories: Table 3 has 51 with orange twice, so 50; light, ice, chess and deer are "
            "the first words of light_bulb, ice_cream, chess_piece and deer_moose"
        )
        yield "seen test: by shape, one seen shape in six, by a digest of its id"
    else:
        yield (
            "test: by shape, every fifth shape, as unseen-test; the paper does not say whether "
            "scenes or shapes were divided"
        )
    yield f"scenes: {_counts(settings, scenes)}, the splits spread over the scenes' numbers"
    yield (
        f"shapes: the paper names none; by chance with seed {settings.seed}, spread evenly over "
        "the categories"
    )
    yield (
        f"odd shapes: {_text(settings.versions)} a shape on average, spread evenly; its scenes "
        "choose among them"
    )
    yield (
        f"anomaly types: {', '.join(settings.anomalies)}; the published files have deform, scale "
        "and discoloured beyond the paper's list; its cracks are crack and dislodged here"
    )
    if preset.look_alikes and "look_alike" in settings.anomalies:
        yield "look-alikes: of the same split as the shape; the paper gives no threshold"
    elif preset.look_alikes:
        yield (
            "look-alikes: left out; have oddgen similar build make a library of the shapes and "
            "give it with --similar"
        )
    low, high = settings.severity
    yield f"severity: {low:.2f}-{high:.2f}; the paper gives no strength"
    yield f"normal scenes: {settings.normal_share:.0%}; the paper says few"
    yield (
        "odd objects: from 1 to less than half of a scene's, and no more than the shape has odd "
        "versions, each number as likely"
    )
    yield (
        "images: samples (128 a pixel) and the ring of cameras are those of the published files; "
        "the paper states neither"
    )
    floors = settings.floors or "the built-in eleven"
    hdris = settings.hdri or "Blender's own eight"
    yield f"floors: {floors}; HDRIs: {hdris}; the paper does not list its own"


def _overridden(preset: Preset, settings: Settings, scenes: int) -> Iterator[str]:
    actual = {
        "source": settings.source,
        "scenes": scenes,
        "shapes": settings.shapes,
        "versions": settings.versions,
        "objects": settings.objects,
        "pose": settings.pose,
        "anomalies": _kinds(settings.anomalies, preset),
        "samples": settings.render.samples,
        "resolution": settings.render.resolution,
        "views": settings.render.views,
    }
    expected = preset.options | {"anomalies": published_types()}
    for name, value in actual.items():
        if value != expected[name]:
            yield f"--{name} {_text(value)} instead of {_text(expected[name])}"


def _kinds(kinds: tuple[str, ...], preset: Preset) -> tuple[str, ...]:
    """Without look-alikes, where the paper has them and a line tells of them."""
    return tuple(kind for kind in kinds if not preset.look_alikes or kind != "look_alike")


def _counts(settings: Settings, scenes: int) -> str:
    assert settings.benchmark is not None
    weights = settings.benchmark.splits
    cycle = sum(weight for _, weight in weights)
    counts = {name: scenes // cycle * weight for name, weight in weights}
    for index in range(scenes - scenes % cycle, scenes):
        counts[split_of_scene(index, weights)] += 1
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ("-" if isinstance(value[0], int) else ", ").join(str(item) for item in value)
    return f"{value:.3g}" if isinstance(value, float) else str(value)
