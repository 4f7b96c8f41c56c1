"""Plans and prepared scenes: what is drawn, what is promised of every scene, and what fails how."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from datagen.assets.floors import list_floors
from datagen.assets.hdris import list_hdris
from datagen.base.typed import parse
from datagen.dataset.schema import SceneSpec
from datagen.dataset.settings import RenderSettings, Settings
from datagen.errors import BadShape, SceneFailed
from datagen.files.rights import Rights
from datagen.geometry.cache import ShapeCache
from datagen.geometry.cameras import intrinsics, project
from datagen.geometry.shape import Material, Shape
from datagen.scenes.catalog import Catalog, open_catalog
from datagen.scenes.journal import Journal
from datagen.scenes.plan import ScenePlan, plan_scene
from datagen.scenes.scene import MINIMUM_DEFECT_SHARE, PreparedScene, make_scene, prepare_scene
from datagen.sources.builtin.builder import ShapeBuilder
from datagen.sources.ref import ShapeRef
from tests.support.runs import tiny_settings

RED, GREY = Material("red", (0.7, 0.05, 0.05)), Material("grey", (0.5, 0.5, 0.5))
SMALL = RenderSettings(samples=1, resolution=64, views=3)


class ListedSource:
    """Shapes by name, made by functions."""

    name = "listed"

    def __init__(self, makers: dict[str, Callable[[], Shape]]) -> None:
        self.makers = makers

    def refs(self) -> Sequence[ShapeRef]:
        return [
            ShapeRef(name, name, "toy", True, "CC0-1.0", "test", Path(f"{name}.obj"))
            for name in self.makers
        ]

    def problems(self) -> Sequence[str]:
        return ()

    def rights(self, ref: ShapeRef) -> Rights:
        return Rights()

    def key(self, ref: ShapeRef) -> str:
        return ref.id

    def expect(self, refs: Iterable[ShapeRef], known: Callable[[ShapeRef], bool]) -> None:
        return

    def load(self, ref: ShapeRef) -> Shape:
        return self.makers[ref.id]()


def listed(folder: Path, **makers: Callable[[], Shape]) -> Catalog:
    source = ListedSource(makers)
    floors, hdris = list_floors(None)[0], list_hdris(None)[0]
    return Catalog(
        source, ShapeCache(folder), tuple(source.refs()), tuple(floors), tuple(hdris), ()
    )


def box(*size: float, z: float = 0.0) -> trimesh.Trimesh:
    mesh = trimesh.creation.box(size)
    mesh.apply_translation((0, 0, z))
    return mesh


def built(**parts: tuple[trimesh.Trimesh, Material]) -> Shape:
    builder = ShapeBuilder()
    for name, (mesh, material) in parts.items():
        builder.add(name, mesh, material)
    return builder.build()


def one_piece() -> Shape:
    return built(body=(trimesh.creation.icosphere(3), RED))


def knobbed() -> Shape:
    return built(body=(box(1, 0.8, 0.5), RED), knob=(box(0.4, 0.3, 0.3, z=0.4), GREY))


def soled() -> Shape:
    """The only part of use is below, where nobody sees it while the thing stands."""
    return built(body=(box(1, 1, 0.95), RED), sole=(box(0.6, 0.6, 0.05, z=-0.5), GREY))


def unreadable() -> Shape:
    raise BadShape("bad.obj: breaks off; export it again.")


@pytest.fixture(scope="module")
def builtin(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return open_catalog(tiny_settings(), tmp_path_factory.mktemp("cache"))


def plans(settings: Settings, catalog: Catalog, count: int) -> list[ScenePlan]:
    return [plan_scene(settings, catalog, index, 0) for index in range(count)]


def are_odd(plan: ScenePlan) -> np.ndarray:
    """(N,) bool in the order in which the dataset lists the objects."""
    return plan.order < plan.odd


def test_counts_are_the_papers_and_the_majority_is_normal(builtin: Catalog) -> None:
    made = plans(tiny_settings(objects=None), builtin, 600)
    seen = {
        kind: Counter(len(p.order) for p in made if p.ref.kind == kind) for kind in ("toy", "part")
    }
    assert sorted(seen["toy"]) == [3, 4, 5, 6]
    assert sorted(seen["part"]) == list(range(3, 13))
    odd = Counter((len(plan.order), plan.odd) for plan in made)
    assert all(2 * count < total for total, count in odd)
    assert {count for total, count in odd if total == 6} == {0, 1, 2}
    assert all(sorted(plan.order) == list(range(len(plan.order))) for plan in made)
    assert all(0.40 <= plan.scale <= 0.41 for plan in made)
    assert all(0.7 <= plan.surroundings.hdri_strength <= 0.9 for plan in made)


def test_asked_counts_are_kept(builtin: Catalog) -> None:
    counts = Counter(len(p.order) for p in plans(tiny_settings(objects=(2, 4)), builtin, 90))
    assert sorted(counts) == [2, 3, 4]
    pairs = plans(tiny_settings(objects=(1, 2), normal_share=0.0), builtin, 30)
    assert not any(plan.odd for plan in pairs), "of two, none is the odd one"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_the_share_of_scenes_without_anomaly(builtin: Catalog, share: float) -> None:
    made = plans(tiny_settings(normal_share=share), builtin, 800)
    found = np.mean([plan.odd == 0 for plan in made])
    assert found == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 800))


def test_the_position_in_the_list_tells_nothing(builtin: Catalog) -> None:
    """Odd ones stand anywhere: chi-square over the five positions, 1 in 1,000 by chance."""
    made = plans(tiny_settings(objects=(5, 5), normal_share=0.0), builtin, 1000)
    at = np.array([are_odd(plan) for plan in made])
    assert at.sum(axis=1).min() >= 1
    expected = at.sum() / 5
    # Positions within a scene are drawn without replacement, which only lowers the statistic.
    assert ((at.sum(axis=0) - expected) ** 2 / expected).sum() < 18.5


def test_every_category_floor_and_hdri_is_drawn_alike(builtin: Catalog) -> None:
    """By category first, so that many files of one do not push out the others."""
    made = plans(tiny_settings(), builtin, 3000)
    categories = Counter(plan.ref.category for plan in made)
    assert set(categories) == {ref.category for ref in builtin.refs}
    mean = len(made) / len(categories)
    assert max(categories.values()) < mean + 6 * np.sqrt(mean)
    for drawn, all_of in (
        (Counter(plan.surroundings.floor.name for plan in made), builtin.floors),
        (Counter(plan.surroundings.hdri.name for plan in made), builtin.hdris),
    ):
        assert len(drawn) == len(all_of)
        mean = len(made) / len(all_of)
        assert max(abs(count - mean) for count in drawn.values()) < 5 * np.sqrt(mean)


def test_a_plan_is_its_seed_index_and_attempt(builtin: Catalog) -> None:
    def facts(seed: int, index: int, attempt: int) -> tuple:
        plan = plan_scene(tiny_settings(seed=seed), builtin, index, attempt)
        draws = [
            rng.random() for rng in (plan.build_rng, plan.drop_rng, plan.surroundings.floor_rng)
        ]
        return plan.ref.id, plan.scale, plan.ring.tolist(), *draws

    assert facts(0, 3, 0) == facts(0, 3, 0)
    assert len({facts(*key)[1] for key in ((0, 3, 0), (1, 3, 0), (0, 4, 0), (0, 3, 1))}) == 4


def assert_equal(first: PreparedScene, second: PreparedScene) -> None:
    np.testing.assert_array_equal(first.world_to_camera, second.world_to_camera)
    for name, values in vars(first.labels).items():
        np.testing.assert_array_equal(values, getattr(second.labels, name), err_msg=name)
    for one, other in zip(first.objects, second.objects, strict=True):
        np.testing.assert_array_equal(one.object_to_world, other.object_to_world)
        np.testing.assert_array_equal(one.shape.vertices, other.shape.vertices)
        np.testing.assert_array_equal(one.shape.face_material, other.shape.face_material)


def test_a_scene_does_not_depend_on_those_before_it_or_on_the_cache(
    builtin: Catalog, tmp_path: Path
) -> None:
    settings = tiny_settings(objects=(5, 5), render=SMALL, normal_share=0.0)
    first = prepare_scene(settings, builtin, 3, Journal())
    prepare_scene(settings, builtin, 4, Journal())
    prepare_scene(replace(settings, seed=1), builtin, 0, Journal())
    assert_equal(first, prepare_scene(settings, builtin, 3, Journal()))
    fresh = open_catalog(settings, tmp_path)
    assert_equal(first, prepare_scene(settings, fresh, 3, Journal()))
    other = prepare_scene(replace(settings, seed=1), builtin, 3, Journal())
    assert not np.array_equal(first.labels.depth, other.labels.depth)


@pytest.mark.parametrize("index", range(3))
def test_what_is_promised_of_every_scene(builtin: Catalog, index: int) -> None:
    kinds = ("bend", "twist", "bump", "missing", "material")
    settings = tiny_settings(
        objects=(6, 6), normal_share=0.0, anomalies=kinds, render=SMALL, seed=5
    )
    scene = prepare_scene(settings, builtin, index, Journal())
    anomalies = [anomaly for anomaly in scene.built.anomalies if anomaly is not None]
    assert 1 <= len(anomalies) == scene.plan.odd <= 2
    assert [anomaly is not None for anomaly in scene.built.anomalies] == are_odd(
        scene.plan
    ).tolist()
    assert len({json.dumps([one.kind, one.parameters]) for one in anomalies}) == len(anomalies)
    assert len({one.kind for one in anomalies}) == len(anomalies)
    for k, (item, anomaly) in enumerate(zip(scene.objects, scene.built.anomalies, strict=True)):
        if anomaly is None:
            assert item.shape is scene.built.normal and item.normal_shape is None
            assert not scene.labels.defect_pixels[k].any()
        else:
            assert item.shape is anomaly.shape and item.normal_shape is scene.built.normal
            assert scene.labels.defect_pixels[k].max() >= max(1, MINIMUM_DEFECT_SHARE * 64 * 64)
        assert item.world_vertices[:, 2].min() == pytest.approx(0, abs=0.001)
        for pose in scene.world_to_camera:
            pixels, depth = project(item.world_vertices, pose, intrinsics(64))
            assert pixels.min() > 0 and pixels.max() < 64 and depth.min() > 0
        assert scene.labels.visible_fraction[k].max() > 0


def test_more_odd_ones_than_types_still_differ(tmp_path: Path) -> None:
    """Three twisted ones of seven: three different twists."""
    catalog = listed(tmp_path, knobbed=knobbed)
    settings = tiny_settings(objects=(7, 7), normal_share=0.0, anomalies=("twist",), render=SMALL)
    index = next(i for i in range(50) if plan_scene(settings, catalog, i, 0).odd == 3)
    scene = prepare_scene(settings, catalog, index, Journal())
    found = [anomaly.parameters for anomaly in scene.built.anomalies if anomaly is not None]
    assert len({json.dumps(parameters) for parameters in found}) == 3


def test_bad_files_cost_no_attempt(tmp_path: Path) -> None:
    """Nine of ten files are bad, and every scene is made."""
    bad = {f"bad_{k}": unreadable for k in range(9)}
    catalog = listed(tmp_path, **bad, good=knobbed)
    journal = Journal()
    for index in range(3):
        settings = tiny_settings(render=SMALL, anomalies=("twist",))
        assert prepare_scene(settings, catalog, index, journal).plan.ref.id == "good"
    assert len(journal.bad_shapes) == journal.rejections["bad shape"] > 6
    assert set(journal.bad_shapes) == {"bad.obj: breaks off; export it again."}


def test_only_bad_files_are_a_sentence_with_the_first(tmp_path: Path) -> None:
    with pytest.raises(SceneFailed) as caught:
        prepare_scene(tiny_settings(), listed(tmp_path, bad=unreadable), 7, Journal())
    text = str(caught.value)
    assert text.startswith("scene 7: ") and "bad.obj: breaks off" in text
    assert "remove the bad files from --assets" in text and "\n" not in text


@pytest.mark.parametrize(
    ("kind", "reason"), [("missing", "no part that comes off"), ("material", "no usable part")]
)
def test_a_shape_without_parts_is_told_with_the_remedy(
    tmp_path: Path, kind: str, reason: str
) -> None:
    settings = tiny_settings(anomalies=(kind,), normal_share=0.0)
    journal = Journal()
    with pytest.raises(SceneFailed) as caught:
        prepare_scene(settings, listed(tmp_path, ball=one_piece), 0, journal)
    text = str(caught.value)
    assert journal.rejections[f"{kind}: {reason}"] == 6
    assert f"{kind}: {reason} (6x)" in text
    assert "more --anomalies or other --assets" in text and "\n" not in text


def test_a_shape_without_parts_takes_another_anomaly(tmp_path: Path) -> None:
    settings = tiny_settings(anomalies=("missing", "bump"), normal_share=0.0, render=SMALL)
    scene = prepare_scene(settings, listed(tmp_path, ball=one_piece), 0, Journal())
    assert {one.kind for one in scene.built.anomalies if one is not None} == {"bump"}


def test_a_defect_that_nobody_sees_is_no_scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standing, the sole is always hidden; lying on another side, it is not."""
    monkeypatch.setattr("datagen.scenes.scene.SHAPE_ATTEMPTS", 2)
    catalog = listed(tmp_path, soled=soled)
    settings = tiny_settings(
        anomalies=("material",), pose="upright", normal_share=0.0, render=SMALL
    )
    journal = Journal()
    with pytest.raises(SceneFailed, match=r"defect seen in no view \(20x\)"):
        prepare_scene(settings, catalog, 0, journal)
    assert journal.rejections["defect seen in no view"] == 20
    scene = prepare_scene(replace(settings, pose="drop"), catalog, 0, Journal())
    assert scene.labels.defect_pixels.max() > 0


def test_more_objects_than_fit_are_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datagen.scenes.drop.VOLUME", (0.5, 0.5, 0.64))
    monkeypatch.setattr("datagen.scenes.scene.SHAPE_ATTEMPTS", 1)
    settings = tiny_settings(objects=(6, 6), pose="upright", normal_share=1.0)
    with pytest.raises(SceneFailed) as caught:
        prepare_scene(settings, listed(tmp_path, knobbed=knobbed), 2, Journal())
    text = str(caught.value)
    assert "drop: more objects than fit (10x)" in text and "use fewer --objects" in text


def test_a_made_scene_says_what_it_was_made_from(builtin: Catalog) -> None:
    settings = tiny_settings(normal_share=0.0, render=SMALL)
    journal = Journal()
    scene = make_scene(settings, builtin, 1, journal, threads=1)
    assert scene.name == "scene-000001"
    assert scene.rgb.shape == (3, 64, 64, 3) and scene.rgb.dtype == np.uint8
    spec = parse(SceneSpec, json.dumps(scene.spec.to_json()))
    assert spec == scene.spec and spec.settings == settings
    normal = {entry.shape_key for entry in spec.objects if entry.anomaly is None}
    odd = {entry.shape_key for entry in spec.objects if entry.anomaly is not None}
    assert len(normal) == 1 and odd and not normal & odd
    assert [entry.anomaly is not None for entry in spec.objects] == [
        item.normal_shape is not None for item in scene.objects
    ]
    for entry, item in zip(spec.objects, scene.objects, strict=True):
        again = builtin.cache.get(entry.shape_key)
        np.testing.assert_array_equal(again.vertices, item.shape.vertices)
        np.testing.assert_array_equal(again.faces, item.shape.faces)
    assert journal.device and set(journal.seconds) == {
        "shape",
        "anomalies",
        "drop",
        "label",
        "render",
    }
