"""Whose a model is: what the hubs write beside their models is read, and nothing is ever fatal."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import trimesh

from datagen.files.licences import licence_name, licence_of_word
from datagen.files.rights import Rights, rights_of

SKETCHFAB = """Model Information:
* title:\tBrass bell
* source:\thttps://sketchfab.com/3d-models/brass-bell-0e8f
* author:\tAda Lund (https://sketchfab.com/ada)

Model License:
* license type:\tCC-BY-NC-4.0 (http://creativecommons.org/licenses/by-nc/4.0/)
* requirements:\tAuthor must be credited. No commercial use.
"""
PROSE = (
    "Mug by Per Holm (https://example.org/per) is licensed under Creative Commons Attribution "
    "4.0.\nhttps://example.org/mug\n"
)
MIT = "MIT License\n\nCopyright (c) 2021 Ada Lund\n\nPermission is hereby granted, free of charge"
OBJAVERSE = {
    "uri": "https://api.sketchfab.com/v3/models/8476c4",
    "uid": "8476c4",
    "license": "by-sa",
    "user": {"username": "ada", "displayName": "Ada Lund", "profileUrl": "https://x.org"},
    "viewerUrl": "https://sketchfab.com/3d-models/8476c4",
}
BELL = Rights(
    "CC-BY-NC-4.0",
    "Ada Lund (https://sketchfab.com/ada)",
    "https://sketchfab.com/3d-models/brass-bell-0e8f",
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "set" / "bell" / "bell.obj"
    path.parent.mkdir(parents=True)
    path.write_text("v 0 0 0\n")
    return path


@pytest.mark.parametrize(
    ("name", "text", "rights"),
    [
        ("bell/license.txt", SKETCHFAB, BELL),
        ("bell/bell_attribution.txt", SKETCHFAB, BELL),
        (
            "bell/bell_attribution.txt",
            PROSE,
            Rights("CC-BY-4.0", "Per Holm", "https://example.org/mug"),
        ),
        ("bell/LICENSE", MIT, Rights("MIT", "Ada Lund")),
        ("license.md", "# CC0 1.0 Universal\n", Rights("CC0-1.0")),
        ("LICENCE.txt", "Ask Ada first.\nThen use it.\n",
         Rights("as LICENCE.txt says: Ask Ada first.")),
        ("bell/metadata.json", json.dumps(OBJAVERSE),
         Rights("CC-BY-SA-4.0", "Ada Lund", "https://sketchfab.com/3d-models/8476c4")),
        ("metadata.json", json.dumps({"bell": {"author": "Ada", "license": "CC0"}}),
         Rights("CC0-1.0", "Ada")),
        ("metadata.json", json.dumps({"license": {"label": "CC Attribution-NoDerivs"}}),
         Rights("CC-BY-ND")),
        ("bell/metadata.json", "[1, 2]", Rights()),
        ("bell/metadata.json", '{"author": 7, "license": [], "uri": {}}', Rights()),
        ("bell/metadata.json", "[" * 100_000, Rights()),
        ("bell/LICENSE", "", Rights()),
        ("../LICENSE", MIT, Rights()),
    ],
)  # fmt: skip
def test_texts_beside_and_above(model: Path, name: str, text: str, rights: Rights) -> None:
    """Those above the user's folder are somebody else's."""
    root = model.parent.parent
    (root / name).write_text(text)
    assert rights_of(model, root) == rights


def test_the_nearest_counts(model: Path) -> None:
    root = model.parent.parent
    (root / "LICENSE").write_text(MIT)
    (model.parent / "metadata.json").write_text(json.dumps({"author": "Per"}))
    assert rights_of(model, root) == Rights("MIT", "Per")
    (model.parent / "bell_attribution.txt").write_text(SKETCHFAB)
    assert rights_of(model, root) == BELL


@pytest.mark.parametrize("name", ["a.glb", "a.gltf"])
def test_copyright_in_a_gltf(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    extras = {"author": "Per (https://x.org/per)", "license": "CC-BY-4.0 (http://...)"}
    for told, rights in (
        ({"copyright": "Copyright (c) 2017 Ada Lund"}, Rights(None, "Ada Lund")),
        ({"copyright": "CC0 Public domain"}, Rights("CC0-1.0", "CC0 Public domain")),
        ({"extras": extras}, Rights("CC-BY-4.0", "Per (https://x.org/per)")),
        ({"copyright": 5}, Rights()),
        ({"extras": [1]}, Rights()),
    ):
        mesh = trimesh.creation.box()

        def add(tree: dict, told: dict = told) -> None:
            tree["asset"] |= told

        mesh.export(path, **({"tree_postprocessor": add}))
        assert rights_of(path, tmp_path) == rights
    path.write_bytes(path.read_bytes()[:30])
    assert rights_of(path, tmp_path) == Rights()


def test_what_is_no_text_is_passed_over(model: Path) -> None:
    folder = model.parent
    os.mkfifo(folder / "LICENSE")
    (folder / "LICENSE.txt").mkdir()
    (folder / "bell_attribution.txt").symlink_to("nowhere")
    (folder / "metadata.json").write_bytes(b"\xff\xfe\x00")
    (folder / "license.md").write_bytes(b"\xef\xbb\xbfLicense: CC-BY 4.0, by Zo\xeb\n")
    assert rights_of(model, folder).licence == "CC-BY-4.0"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International",
         "CC-BY-NC-SA-4.0"),
        ("https://creativecommons.org/licenses/by-nd/3.0/", "CC-BY-ND-3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("Attribution 4.0 International ... CC0 Public Domain Dedication", "CC-BY-4.0"),
        ("GNU GENERAL PUBLIC LICENSE\n   Version 3, 29 June 2007", "GPL-3.0"),
        ("SPDX-License-Identifier: BSD-2-Clause", "BSD-2-Clause"),
        ("All rights reserved", None),
    ],
)  # fmt: skip
def test_licences_by_name(text: str, name: str | None) -> None:
    assert licence_name(text) == name


def test_a_licence_in_an_entry() -> None:
    assert [licence_of_word(word) for word in ("by", "by-nc-sa", "cc0", "Sketchfab  Standard")] == [
        "CC-BY-4.0",
        "CC-BY-NC-SA-4.0",
        "CC0-1.0",
        "Sketchfab Standard",
    ]
