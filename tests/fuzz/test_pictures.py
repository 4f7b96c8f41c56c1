"""Damaged textures, HDRIs and floors: used as they are, or told; none ends a worker."""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR
import pytest
from PIL import Image

from datagen.assets.floors import Floor, list_floors
from datagen.assets.hdris import Hdri, list_hdris
from datagen.errors import BadShape, OddgenError
from datagen.geometry.color import look_of
from datagen.geometry.shape import Shape
from datagen.sources.importing import import_apart
from tests.support.fuzzing import Apart, amounts, assert_none, generators
from tests.support.mutations import BINARY, mutated

OBJ = """mtllib a.mtl
o box
v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1
vt .1 .1\nvt .9 .1\nvt .1 .9
usemtl m
f 1/1 3/2 2/3\nf 1/1 2/2 4/3\nf 1/1 4/2 3/3\nf 2/1 3/2 4/3
"""
LIGHT = (0.57, 0.045, 0.02)
RED = (200, 60, 40)
TEXTURES = ("a.png", "deep.png", "grey.png", "a.jpg", "a.tif", "deep.tif", "a.exr", "a.hdr")
LIGHTS = ("a.hdr", "flat.hdr", "a.exr", "plain.exr", "dwaa.exr")
FLOORS = ("a_1K-JPG_Color.jpg", "a_1K-PNG_Color.png", "a_1K-EXR_Color.exr")

pytestmark = pytest.mark.usefixtures("importer")


def write_exr(path: Path, pixels: np.ndarray, kind: object = OpenEXR.ZIP_COMPRESSION) -> None:
    header = {"compression": kind, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {"RGB": pixels.astype(np.float32)}).write(str(path))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A red picture in every format of TEXTURES, panoramas in lights/, maps in floors/."""
    made = tmp_path_factory.mktemp("pictures")
    red = np.tile(np.array(RED, np.uint8), (40, 48, 1))
    for name in ("a.png", "a.jpg", "a.tif"):
        Image.fromarray(red).save(made / name)
    for name in ("deep.png", "deep.tif"):
        cv2.imwrite(str(made / name), red[..., ::-1].astype(np.uint16) * 257)
    Image.fromarray(np.full((40, 48), 200 * 257, np.uint16)).save(made / "grey.png")
    bright = np.tile(np.array(LIGHT, np.float32), (40, 48, 1))
    write_exr(made / "a.exr", bright)
    cv2.imwrite(str(made / "a.hdr"), bright[..., ::-1])
    (made / "lights").mkdir()
    sky = np.random.default_rng(0).random((32, 64, 3)).astype(np.float32) ** 4
    cv2.imwrite(str(made / "lights/a.hdr"), sky)
    head = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 32 +X 64\n"
    flat = np.full((32, 64, 4), 128, np.uint8)
    (made / "lights/flat.hdr").write_bytes(head + flat.tobytes())
    write_exr(made / "lights/a.exr", sky)
    write_exr(made / "lights/plain.exr", sky, OpenEXR.NO_COMPRESSION)
    write_exr(made / "lights/dwaa.exr", sky, OpenEXR.DWAA_COMPRESSION)
    (made / "floors").mkdir()
    for name in FLOORS:
        shutil.copy(made / f"a.{name[-3:]}", made / "floors" / name)
    return made


def mean_color(shape: Shape) -> np.ndarray:
    faces = np.arange(len(shape.faces))
    found: np.ndarray = look_of(shape, faces, np.full((len(faces), 3), 1 / 3))[0].mean(axis=0)
    return found


def textured(path: Path) -> tuple[np.ndarray | None, str | None]:
    """The mesh's colour where nothing is told of it; what is wrong with the outcome."""
    try:
        shape = import_apart(path, None)
    except BadShape as error:
        return None, f"a texture refuses the mesh: {error}"
    except Exception:
        return None, traceback.format_exc()
    warnings = shape.info.get("warnings", [])
    bad = [text for text in warnings if "; " not in text or not text.endswith(".")]
    return None if warnings else mean_color(shape), f"no sentence: {bad}" if bad else None


@amounts(2)
@pytest.mark.parametrize("name", TEXTURES)
def test_damaged_textures(name: str, examples: int, pictures: Path, tmp_path: Path) -> None:
    """The mesh is there; a picture that is cut is told or looks as the whole one does."""
    path = tmp_path / "a.obj"
    path.write_text(OBJ)
    (tmp_path / "a.mtl").write_text(f"newmtl m\nKd 1 1 1\nmap_Kd {name}\n")
    shutil.copy(pictures / name, tmp_path)
    right, fault = textured(path)
    assert right is not None and fault is None
    assert np.allclose(right, LIGHT if name != "grey.png" else 0.578, atol=0.02)
    faults, whole = [], (pictures / name).read_bytes()
    for number, rng in enumerate(generators(f"texture {name}", examples)):
        kind, content = mutated(whole, rng, BINARY)
        (tmp_path / name).write_bytes(content)
        color, fault = textured(path)
        if fault is None and kind == "cut" and color is not None:
            fault = None if np.allclose(color, right, atol=0.02) else f"looks {color}, and no word"
        if fault:
            faults.append(f"{name} {number} {kind}: {fault}")
    assert_none(faults)


def light_fault(folder: Path) -> str | None:
    """What is wrong with how a folder of HDRIs is taken, and each of them lights a scene."""
    from datagen.blender.session import reset
    from datagen.blender.surroundings import light

    def use(hdri: Hdri) -> None:
        assert hdri.path is not None
        light(reset(), hdri.path, 0.5, 1.0)

    return used_fault(lambda: list_hdris(folder)[0], use)


def floor_fault(folder: Path) -> str | None:
    """The same of floors."""
    from datagen.blender.session import reset
    from datagen.blender.surroundings import lay_floor

    def use(floor: Floor) -> None:
        lay_floor(reset(), floor, np.random.default_rng(0), 64)

    return used_fault(lambda: list_floors(folder)[0], use)


def used_fault(listed: Callable[[], list[Any]], use: Callable[[Any], None]) -> str | None:
    try:
        for entry in listed():
            use(entry)
    except OddgenError as error:
        text = str(error)
        return None if "; " in text and text.endswith(".") else f"no sentence: {text}"
    except Exception:
        return traceback.format_exc()[-1500:]
    return None


@amounts(3)
@pytest.mark.parametrize(
    ("folder", "name"),
    [*(("lights", name) for name in LIGHTS), *(("floors", name) for name in FLOORS)],
)
def test_damaged_hdris_and_floors(
    folder: str, name: str, examples: int, pictures: Path, tmp_path: Path, apart: Apart
) -> None:
    faults, whole = [], (pictures / folder / name).read_bytes()
    look = light_fault if folder == "lights" else floor_fault
    for number, rng in enumerate(generators(f"{folder} {name}", examples)):
        kind, content = mutated(whole, rng, BINARY)
        (tmp_path / name).write_bytes(content)
        if fault := apart.fault(look, tmp_path):
            faults.append(f"{name} {number} {kind}: {fault}")
    assert_none(faults)
