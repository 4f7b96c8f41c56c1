"""HDRIs and floors of the hubs are known by their names; the rest is said to be unknown."""

from __future__ import annotations

from pathlib import Path

from datagen.assets.floors import list_floors
from datagen.assets.hdris import list_hdris
from datagen.assets.rights import floor_rights, hdri_rights
from datagen.files.rights import Rights
from tests.support.data import DATA, needs


def test_what_oddgen_brings() -> None:
    assert hdri_rights(list_hdris(None)[0][0], None) == Rights(
        "CC0-1.0", "Greg Zaal, Poly Haven", "https://www.blender.org"
    )
    assert floor_rights(list_floors(None)[0][0], None) == Rights(
        "CC0-1.0", "Odd-One-Out", "built-in"
    )


@needs("hdri", "pbr")
def test_names_of_the_hubs() -> None:
    folder = DATA / "hdri"
    hdris = {hdri.name: hdri_rights(hdri, folder) for hdri in list_hdris(folder)[0]}
    assert hdris["potsdamer_platz_1k"] == Rights(
        "CC0-1.0", "Poly Haven", "https://polyhaven.com/a/potsdamer_platz"
    )
    assert hdris["apartment"] == Rights(None, None, "pmndrs_512/apartment.exr")
    folder = DATA / "pbr"
    floors = {floor.name: floor_rights(floor, folder) for floor in list_floors(folder)[0]}
    assert floors["Bark014"] == Rights(
        "CC0-1.0", "ambientCG", "https://ambientcg.com/view?id=Bark014"
    )
    assert floors["factory_wall"].origin == "https://polyhaven.com/a/factory_wall"


@needs("hdri")
def test_a_text_beside_them_counts_more(tmp_path: Path) -> None:
    source = next((DATA / "hdri" / "polyhaven_1k").glob("*_1k.hdr"))
    (tmp_path / source.name).write_bytes(source.read_bytes())
    (tmp_path / "LICENSE.txt").write_text("author: Ada\nlicense: CC-BY-4.0\n")
    (hdri,) = list_hdris(tmp_path)[0]
    assert hdri_rights(hdri, tmp_path) == Rights("CC-BY-4.0", "Ada", source.name)
