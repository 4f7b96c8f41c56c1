"""Pictures of a dataset: contact sheets, and one HTML page that needs no other file."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from rich.console import Console
from rich.progress import track

from datagen.errors import OddgenError
from datagen.reader import Scene, read_scene, scene_names

SHEET_VIEWS = 6
SCENES_PER_SHEET = 12
MAX_PAGE_SCENES = 60  # about 1 MB of page a scene
PALETTE = np.array(
    [(0, 0, 0), (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178),
     (213, 94, 0), (204, 121, 167), (150, 150, 150), (120, 200, 90), (160, 110, 220),
     (240, 130, 130), (90, 220, 210)], np.uint8)  # fmt: skip
ODD = np.array([255, 40, 40], np.float64)


def make_gallery(out: Path, destination: Path | None = None) -> list[Path]:
    """Write sheet-000.png, ... and index.html; returns their paths."""
    names = scene_names(out)
    if not names:
        raise OddgenError(f"{out}: holds no finished scene; run oddgen generate first.")
    folder = destination or out / "gallery"
    console = Console(stderr=True)
    pages: list[dict[str, Any]] = []
    rows: list[NDArray[np.uint8]] = []
    paths: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for k, name in enumerate(
            track(names, "scenes", console=console, disable=not console.is_terminal)
        ):
            scene = read_scene(out, name)
            rows.append(_row(scene))
            if len(rows) == SCENES_PER_SHEET or k == len(names) - 1:
                paths.append(folder / f"sheet-{len(paths):03d}.png")
                Image.fromarray(np.concatenate(rows)).save(paths[-1])
                rows = []
            if len(pages) < MAX_PAGE_SCENES:
                pages.append(_page_entry(scene))
        page = folder / "index.html"
        page.write_text(_render(out, pages, len(names)), encoding="utf-8")
    except OSError as error:
        raise OddgenError(
            f"{folder}: {error.strerror or error}; give another folder with --to."
        ) from error
    return [*paths, page]


def overlay(scene: Scene, view: int) -> NDArray[np.uint8]:
    """(H, W, 3): the view with its defect pixels in red and anomalous objects' boxes."""
    image = scene.rgb[view].astype(np.float64)
    odd = scene.defect[view] > 0
    image[odd] = 0.45 * image[odd] + 0.55 * ODD
    picture = Image.fromarray(image.astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for k in np.flatnonzero(scene.anomalous):
        x0, y0, x1, y1 = scene.box_2d[k, view].tolist()
        if x0 >= 0:
            pen.rectangle((x0, y0, x1 - 1, y1 - 1), outline=(255, 40, 40))
    return np.asarray(picture)


def instance_colors(scene: Scene, view: int) -> NDArray[np.uint8]:
    """(H, W, 3): a colour each object, shaded by part."""
    index = scene.instance[view].astype(int)
    color = PALETTE[np.where(index == 0, 0, (index - 1) % (len(PALETTE) - 1) + 1)]
    shade = 1 - 0.12 * (scene.part[view].astype(int) % 4)
    return (color * shade[..., None]).astype(np.uint8)


def depth_gray(scene: Scene, view: int) -> NDArray[np.uint8]:
    """(H, W, 3): near is bright; nothing is black."""
    depth = scene.depth[view]
    hit = scene.depth > 0
    low, high = np.percentile(scene.depth[hit], [0, 90])
    gray = np.where(depth > 0, 255 * np.clip((high - depth) / (high - low + 1e-9), 0.06, 1), 0)
    return np.repeat(gray[..., None], 3, axis=2).astype(np.uint8)


def _row(scene: Scene) -> NDArray[np.uint8]:
    """Views, then the last one's overlay, instances and depth; a caption below."""
    views = np.linspace(0, len(scene.rgb), SHEET_VIEWS, endpoint=False).astype(int)
    last = int(views[0])
    tiles = [scene.rgb[v] for v in views]
    tiles += [overlay(scene, last), instance_colors(scene, last), depth_gray(scene, last)]
    row = np.concatenate(tiles, axis=1)
    strip = Image.new("RGB", (row.shape[1], 18), "white")
    ImageDraw.Draw(strip).text((4, 3), _caption(scene), fill="black")
    return np.concatenate([row, np.asarray(strip)])


def _caption(scene: Scene) -> str:
    odd = [
        f"object {k}: {entry['anomaly']['type']}"
        for k, entry in enumerate(scene.spec["objects"])
        if entry["anomaly"]
    ]
    return f"{scene.name}   {scene.spec['shape']['id']}   {', '.join(odd) or 'no anomaly'}"


def _page_entry(scene: Scene) -> dict[str, Any]:
    layers = {
        "image": lambda v: scene.rgb[v],
        "anomalies": lambda v: overlay(scene, v),
        "instances": lambda v: instance_colors(scene, v),
        "depth": lambda v: depth_gray(scene, v),
        "normals": lambda v: (scene.normal[v].astype(int) + 127).clip(0, 255).astype(np.uint8),
    }
    views = range(len(scene.rgb))
    return {
        "name": scene.name,
        "caption": _caption(scene),
        "layers": {name: [_jpeg(make(v)) for v in views] for name, make in layers.items()},
        "facts": {key: scene.spec[key] for key in ("shape", "objects", "floor", "hdri")},
    }


def _jpeg(pixels: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=82)
    return base64.b64encode(buffer.getvalue()).decode()


def _render(out: Path, scenes: list[dict[str, Any]], total: int) -> str:
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("datagen", "."), autoescape=True)
    template = environment.get_template("gallery.html.j2")
    data = json.dumps(scenes).replace("</", "<\\/")
    return template.render(title=out.name, data=data, shown=len(scenes), total=total)
