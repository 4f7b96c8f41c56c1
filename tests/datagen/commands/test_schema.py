"""docs/schema: what the code says, and an example of every file fits its schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from anomalies.make import StoredAnomaly
from benchmark.capture.schema import BoxesFile, FoundBox, FrameFacts, TransformsFile
from benchmark.scoring.bootstrap import Estimate
from benchmark.scoring.schema import (
    BoxLine,
    HeaderLine,
    KindScores,
    OutcomeFile,
    OutcomeTable,
    RunScores,
    SceneLine,
    ScoresFile,
)
from benchmark.studies.shortcuts import PreparedCues
from benchmark.training.baselines.schema import (
    BaselineEntry,
    BaselineFacts,
    BaselineFile,
    BaselineState,
)
from benchmark.training.clouds.quality import Quality
from benchmark.training.clouds.schema import CloudsFacts, ReconstructionFile
from benchmark.training.dgcnn.schema import DgcnnEntry, DgcnnFacts, DgcnnFile, DgcnnState
from benchmark.training.finder.schema import (
    FinderEntry,
    FinderFacts,
    FinderFile,
    FinderState,
    FinderSteps,
)
from benchmark.training.judge.schema import (
    CellsFacts,
    DetectorFile,
    HeldOut,
    JudgeEntry,
    JudgeFacts,
    JudgeState,
    JudgeSteps,
)
from benchmark.training.schema import (
    CodeVersion,
    FeatureFacts,
    HistoryEntry,
    RunFacts,
    TrainingState,
)
from cli import oddgen
from datagen.base.typed import plain
from datagen.commands.schema import schemas
from datagen.dataset.schema import DatasetIndex, Failure, ShardEntry
from datagen.dataset.seal import HashesFile, LabelsFile, SceneLabels, hash_of
from datagen.exchange.published.exporter import ExportRecord
from datagen.geometry.rig import Rig, RigCamera
from datagen.look_alikes.schema import BlockEntry, IndexEntry, LibraryConfig, LibraryState
from datagen.look_alikes.store import Entry
from datagen.look_alikes.thresholds import MeasuredPair, Thresholds
from datagen.run.anomaly_files import AnomaliesFile, MadeAnomaly
from datagen.validate.report import Report, validation_file
from datagen.validate.stored import StoredFacts
from model.config import NANO
from model.detr3d.config import PRESETS as DETR3D
from model.dgcnn.config import PRESETS as DGCNN
from model.finder.config import FinderConfig
from model.imvoxelnet.config import PRESETS as IMVOXELNET
from model.judge.config import JudgeConfig
from tests.support.paths import DOCS
from tests.support.runs import tiny_settings
from tests.support.specs import some_spec

BOX = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
ROW = (1.0, 0.0, 0.0, 0.0)
CODE = CodeVersion("0.8.0", "2.13.0", None, False)
FINDER = FinderFacts(0, "ab", ("cd",), 5, 1, "EfficientNet-Lite0", FinderSteps())
JUDGE = JudgeFacts(0, "0" * 64, "1" * 64, 200, 20, JudgeSteps())
JUDGE_ENTRY = JudgeEntry(1, 2.5, 40.0, {"auc": 0.7})
CLOUDS = DgcnnFacts(0, "0" * 64, ("scene-000000",), (), ("bus", "fox"))
CLOUDS_ENTRY = DgcnnEntry(2, 1, {"loss": 0.2}, {"loss": 0.2, "auc": None, "without": 0.0})
QUALITY = Quality(0.005, 0.8, None, 0.0, 0.5)
FINDER_ENTRY = FinderEntry("birds-eye", 500, 1.5, {"found": 0.9})
AUC = Estimate(0.5, 0.4, float("nan"))
ANOMALY = StoredAnomaly("bump", "bump", 0.5, {"depth": 0.1}, {"displacement": 0.2}, {"gone": 1})
RUN = RunScores(
    name="a",
    predictions="a.jsonl",
    detector="a",
    protocol="predicted",
    views=(0, 4),
    version=None,
    data="ab",
    seconds=0.5,
    peak_bytes=7,
    missing=("scene-000001",),
    failed={"scene-000002": "ValueError"},
    unscored=0,
    figures={"auc": AUC},
    by_kind={"bump": KindScores(1, AUC, AUC)},
    by_defect_pixels={"300 or more": KindScores(1, AUC, AUC)},
    by_count={"3": {"scenes": 1, "auc": AUC}},
)
OUTCOME = OutcomeTable(
    names=("scene-000000",),
    scene=(0, 0),
    anomalous=(1, 0),
    kinds=("bump", ""),
    score=(0.5, float("nan")),
    iou=(0.8, 0.0),
    box_scene=(0,),
    box_score=(0.5,),
    box_object=(0,),
)
LABELS = SceneLabels(
    "ab" * 16, (((0.0, 0.0, 0.0), (0.1, 0.1, 0.2)),), (True,), ("bump",), (1,), ((30, 0),)
)
BASELINE = BaselineFacts(0, "ab", ("scene-000000",), (), None)
BASELINE_ENTRY = BaselineEntry(1, {"loss": 0.5}, {"loss": 0.5, "found": 0.5, "auc": None})
EXAMPLES: dict[str, Any] = {
    "scene": some_spec(0, "mug_000", ["bump", None], split="train"),
    "index": DatasetIndex(
        "odd-one-out", 1, tiny_settings(), "ab", {"numpy": "2"}, 2,
        (ShardEntry("shards/shard-00000.h5", "cd", 9, ("scene-000000",)),),
        (Failure("scene-000001", "no shape"),),
    ),
    "shape": StoredFacts("ab", 2, ("body",), ("grey",), "cd", ((0, 1),), plain(ANOMALY)),
    "anomalies": AnomaliesFile(
        "mug", 0, (MadeAnomaly("a.glb", "a.png", *vars(ANOMALY).values()),)
    ),
    "validation": validation_file(Report("out", "cache", "dataset", [], [], [], note="too few")),
    "export": ExportRecord("published", "ab", {"mug_000-001": "scene-000000"}, {"train": []}),
    "split": {"train": ["mug_000-001"], "seen-test": []},
    "library": LibraryState(
        "odd-one-out library of similar shapes", 1,
        LibraryConfig("folder", None, "z", "dinov2", "weights", None, 224, 8, 384),
        (BlockEntry("features/block-00000.h5", 9, "ab", 2),), {"a": ("key", "reason")},
        IndexEntry("flat", "lib/index.h5", 9, "cd", 2), Thresholds(0.001, 0.01, 2, 2),
    ),
    "library-entry": Entry("a.stl", "a", True, "CC0-1.0", "a file", "key", "form"),
    "library-pair": MeasuredPair("a.stl", "b.stl", True, 0.01, 0.02),
    "predictions-header": HeaderLine(
        format="odd-one-out predictions", version=1, detector="a", protocol="count", views=(0, 4)
    ),
    "predictions-box": BoxLine("scene-000000", BOX, 0.5, "masks/a.npz"),
    "predictions-scene": SceneLine("scene-000000", 0.5, 7),
    "outcome": OutcomeFile("odd-one-out scores", 1, "a", "ab", "all", "predicted", (0,), OUTCOME),
    "scores": ScoresFile("odd-one-out scores", 1, "out", "ab", "all", 1, 2, 1, 100, 0, (RUN,)),
    "boxes": BoxesFile(
        format="odd-one-out boxes", version=1, detector="a", detector_version=None,
        protocol="predicted", shown="ab", source="shelf", views=("a.jpg",), floor=ROW, scale=1.0,
        model_from_capture=(ROW, ROW, ROW, ROW), boxes=(FoundBox(0.5, True, BOX, BOX),),
    ),
    "transforms": TransformsFile(
        fl_x=40.0, frames=(FrameFacts(file_path="a.png", transform_matrix=(ROW, ROW, ROW)),)
    ),
    "training-state": TrainingState(
        NANO, RunFacts(0, "ab", ("scene-000000",), (), None, None, "no", 1),
        CODE, 1, 1,
        (HistoryEntry(1, 1, {"loss": 0.5}, None),),
    ),
    "training-history": HistoryEntry(2, 1, {"loss": 0.5}, {"auc": None, "recall": 0.5}),
    "finder": FinderFile("odd-one-out finder", 2, FinderConfig(), FINDER, CODE),
    "finder-history": FINDER_ENTRY,
    "detector": DetectorFile(
        "odd-one-out detector",
        3,
        FinderFile("odd-one-out finder", 2, FinderConfig(), FINDER, CODE),
        JudgeConfig(),
        JUDGE,
        CODE,
        HeldOut((0.5,), (0.1, 0.2)),
    ),
    "judge-history": JUDGE_ENTRY,
    "judge-state": JudgeState(JudgeConfig(), JUDGE, CODE, 1, (JUDGE_ENTRY,)),
    "cells": CellsFacts("odd-one-out cells", 2, "0" * 64, "1" * 64, 512, 192, 12, "2" * 64),
    "baseline": BaselineFile(
        "odd-one-out baseline", 1, IMVOXELNET["nano"], BASELINE, CODE, BASELINE_ENTRY
    ),
    "baseline-history": BASELINE_ENTRY,
    "baseline-state": BaselineState(DETR3D["small"], BASELINE, CODE, 1, (BASELINE_ENTRY,)),
    "clouds": CloudsFacts(
        "odd-one-out clouds", 1, "0" * 64, DGCNN["nano"].reconstruction, "2" * 64
    ),
    "reconstruction": ReconstructionFile(
        "odd-one-out reconstruction", 1, "plane-sweep", False, 20, 10, QUALITY
    ),
    "cloud-baseline": DgcnnFile(
        "odd-one-out cloud baseline", 1, DGCNN["nano"], CLOUDS, CODE, CLOUDS_ENTRY, 20, QUALITY
    ),
    "cloud-baseline-history": CLOUDS_ENTRY,
    "cloud-baseline-state": DgcnnState(DGCNN["paper"], CLOUDS, CODE, 2, 1, (CLOUDS_ENTRY,)),
    "finder-state": FinderState(
        FinderConfig(), FINDER, CODE, "silhouettes", 100, (FINDER_ENTRY,)
    ),
    "teacher-features": FeatureFacts("odd-one-out teacher features", "ab", 32, 16, "DINOv2"),
    "rig": Rig(
        matrix=(0.8, 0.8, 0.5, 0.5), cameras=(RigCamera((ROW, ROW, ROW, ROW)),), size=(0.2, 0.3)
    ),
    "labels": LabelsFile("odd-one-out labels", 1, {"scene-000000": LABELS}),
    "seal": HashesFile("odd-one-out seal", 1, {"scene-000000": hash_of(LABELS)}),
    "shortcuts": PreparedCues(0, {"order": [[0.0], [1.0]]}, [0, 1]),
}  # fmt: skip


def test_the_schemas_are_current() -> None:
    stored = {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in (DOCS / "schema").iterdir()
    }
    assert stored.keys() == schemas().keys()
    assert stored == schemas(), "run oddgen schema"


def test_every_kind_of_file_has_an_example() -> None:
    assert EXAMPLES.keys() == schemas().keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_fits_its_schema(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((DOCS / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    content = json.loads(json.dumps(plain(EXAMPLES[name]), allow_nan=False))
    assert [error.message for error in validator.iter_errors(content)] == []
    assert list(validator.iter_errors([content])), "a list of them is none"


def test_the_command_writes_them_and_tells_which_are_not_current(tmp_path: Path) -> None:
    def run(*options: str) -> tuple[int, list[str]]:
        answer = CliRunner().invoke(oddgen, ["schema", "--to", str(tmp_path / "to"), *options])
        return answer.exit_code, answer.output.splitlines()

    status, lines = run("--check")
    assert status == 1 and len(lines) == len(schemas()) and not (tmp_path / "to").exists()
    status, lines = run()
    assert status == 0 and lines == [str(tmp_path / f"to/{name}.schema.json") for name in schemas()]
    assert run("--check") == run() == (0, [])
    path = tmp_path / "to" / "index.schema.json"
    path.write_text("{}")
    assert run("--check") == (1, [f"{path}: not current; run oddgen schema."])
    (tmp_path / "file").touch()
    answer = CliRunner().invoke(oddgen, ["schema", "--to", str(tmp_path / "file")])
    assert answer.exit_code == 1 and "give another folder with --to" in answer.output
