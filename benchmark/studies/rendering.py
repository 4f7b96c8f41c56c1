"""What a scene costs, and what its images are worth, as ratios measured in one run.

The command is `oddbench rendering [--quick]`.

1. CPU-seconds of rendering 5 objects in 20 views of 256 x 256 at the default preset, against the
   same scene with 32 samples and Blender's own world sampling, bounces and denoiser settings.
2. PSNR of both against 1,024 samples, on the first views.
3. The share of a scene's wall time that is not Cycles sampling and denoising.
4. The memory of one worker after 5 and after 50 scenes.
"""

from __future__ import annotations

import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from datagen.base.parallel import apart
from datagen.base.process import silenced
from datagen.blender.quality import QUALITIES
from datagen.dataset.settings import RenderSettings, Settings
from datagen.scenes.catalog import Catalog, open_catalog
from datagen.scenes.journal import Journal
from datagen.scenes.render import build_scene
from datagen.scenes.scene import PreparedScene, make_scene, prepare_scene

REFERENCE_SAMPLES, BASELINE_SAMPLES = 1024, 32
REFERENCE_VIEWS = 1
SCENES = (
    ("banana", "concrete", "forest"),
    ("mug", "wood_planks", "city"),
    ("flange", "ceramic_tiles", "studio"),
)
DEFAULT = QUALITIES["default"]


def settings_for(render: RenderSettings, objects: tuple[int, int] | None) -> Settings:
    """Settings of the study's built-in scenes; objects: fewest and most, None for the default."""
    return Settings(
        source="builtin",
        assets=None,
        up=None,
        hdri=None,
        floors=None,
        seed=0,
        objects=objects,
        pose="drop",
        anomalies=("bend", "bump", "material", "missing", "twist"),
        severity=(1 / 3, 2 / 3),
        normal_share=0.1,
        split="all",
        render=render,
        scenes_per_shard=50,
    )


def narrowed(catalog: Catalog, category: str, floor: str, hdri: str) -> Catalog:
    """The catalogue with one category, floor and HDRI left."""
    return replace(
        catalog,
        refs=tuple(ref for ref in catalog.refs if ref.category == category),
        floors=tuple(item for item in catalog.floors if item.name == floor),
        hdris=tuple(item for item in catalog.hdris if item.name == hdri),
    )


def cpu_seconds() -> float:
    """CPU-seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def blenders_own(bpy: ModuleType) -> None:
    """The world lit as Blender does without being asked, its bounces and its denoiser."""
    tree = bpy.context.scene.world.node_tree
    output = tree.nodes["World Output"].inputs["Surface"]
    tree.links.new(tree.nodes["sharp"].outputs["Background"], output)
    bpy.context.scene.world.cycles.sampling_method = "AUTOMATIC"
    cycles = bpy.context.scene.cycles
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 12, 4, 4
    cycles.transmission_bounces = 12
    cycles.use_light_tree = True
    cycles.denoising_prefilter = "ACCURATE"
    cycles.caustics_reflective = cycles.caustics_refractive = True


def render(
    names: tuple[str, str, str], quality: RenderSettings, views: int, own: bool, cache: Path
) -> tuple[NDArray[np.uint8], float]:
    """The images of the first views, and the CPU-seconds of building and rendering them."""
    from datagen.blender.cycles import render_views

    scene = prepared(names, cache)
    start = cpu_seconds()
    with silenced():
        bpy, _ = build_scene(
            scene.objects, scene.world_to_camera[:views], scene.plan.surroundings, quality, seed=0
        )
        if own:
            blenders_own(bpy)
        images = render_views(bpy, views)
    return images, cpu_seconds() - start


def prepared(names: tuple[str, str, str], cache: Path) -> PreparedScene:
    """Scene 0 of a category, floor and HDRI, all but its images."""
    settings = settings_for(DEFAULT, (5, 5))
    catalog = narrowed(open_catalog(settings, cache), *names)
    with silenced():
        return prepare_scene(settings, catalog, 0, Journal())


def overhead(names: tuple[str, str, str], cache: Path) -> tuple[float, float]:
    """Wall seconds of one more scene in a warm worker, and those of sampling and denoising.

    The latter are the time of Cycles' call less that of the same call with one sample on 8 x 8
    pixels, not denoised: synchronisation, acceleration structures and files.
    """
    from datagen.blender import cycles

    settings = settings_for(DEFAULT, (5, 5))
    catalog = narrowed(open_catalog(settings, cache), *names)
    spent: list[float] = []
    original = cycles.render_views

    def timed(bpy: ModuleType, views: int) -> NDArray[np.uint8]:
        start = time.perf_counter()
        result = original(bpy, views)
        spent.append(time.perf_counter() - start)
        return result

    def bare(bpy: ModuleType, views: int) -> NDArray[np.uint8]:
        scene = bpy.context.scene
        scene.cycles.samples, scene.cycles.use_denoising = 1, False
        scene.render.resolution_x = scene.render.resolution_y = 8
        return timed(bpy, views)

    from datagen.scenes.write import write_scene

    with silenced(), tempfile.TemporaryDirectory() as folder:
        make_scene(settings, catalog, 1, Journal())
        cycles.render_views = timed
        start = time.perf_counter()
        write_scene(make_scene(settings, catalog, 0, Journal()), Path(folder) / "scene.h5")
        whole = time.perf_counter() - start
        cycles.render_views = bare
        make_scene(settings, catalog, 0, Journal())
    return whole, spent[0] - spent[1]


def memory(scenes: int, cache: Path) -> list[float]:
    """Resident megabytes of one worker after every scene; one sample, since it costs no memory."""
    import psutil

    settings = settings_for(RenderSettings(samples=1, resolution=256, views=20), None)
    catalog = open_catalog(settings, cache)
    result = []
    for index in range(scenes):
        with silenced():
            make_scene(settings, catalog, index, Journal())
        result.append(psutil.Process().memory_info().rss / 1e6)
    return result


def psnr(images: NDArray[np.uint8], reference: NDArray[np.uint8]) -> float:
    """Mean over the reference's views, dB."""
    from skimage.metrics import peak_signal_noise_ratio

    pairs = zip(reference, images[: len(reference)], strict=True)
    return float(np.mean([peak_signal_noise_ratio(true, image) for true, image in pairs]))


def measure(quick: bool) -> None:
    """Print everything; quick: one scene, and no memory run."""
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False)
    table = Table("scene", "CPU-s", f"CPU-s, {BASELINE_SAMPLES} samples", "ratio", "PSNR dB",
                  f"PSNR dB, {BASELINE_SAMPLES} samples")  # fmt: skip
    chosen = SCENES[:1] if quick else SCENES
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        for names in chosen:
            ours, seconds = apart(render, names, DEFAULT, DEFAULT.views, False, cache)
            base = replace(DEFAULT, samples=BASELINE_SAMPLES)
            theirs, slow = apart(render, names, base, DEFAULT.views, True, cache)
            many = replace(DEFAULT, samples=REFERENCE_SAMPLES)
            reference, _ = apart(render, names, many, REFERENCE_VIEWS, False, cache)
            own, _ = apart(render, names, many, REFERENCE_VIEWS, True, cache)
            table.add_row(
                ", ".join(names), f"{seconds:.0f}", f"{slow:.0f}", f"{seconds / slow:.2f}",
                f"{psnr(ours, reference):.1f}", f"{psnr(theirs, own):.1f}",
            )  # fmt: skip
        console.print(table)
        for names in chosen:
            whole, sampling = apart(overhead, names, cache)
            console.print(
                f"{', '.join(names)}: {whole:.1f} s a scene, of them not sampling and denoising "
                f"{1 - sampling / whole:.0%}"
            )
        if not quick:
            sizes = apart(memory, 50, cache)
            console.print(
                f"memory of a worker: {sizes[4]:.0f} MB after 5 scenes, {sizes[49]:.0f} MB after "
                f"50, at most {max(sizes):.0f} MB, scenes 41 to 50 over scenes 5 to 14: "
                f"{np.mean(sizes[40:]) / np.mean(sizes[4:14]):.2f}"
            )
