"""`oddbench shortcuts`: cues of scenes that are not rendered; a cut-off run goes on."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from benchmark.studies import shortcuts
from cli import oddbench


def run(folder: Path, *more: str) -> tuple[int, str]:
    words = ["shortcuts", "--scenes", "10", "--cache", str(folder / "cache")]
    answer = CliRunner().invoke(oddbench, [*words, "--notes", str(folder / "notes"), *more])
    return answer.exit_code, answer.output


def test_a_cut_off_run_goes_on_and_too_little_is_one_sentence(tmp_path, monkeypatch) -> None:
    made: list[int] = []
    prepare = shortcuts.prepare_scene

    def first_ones(settings, catalog, index, journal):
        made.append(index)
        if index == 1:
            raise KeyboardInterrupt
        return prepare(settings, catalog, 0, journal)

    monkeypatch.setattr(shortcuts, "prepare_scene", first_ones)
    assert run(tmp_path)[0] != 0 and made == [0, 1]
    head, line = (tmp_path / "notes").read_text().splitlines()
    asked = json.loads(line)
    count = len(asked["labels"])
    assert json.loads(head)["seed"] == 0 and 3 <= count <= 12
    assert {len(rows) for rows in asked["cues"].values()} == {count}
    assert {"order", "visibility", "world box", "mesh size"} <= set(asked["cues"])
    assert "image bytes" not in asked["cues"], "there are no images"
    for number in range(1, 9):
        again = json.dumps(asked | {"scene": number})
        with (tmp_path / "notes").open("a") as file:
            file.write(again + "\n")
    monkeypatch.setattr(shortcuts, "prepare_scene", lambda *_: prepare(*_))
    status, output = run(tmp_path)
    assert status in (0, 1) and "10 scenes" in output
    assert status == 0 or "give more --scenes" in output
    assert run(tmp_path, "--seed", "1") == (
        1, f"Error: {tmp_path / 'notes'}: of other options; give another --notes.\n"
    )  # fmt: skip
