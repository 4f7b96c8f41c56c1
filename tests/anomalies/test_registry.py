"""The registry of anomaly types: ours as docs/anomalies.md tells of them, and other packages'."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

import anomalies
from anomalies import BUILT_IN, GROUP, load_type, load_types, type_names, type_versions
from anomalies.anomaly_type import AnomalyType
from anomalies.severity import Scale
from datagen.dataset.reader import Dataset
from datagen.errors import OddgenError
from tests.support.paths import DOCS
from tests.support.plugins import example, install, run_with

OWN = DOCS / "your-anomaly.md"
Offer = Callable[..., None]


def documented() -> dict[str, list[str]]:
    """The cells of every row of the table of types, by the type's name, without markup."""
    page = (DOCS / "anomalies.md").read_text(encoding="utf-8")
    table = page.split("## The types")[1].split("\n## ")[0]
    plain = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", table)
    rows = [
        [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        for line in plain.splitlines()
        if line.startswith("| `")
    ]
    return {row[0]: row for row in rows}


def numbers(scale: Scale) -> str:
    """As the table writes them: `.11, .15, .4, .65`."""
    values = (scale.mildest, scale.low, scale.high, scale.strongest)
    return ", ".join(f"{value:g}".removeprefix("0") for value in values)


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Offer]:
    """Has packages offer types under names and values (`other:TYPE`), and the registry look anew.

    The module `other` holds the type of docs/your-anomaly.md and what is no such type.
    """
    (tmp_path / "other.py").write_text(example(OWN, "python") + "\nNUMBER = 3\n")
    (tmp_path / "broken.py").write_text("raise RuntimeError('no licence\\nfound')\n")
    monkeypatch.syspath_prepend(tmp_path)

    def look_anew() -> None:
        anomalies._others.cache_clear()
        anomalies._loaded.cache_clear()

    def offered(*named: tuple[str, str]) -> None:
        points = tuple(EntryPoint(name, value, GROUP) for name, value in named)
        monkeypatch.setattr(
            anomalies, "entry_points", lambda group: points if group == GROUP else ()
        )
        look_anew()

    yield offered
    look_anew()


def refusal(call: Callable[[], object]) -> str:
    """The one sentence that a call answers with."""
    with pytest.raises(OddgenError) as caught:
        call()
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence[-1] in ".?"
    return sentence


def test_the_documentation_has_a_row_for_every_type() -> None:
    assert sorted(documented()) == sorted(BUILT_IN)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_row_tells_what_the_registry_says(name: str) -> None:
    kind = load_type(name)
    _, code, done, severity = documented()[name]
    assert code == kind.code
    assert kind.description.removesuffix(".") in done
    for scale in kind.scales.values():
        assert numbers(scale) in severity


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_type_lies_in_the_file_of_its_name(name: str) -> None:
    module: ModuleType = import_module(f"anomalies.types.{name}")
    assert load_type(name) is module.TYPE
    assert module.TYPE.name == name


def test_every_file_with_a_type_is_registered() -> None:
    folder = Path(anomalies.__file__).parent / "types"
    holding = [path.stem for path in folder.glob("*.py") if "\nTYPE = " in path.read_text()]
    assert sorted(holding) == sorted(BUILT_IN)


@pytest.mark.parametrize(
    ("name", "near"), [("crak", "crack"), ("fractur", "fracture"), ("lookalike", "look_alike")]
)
def test_a_near_name_is_suggested(name: str, near: str) -> None:
    told = refusal(lambda: load_type(name))
    assert told == f"{name}: no anomaly of this name; did you mean {near}?"


def test_where_no_name_is_near_all_are_told() -> None:
    told = refusal(lambda: load_type("xyz"))
    assert told == f"xyz: no anomaly of this name; choose one of {', '.join(type_names())}."


def test_a_type_of_another_package_is_found(offer: Offer) -> None:
    offer(("squeezed", "other:SQUEEZED"))
    assert type_names() == (*BUILT_IN, "squeezed")
    found = load_type("squeezed")
    assert isinstance(found, AnomalyType) and found is import_module("other").SQUEEZED
    assert list(load_types()) == [*BUILT_IN, "squeezed"]
    assert type_versions() == ("squeezed=other:SQUEEZED ",)
    assert refusal(lambda: load_type("squezed")).endswith("did you mean squeezed?")


def test_a_name_of_ours_is_taken(offer: Offer) -> None:
    offer(("crack", "other:SQUEEZED"))
    told = refusal(type_names)
    assert told.startswith("other:SQUEEZED: another anomaly is called crack already; uninstall")


def test_a_name_of_another_package_is_taken(offer: Offer) -> None:
    offer(("squeezed", "other:SQUEEZED"), ("squeezed", "third:SQUEEZED"))
    told = refusal(type_names)
    assert told.startswith("third:SQUEEZED: another anomaly is called squeezed already; uninstall")


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("squeezed", "other:NUMBER", "is no AnomalyType of that name"),
        ("flat", "other:SQUEEZED", "is no AnomalyType of that name"),
        ("squeezed", "other:MISSING", "cannot be loaded (AttributeError: "),
        ("squeezed", "nowhere:SQUEEZED", "cannot be loaded (ModuleNotFoundError: "),
        ("squeezed", "broken:SQUEEZED", "cannot be loaded (RuntimeError: no licence found)"),
    ],
)
def test_a_wrong_object_is_told(offer: Offer, name: str, value: str, wrong: str) -> None:
    offer((name, value))
    assert refusal(lambda: load_type(name)).startswith(f"{name}: {value} {wrong}")
    assert load_type("crack").name == "crack"


@pytest.mark.slow
def test_the_documented_package_works_from_anomaly_to_export(tmp_path: Path) -> None:
    site, data, cache = install(OWN, tmp_path), tmp_path / "out", tmp_path / "cache"

    def oddgen(*arguments: object) -> str:
        done = run_with(site, "oddgen", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    oddgen("anomalies", "mug", "--type", "squeezed", "--count", 1, "--out", tmp_path / "odd",
           "--cache", cache)  # fmt: skip
    [made] = json.loads((tmp_path / "odd" / "anomalies.json").read_text())["anomalies"]
    assert (made["type"], made["code"]) == ("squeezed", "sqez")
    oddgen("generate", "--source", "builtin", "--anomalies", "squeezed", "--scenes", 1,
           "--objects", 3, "--resolution", 64, "--views", 3, "--samples", 1,
           "--normal-share", 0, "--workers", 1, "--out", data, "--cache", cache)  # fmt: skip
    [name] = Dataset(data).names
    objects = Dataset(data).spec(name).objects
    assert {item.anomaly.type for item in objects if item.anomaly is not None} == {"squeezed"}
    oddgen("validate", data, "--cache", cache)
    oddgen("export", data, "--format", "coco", "--to", tmp_path / "coco")
    categories = json.dumps([
        json.loads(path.read_text()) for path in (tmp_path / "coco").rglob("*.json")
    ])  # fmt: skip
    assert "squeezed" in categories
