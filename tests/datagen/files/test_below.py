"""Folders as users have them: links are followed, and what leads nowhere or back is told."""

from __future__ import annotations

import os
from pathlib import Path

import trimesh

from datagen.files.below import TOLD, files_below
from datagen.geometry.cache import ShapeCache
from datagen.sources.open import open_source


def test_links_are_followed_and_loops_are_told_once(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "parts", tmp_path / "elsewhere" / "bolts"
    (root / "gear").mkdir(parents=True)
    elsewhere.mkdir(parents=True)
    for path in (root / "gear" / "a.stl", elsewhere / "b.stl", root / ".c.stl"):
        path.touch()
    (root / "bolts").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(root)
    (root / "gear" / "round").symlink_to("..")
    (root / "b2.stl").symlink_to(elsewhere / "b.stl")
    (root / "gone").symlink_to("nowhere")
    (root / "self").symlink_to("self")
    found = files_below(root)
    assert [path.relative_to(root).as_posix() for path in found.paths] == [
        "b2.stl",
        "bolts/b.stl",
        "gear/a.stl",
    ]
    assert found.problems == [
        f"{root}/bolts/back: leads to a folder that is read already; its files count once.",
        f"{root}/gear/round: leads to a folder that is read already; its files count once.",
        f"{root}/gone: is a link that leads nowhere; mend or remove it.",
        f"{root}/self: is a link that leads nowhere; mend or remove it.",
    ]


def test_a_linked_twin_counts_once_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "a.stl").touch()
    (tmp_path / "alias").symlink_to("z")
    found = files_below(tmp_path)
    assert found.paths == [tmp_path / "z" / "a.stl"]
    assert len(found.problems) == 1 and str(tmp_path / "alias") in found.problems[0]


def test_many_dead_links_are_few_lines(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number:02d}.stl").symlink_to("nowhere")
    problems = files_below(tmp_path).problems
    assert len(problems) == TOLD + 1 and f"{50 - TOLD} more" in problems[-1]


def test_the_folder_source_says_it(tmp_path: Path) -> None:
    root = tmp_path / "parts"
    root.mkdir()
    (tmp_path / "far").mkdir()
    trimesh.creation.box().export(tmp_path / "far" / "box.stl")
    os.mkfifo(root / "pipe.stl")
    (root / "far").symlink_to(tmp_path / "far")
    (root / "loop").symlink_to(root)
    source = open_source("folder", root, ShapeCache(tmp_path / "cache"))
    assert [ref.id for ref in source.refs()] == ["far/box.stl"]
    (problem,) = source.problems()
    assert str(root / "loop") in problem
