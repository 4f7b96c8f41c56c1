"""--json: one JSON value on stdout, with what the table tells, and the same exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from cli import oddbench, oddgen


def told(group: Any, *words: object, status: int = 0) -> Any:
    result = CliRunner().invoke(group, [str(word) for word in (*words, "--json")])
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def test_info_and_verify(dataset: Path, tmp_path: Path) -> None:
    content = told(oddgen, "info", dataset)
    assert content["scenes"] == 4 and content["objects"] == 12 and content["failed"] == []
    assert sum(content["counts"]["anomalies"].values()) == content["anomalous"]
    assert {work["kind"] for work in content["works"]} >= {"shapes", "floors", "HDRIs"}
    assert told(oddgen, "verify", dataset) == {"in_order": True, "problems": []}
    shutil.copytree(dataset, tmp_path / "copy")
    next((tmp_path / "copy" / "shards").iterdir()).unlink()
    broken = told(oddgen, "verify", tmp_path / "copy", status=1)
    assert not broken["in_order"] and "missing" in broken["problems"][0]


def test_score_and_compare(dataset: Path, tmp_path: Path) -> None:
    for name in ("all-normal", "size-outlier"):
        asked = ["--data", str(dataset), "--split", "all"]
        shown = ["predict", *asked, "--views", "3", "--detector", name]
        made = CliRunner().invoke(oddbench, [*shown, "--out", str(tmp_path / f"{name}.jsonl")])
        assert made.exit_code == 0, made.output
        given = "--predictions", tmp_path / f"{name}.jsonl", "--draws", 100
        scores = told(oddbench, "score", *asked, *given, "--out", tmp_path / name)
        assert scores == json.loads((tmp_path / name / "scores.json").read_text())
    found = told(
        oddbench, "compare", tmp_path / "all-normal", tmp_path / "size-outlier", "--draws", 100
    )
    assert found["auc"]["a"] == 0.5
    assert abs(found["auc"]["b"] - 0.5 - found["auc"]["difference"]["value"]) < 1e-9


def test_doctor(tmp_path: Path) -> None:
    result = CliRunner().invoke(oddgen, ["doctor", "--out", str(tmp_path), "--json"])
    findings = json.loads(result.stdout)
    assert findings[0]["about"] == "Python" and {f["state"] for f in findings} <= {
        "ok", "note", "wrong"
    }  # fmt: skip
