"""ATTRIBUTION.md: each thing that is in scenes, once, under its terms; wherever the data go."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import trimesh
from click.testing import CliRunner

from cli import oddgen
from datagen.dataset.attribution import FILE, Terms, works_of, write_attribution
from datagen.dataset.reader import Dataset
from datagen.exchange.published.exporter import export_published
from datagen.run.generate import generate
from datagen.run.pool import run_local
from tests.support.runs import copy_of, tiny_settings
from tests.support.specs import some_spec


def test_works_are_told_once_and_unknown_ones_by_file() -> None:
    first, second, third = (some_spec(k, name, [None]) for k, name in enumerate("aab"))
    unknown = replace(third.shape, licence="not stated (user's file)", provenance="in/b.stl")
    authored = replace(second.hdri, licence="CC-BY-4.0", author="Ada", origin="https://x.org")
    works = works_of(
        [first, replace(second, hdri=authored), replace(third, shape=unknown, hdri=authored)]
    )
    assert [(entry.kind, entry.terms, entry.names) for entry in works] == [
        ("shapes", Terms("CC0-1.0", "", "a test"), ("a",)),
        ("shapes", Terms("unknown: in/b.stl"), ("b",)),
        ("floors", Terms("CC0-1.0", "", "grey"), ("grey",)),
        ("HDRIs", Terms("CC-BY-4.0", "Ada", "https://x.org"), ("none",)),
        ("HDRIs", Terms("CC0-1.0", "", "none"), ("none",)),
    ]


def test_a_run_of_licensed_files_and_its_exports(tmp_path: Path) -> None:
    """Added after the first run, the licence is there after the next, and so in the export."""
    parts = tmp_path / "parts" / "bell"
    parts.mkdir(parents=True)
    box = trimesh.creation.box((1, 2, 3))
    box.export(parts / "bell.stl")
    (parts / "bell_attribution.txt").write_text(
        "author: Ada | Lund\nlicense: CC-BY-4.0\nsource: https://x.org/bell\n"
    )
    settings = tiny_settings(
        source="folder", assets=str(parts.parent), anomalies=("bend",), normal_share=1.0
    )
    out, engine = tmp_path / "out", partial(run_local, workers=1)
    assert generate(settings, 1, out, tmp_path / "cache", engine).made == 1
    page = (out / FILE).read_text()
    assert "| CC-BY-4.0 | Ada \\| Lund | https://x.org/bell | bell/bell.stl |" in page
    assert "| CC0-1.0 | Odd-One-Out | built-in | " in page and "Greg Zaal, Poly Haven" in page
    (spec,) = (Dataset(out).spec(name) for name in Dataset(out).names)
    assert (spec.shape.author, spec.shape.licence) == ("Ada | Lund", "CC-BY-4.0")

    (parts / "bell_attribution.txt").unlink()
    again = tmp_path / "again"
    result = CliRunner().invoke(
        oddgen, ["remake", str(out), "0", "--to", str(again), "--cache", str(tmp_path / "cache")]
    )
    assert result.exit_code == 0, result.output

    export_published(out, tmp_path / "published")
    assert (tmp_path / "published" / FILE).read_text() == page
    told = CliRunner().invoke(oddgen, ["info", str(out)]).output
    assert "shapes: CC-BY-4.0, by Ada | Lund, https://x.org/bell: bell/bell.stl" in told


def test_a_shard_that_cannot_be_read_is_told(dataset: Path, tmp_path: Path) -> None:
    out = copy_of(dataset, tmp_path / "out")
    whole = (out / FILE).read_text()
    (out / "shards" / "shard-00001.h5").write_bytes(b"no shard")
    write_attribution(out)
    page = (out / FILE).read_text()
    assert "Not complete: " in page and "shard-00001.h5" in page
    assert "Not complete" not in whole and len(whole) > 0
