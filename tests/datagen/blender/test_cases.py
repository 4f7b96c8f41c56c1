"""Files that users reported: what Blender would render is what is read, or a sentence tells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datagen.blender.import_file import import_file
from datagen.errors import BadShape
from datagen.geometry.color import look_of
from datagen.geometry.normalise import normalise
from datagen.geometry.shape import Shape
from datagen.sources.importing import import_apart
from datagen.sources.paint import is_unpainted
from tests.support.data import CASES, needs

pytestmark = needs("cases")


def read(name: str) -> Shape:
    return normalise(import_file(CASES / name), name)


def seen_colors(shape: Shape) -> np.ndarray:
    """(F, 3) linear base colour at the middle of every triangle: factor times texel."""
    faces = np.arange(len(shape.faces))
    return look_of(shape, faces, np.full((len(faces), 3), 1 / 3))[0]


@pytest.mark.parametrize("name", ["s1_noname.stl", "s5_named.stl", "b3_trailing.stl"])
def test_stl_text_without_a_name_and_binaries_with_a_tail(name: str) -> None:
    assert len(read(f"01-stl-nameless/{name}").faces) == 48


def test_each_3mf_mesh_is_there_once_where_it_is_built() -> None:
    shape = read("02-3mf-bambu/t4_bambu.3mf")
    assert len(shape.faces) == 96 and len(shape.part_names) == 2
    extents = np.sort(np.ptp(shape.vertices, axis=0))
    np.testing.assert_allclose(extents, np.sort([0.8026, 0.4013, 0.4414]), atol=2e-4)
    assert len(read("02-3mf-bambu/t9_one_file_one_mesh.3mf").faces) == 48


def test_colours_of_3mf_and_of_plys_faces_and_points() -> None:
    for name in ("p2_vcolor.ply", "p4_facecolor.ply"):
        (material,) = read(f"03-3mf-ply-colours/{name}").materials
        assert material.name == "#c81414"
    shape = read("03-3mf-ply-colours/t1_basematerials.3mf")
    by_part = dict(zip(shape.part_names, (shape.materials[k] for k in (0, 1)), strict=True))
    assert by_part["plate"].base_color[0] > 0.5 > by_part["plate"].base_color[2]
    assert by_part["knob"].base_color[2] > 0.5 > by_part["knob"].base_color[0]


@pytest.mark.parametrize("name", ["b_vc_white_material.glb", "b2_vc_no_material.glb"])
def test_colours_of_a_gltfs_points_count_whether_it_has_a_material_or_none(name: str) -> None:
    shape = read(f"04-vertex-colours/{name}")
    assert not is_unpainted(shape)
    colors = seen_colors(shape)
    assert {tuple(np.round(color, 1)) for color in colors} == {
        (0.8, 0.0, 0.0),
        (0.0, 0.0, 0.8),
    } or {tuple(np.round(color, 2)) for color in colors} == {(0.8, 0.05, 0.05), (0.05, 0.05, 0.8)}


def test_a_factor_multiplies_its_texture() -> None:
    colors = seen_colors(read("05-texture-factor/a_tinted.glb"))
    np.testing.assert_allclose(colors, np.tile([0.8, 0.05, 0.05], (len(colors), 1)), atol=0.01)
    colors = seen_colors(read("05-texture-factor/f_unlit_red.glb"))
    np.testing.assert_allclose(colors, np.tile([0.8, 0.05, 0.05], (len(colors), 1)), atol=0.01)
    (metal,) = read("05-texture-factor/h_metal_factor0.glb").materials
    assert metal.metallic == 0.0


def test_what_is_see_through_is_told() -> None:
    warnings = import_file(CASES / "05-texture-factor/j_alpha.glb").info["warnings"]
    assert any("see-through (alpha 0.2)" in text for text in warnings)


@pytest.mark.parametrize("name", ["c_textransform_red.glb", "m4.obj"])
def test_textures_lie_where_their_transform_says(name: str) -> None:
    colors = seen_colors(read(f"06-texture-transform/{name}"))
    assert (colors[:, 0] > 0.3).all() and (colors[:, 1:] < 0.1).all()


def test_points_far_from_the_origin_keep_their_shape() -> None:
    near, far = (read(f"07-far-from-origin/{name}.obj") for name in ("g0_near", "g1_utm"))
    assert len(near.faces) == len(far.faces) == 1152
    np.testing.assert_allclose(
        np.ptp(near.vertices, axis=0), np.ptp(far.vertices, axis=0), atol=1e-4
    )


@pytest.mark.parametrize("name", ["o1/m1.obj", "o16/m16.obj"])
def test_material_libraries_by_any_name(name: str) -> None:
    shape = import_file(CASES / "08-mtl-names" / name)
    red = next(material for material in shape.materials if material.name == "red")
    np.testing.assert_allclose(red.base_color, [0.604, 0.004, 0.004], atol=1e-3)
    assert "warnings" not in shape.info


def test_16_bit_grey_keeps_its_values() -> None:
    for name in ("g16", "g8"):
        colors = seen_colors(read(f"09-16bit-grey/big/{name}.obj"))
        share = 78 / 255
        np.testing.assert_allclose(colors, ((share + 0.055) / 1.055) ** 2.4, atol=0.004)
    for name in ("r16", "r8"):
        (material,) = read(f"09-16bit-grey/big/{name}.obj").materials
        packed = material.metallic_roughness_texture
        assert packed is not None
        green = packed.pixels()[..., 1].mean()
        assert material.roughness * green / 255 == pytest.approx(0.15, abs=0.01)


def test_what_a_render_shows_is_read_though_the_viewport_hides_it() -> None:
    assert len(read("17-blend-missing-hidden/b1_hide_viewport.blend").part_names) == 2
    assert len(read("17-blend-missing-hidden/b2_subsurf_render.blend").faces) > 100


def test_a_usds_missing_texture_is_told_by_name() -> None:
    warnings = import_file(CASES / "18-usd-missing/u16_missing_texture.usda").info["warnings"]
    assert any(text.startswith("gone.png is missing") for text in warnings)


MALFORMED = sorted((CASES / "malformed/meshes").glob("*")) if CASES.exists() else []
SURVIVES = ("mtl-fifo.obj",)  # its library is only named, not there
CRASHES = ("step-flip4.step",)


@pytest.mark.parametrize(
    "path",
    [path for path in MALFORMED if path.name not in (*SURVIVES, *CRASHES)],
    ids=lambda path: path.name,
)
def test_a_damaged_file_is_one_sentence(path: Path) -> None:
    with pytest.raises(BadShape) as caught:
        if path.suffix.startswith(".usd"):  # one asks for all memory there is
            import_apart(path, None)
        else:
            import_file(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ") and text.endswith(".") and "\n" not in text
