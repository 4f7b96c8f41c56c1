"""Pictures of a dataset: contact sheets, and one HTML page that needs no other file."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.progress import track

from datagen.base.files import in_words
from datagen.base.typed import plain
from datagen.dataset.reader import Dataset, Scene, with_images, with_labels
from datagen.dataset.schema import AnomalyFacts, FloorFacts, HdriFacts, ShapeFacts
from datagen.errors import OddgenError
from datagen.pictures import layers

MOST_SCENES = 60
SCENES_PER_SHEET = 12
SHEET_VIEWS = 5
TILE = 192
CAPTION_HEIGHT = 24
LARGEST_IMAGE = 384
MOST_PAGE_BYTES = 60 * 2**20


def make_gallery(
    out: Path, destination: Path | None = None, most_scenes: int = MOST_SCENES
) -> list[Path]:
    """Write sheet-000.png, ... and index.html of dataset `out`; returns their paths.

    destination: the folder for them, out/gallery if None. A larger dataset is shown by most_scenes
    of its scenes, spread evenly; the page takes fewer where it would outgrow MOST_PAGE_BYTES.
    Raises OddgenError where there is nothing to show, or the folder cannot be written.
    """
    dataset = with_images(with_labels(Dataset(out)))
    if not dataset.names:
        raise OddgenError(f"{out}: holds no finished scene; run oddgen generate first.")
    names = _spread(dataset.names, most_scenes)
    folder = destination or out / "gallery"
    console = Console(stderr=True, markup=False)
    rows: list[NDArray[np.uint8]] = []
    paths: list[Path] = []
    entries: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob("sheet-*.png"):
            leftover.unlink()
        for name in track(names, "scenes", console=console, disable=not console.is_terminal):
            scene = dataset.read(name)
            rows.append(sheet_row(scene))
            if len(rows) == SCENES_PER_SHEET or name == names[-1]:
                paths.append(folder / f"sheet-{len(paths):03d}.png")
                Image.fromarray(np.concatenate(rows)).save(paths[-1])
                rows = []
            entry = json.dumps(plain(page_entry(scene))).replace("<", "\\u003c")
            if sum(map(len, entries)) + len(entry) <= MOST_PAGE_BYTES or not entries:
                entries.append(entry)
        page = folder / "index.html"
        page.write_text(_render(out, entries, len(dataset.names)), encoding="utf-8")
    except OSError as error:
        raise OddgenError(f"{folder}: {in_words(error)}; give another folder with --to.") from error
    return [*paths, page]


def _spread(names: Sequence[str], most: int) -> list[str]:
    indices = np.linspace(0, len(names) - 1, min(most, len(names))).round().astype(int)
    return [names[index] for index in indices]


def sheet_row(scene: Scene) -> NDArray[np.uint8]:
    """(TILE + CAPTION_HEIGHT, 9 TILE, 3) uint8: one row of a contact sheet.

    Views, white where a scene has fewer, then what the labels of one of them look like. What an
    imported scene does not tell has no tile.
    """
    views = np.unique(np.linspace(0, len(scene.rgb), SHEET_VIEWS, endpoint=False).astype(int))
    shown = int(views[np.argmax(scene.defect[views].sum(axis=(1, 2)))])
    tiles = [layers.resized(scene.rgb[view], TILE) for view in views]
    tiles += [Image.new("RGB", (TILE, TILE), "white")] * (SHEET_VIEWS - len(views))
    if "defect" not in scene.unknown:
        tiles.append(layers.resized(layers.marked(scene, shown), TILE))
    tiles.append(layers.resized(layers.instance_picture(scene, shown), TILE, smooth=False))
    tiles.append(layers.resized(layers.depth_picture(scene, shown), TILE))
    if "normal" not in scene.unknown:
        tiles.append(layers.resized(layers.normal_picture(scene, shown), TILE))
    caption = Image.new("RGB", (TILE * len(tiles), CAPTION_HEIGHT), "white")
    text = f"{scene.name}   {scene.spec.shape.id}   {', '.join(_odd(scene)) or 'no anomaly'}"
    ImageDraw.Draw(caption).text((6, 3), text, fill="black", font=ImageFont.load_default(14))
    row = np.concatenate([np.asarray(tile) for tile in tiles], axis=1)
    return np.concatenate([row, np.asarray(caption)])


def _odd(scene: Scene) -> list[str]:
    return [
        f"object {k}: {entry.anomaly.type}"
        for k, entry in enumerate(scene.spec.objects)
        if entry.anomaly is not None
    ]


@dataclass(frozen=True)
class PageObject:
    """color: of its mask. visible, defect: (V) numbers, None where an imported scene lacks them.

    box: (V, 4) pixels.
    """

    color: str
    anomaly: AnomalyFacts | None
    visible: list[int | float] | None
    defect: list[int | float] | None
    box: list[list[int]]


@dataclass(frozen=True)
class PageEntry:
    """All that the page shows of a scene. size: pixels; depth: metres, nearest and farthest.

    layers: by name a data URL each view, photographs as JPEG, masks as PNG.
    """

    name: str
    size: int
    shape: ShapeFacts
    floor: FloorFacts
    hdri: HdriFacts
    depth: tuple[float, float]
    layers: dict[str, list[str]]
    objects: list[PageObject]


def page_entry(scene: Scene) -> PageEntry:
    """What is drawn and told of a scene."""
    spec = scene.spec
    views, height = scene.rgb.shape[:2]
    size = min(height, LARGEST_IMAGE)
    pictures = {
        "image": (lambda view: scene.rgb[view], True),
        "objects": (lambda view: layers.instance_picture(scene, view), False),
        "parts": (lambda view: layers.part_picture(scene, view), False),
        "defect": (lambda view: layers.defect_picture(scene, view), False),
        "depth": (lambda view: layers.depth_picture(scene, view), True),
        "normals": (lambda view: layers.normal_picture(scene, view), True),
    }
    for layer, array in (("parts", "part"), ("defect", "defect"), ("normals", "normal")):
        if array in scene.unknown:
            del pictures[layer]
    return PageEntry(
        name=scene.name,
        size=height,
        shape=spec.shape,
        floor=spec.floor,
        hdri=spec.hdri,
        depth=layers.depth_range(scene),
        layers={
            name: [
                _jpeg(make(view), size) if photo else _mask(make(view), size)
                for view in range(views)
            ]
            for name, (make, photo) in pictures.items()
        },
        objects=[
            PageObject(
                color="#" + bytes(layers.palette_color(k + 1)).hex(),
                anomaly=entry.anomaly,
                visible=_told(scene, "visible_fraction", k),
                defect=_told(scene, "defect_pixels", k),
                box=scene.box_2d[k].tolist(),
            )
            for k, entry in enumerate(spec.objects)
        ],
    )


def _told(scene: Scene, name: str, k: int) -> list[int | float] | None:
    """(V) numbers of object k, None where an imported scene lacks them."""
    return None if name in scene.unknown else getattr(scene, name)[k].round(3).tolist()


def _jpeg(pixels: NDArray[np.uint8], size: int) -> str:
    buffer = io.BytesIO()
    layers.resized(pixels, size).save(buffer, format="JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _mask(pixels: NDArray[np.uint8], size: int) -> str:
    """Few colours, the black one see-through."""
    picture = layers.resized(pixels, size, smooth=False)
    black = np.asarray(picture).max(axis=2) == 0
    picture.putalpha(Image.fromarray((~black).astype(np.uint8) * 255))
    buffer = io.BytesIO()
    picture.quantize(32).save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _render(out: Path, entries: Sequence[str], total: int) -> str:
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("datagen.pictures", "."), autoescape=True)
    template = environment.get_template("gallery.html.j2")
    title = out.resolve().name
    return template.render(title=title, entries=entries, shown=len(entries), total=total)
