"""Scenes of one's own part, material and cameras: what is asked for is what is made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cli import oddbench, oddgen
from datagen.dataset.reader import Dataset
from datagen.dataset.rig_file import read_rig, write_rig
from datagen.dataset.settings import Settings
from datagen.errors import OddgenError
from datagen.geometry.cache import ShapeCache
from datagen.geometry.cameras import draw_ring, look_at, moved_back, place
from datagen.geometry.looks import MATERIALS
from datagen.geometry.rig import Matrix, Rig, RigCamera
from datagen.run.request import MATERIAL_NAMES, Request, settled
from datagen.sources.open import open_source
from tests.support.parts import bracket


def rows(eye: tuple[float, float, float]) -> Matrix:
    pose = look_at(np.array(eye), np.array([0.0, 0.0, 0.1]))
    first, second, third, fourth = (tuple(row) for row in pose.tolist())
    return first, second, third, fourth


FIXED = Rig(
    matrix=(0.9, 0.85, 0.5, 0.48),
    cameras=tuple(RigCamera(rows(eye)) for eye in ((0.9, 0, 0.5), (0, 0.9, 0.6), (-0.8, 0.1, 0.4))),
    size=(0.2, 0.22),
    exposure=0.5,
)


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bracket(tmp_path_factory.mktemp("part"))


@pytest.fixture(scope="module")
def made(part: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes of the part under fixed cameras, by the command."""
    folder = tmp_path_factory.mktemp("own")
    write_rig(FIXED, folder / "rig.yaml")
    arguments = (
        f"generate --source folder --assets {part} --split seen --rig {folder / 'rig.yaml'} "
        f"--material steel --scenes 2 --objects 3-3 --samples 1 --resolution 64 --anomalies bend "
        f"--normal-share 0 --severity gross --out {folder / 'out'} --cache {folder / 'cache'}"
    )
    result = CliRunner().invoke(oddgen, arguments.split())
    assert result.exit_code == 0, result.output
    return folder / "out"


def test_fixed_cameras_light_and_size_are_those_of_the_rig(made: Path) -> None:
    data = Dataset(made)
    for name in data.names:
        scene = data.read(name)
        poses = FIXED.poses
        assert poses is not None
        np.testing.assert_allclose(scene.world_to_camera, poses)
        expected = [[57.6, 0, 32], [0, 54.4, 30.72], [0, 0, 1]]
        np.testing.assert_allclose(scene.intrinsics, expected, rtol=1e-6)
        assert 0.2 <= scene.spec.scale <= 0.22
        assert (scene.visible_fraction.max(axis=1) > 0).all()
        config = data.index.config
        assert isinstance(config, Settings) and config.material == "steel"


def test_they_can_be_verified_and_made_again(made: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(oddgen, ["verify", str(made)])
    assert result.exit_code == 0, result.output
    cache = str(made.parent / "cache")
    again = ["remake", str(made), "0", "--to", str(tmp_path), "--cache", cache, "--device", "cpu"]
    result = CliRunner().invoke(oddgen, again)
    assert result.exit_code == 0, result.output


def test_a_single_part_belongs_to_no_split(part: Path, made: Path, tmp_path: Path) -> None:
    (ref,) = open_source("folder", part, ShapeCache(tmp_path)).refs()
    assert ref.seen is None
    assert Dataset(made).spec("scene-000000").shape.seen is None


@pytest.mark.parametrize("split", ["seen", "unseen"])
def test_either_split_draws_a_single_part(part: Path, split: str, tmp_path: Path) -> None:
    from datagen.scenes.catalog import open_catalog

    request = Request(scenes=1, source="folder", assets=part, split=split)
    catalog = open_catalog(settled(request)[0], tmp_path)
    assert [ref.category for ref in catalog.refs] == ["bracket"]


def test_cameras_that_have_to_stand_farther_away_are_told() -> None:
    rig = Rig(distance=(0.5, 0.6), height=(0.3, 0.5))
    corners = np.array(list(np.ndindex(2, 2, 2)), float) - [0.5, 0.5, 0]
    ring = draw_ring(np.random.default_rng(0), 4, rig)
    for size, moved in ((0.05, False), (2.0, True)):
        poses = place(ring, corners * size, 64, rig)
        assert moved_back(ring, poses, rig) is moved
        assert not moved_back(ring, poses, None) and not moved_back(ring, poses, Rig(lens=30.0))


def test_a_rig_survives_its_file(tmp_path: Path) -> None:
    write_rig(FIXED, tmp_path / "rig.yaml")
    assert read_rig(tmp_path / "rig.yaml") == FIXED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lens: 30\nmatrix: [1, 1, .5, .5]", "a lens and a matrix; leave one out"),
        ("distance: [0.9, 0.2]", "the smaller number first"),
        ("arc: [0, 400]", "at most 360 apart"),
        ("lense: 30", "lense"),
        ("size: large", "size"),
        ("lens: .nan", "lens"),
        ("[1, 2", "no YAML"),
        ("cameras: [{world_to_camera: [[1,0,0,0],[0,1,0,0],[0,0,2,0],[0,0,0,1]]}]", "no rotation"),
        ("cameras: [{world_to_camera: [[1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]}]", "below the fl"),
    ],
)
def test_what_is_no_rig_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "rig.yaml").write_text(text)
    with pytest.raises(OddgenError, match=words) as caught:
        settled(Request(scenes=1, rig=tmp_path / "rig.yaml"))
    assert str(caught.value).startswith(str(tmp_path / "rig.yaml"))


def test_options_win_over_the_file_and_contradictions_are_told(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    write_rig(Rig(matrix=(1.0, 1.0, 0.5, 0.5), distance=(0.5, 0.6)), path)
    settings, _ = settled(Request(scenes=1, rig=path, lens=50.0, arc=(0.0, 90.0)))
    rig = settings.render.rig
    assert rig == Rig(lens=50.0, distance=(0.5, 0.6), arc=(0.0, 90.0))
    assert settled(Request(scenes=1))[0].render.rig is None
    write_rig(FIXED, path)
    with pytest.raises(OddgenError, match="--views 5: .* has 3 fixed cameras"):
        settled(Request(scenes=1, rig=path, views=5))
    with pytest.raises(OddgenError, match="fixed cameras and distance"):
        settled(Request(scenes=1, rig=path, distance=(0.5, 0.6)))


def test_materials_are_metals_or_not() -> None:
    assert tuple(MATERIALS) == MATERIAL_NAMES
    assert {look.metallic for look in MATERIALS.values()} == {0.0, 1.0}
    assert all(0 < min(look.base_color) <= max(look.base_color) < 1 for look in MATERIALS.values())


def test_help_names_them() -> None:
    result = CliRunner().invoke(oddgen, ["generate", "--help"])
    assert "--rig" in result.output and "aluminium" in result.output
    assert "--rig" in CliRunner().invoke(oddbench, ["predict", "--help"]).output
