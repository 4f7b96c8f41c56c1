"""README.md and docs/*.md speak of files, modules and names that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import odd_one_out
from tests.support.paths import DOCS, REPOSITORY

PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
ROOMS = ("anomalies", "benchmark", "datagen", "model", "odd_one_out")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE = re.compile(rf"(?<![\w/.-])(?:{'|'.join((*ROOMS, 'docs', 'tests'))})/[\w./<>*-]*[\w/>*]")
DOTTED = re.compile(rf"`((?:{'|'.join(ROOMS)})(?:\.\w+)+)(?<!\.json)[`(]")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def prose(page: Path) -> str:
    """The page without its examples."""
    return FENCED.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """What a link into the page may name, as GitHub makes it of the headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_defined(dotted: str) -> bool:
    """Whether a module, or a top-level name in one, is in the source; imports nothing."""
    words = dotted.split(".")
    for count in range(len(words), 0, -1):
        base = REPOSITORY.joinpath(*words[:count])
        for file in (base.with_suffix(".py"), base / "__init__.py"):
            if file.is_file():
                rest = words[count:]
                return not rest or rest[0] in _top_level(file)
    return False


def _top_level(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


@pages
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pages
def test_files_that_are_named_exist(page: Path) -> None:
    """`<category>` and the like stand for any name."""
    for name in FILE.findall(page.read_text()):
        pattern = re.sub(r"<\w+>", "*", name).rstrip("/")
        assert any(REPOSITORY.glob(pattern)), name


@pages
def test_modules_that_are_named_exist(page: Path) -> None:
    plugins = {"odd_one_out.anomalies", "odd_one_out.detectors"}  # groups of entry points
    for name in set(DOTTED.findall(prose(page))) - plugins:
        if name.startswith("odd_one_out."):
            assert name.split(".")[1] in odd_one_out.__all__, name
        else:
            assert is_defined(name), name


@pages
def test_examples_import_only_what_is_public(page: Path) -> None:
    for language, code in FENCED.findall(page.read_text()):
        if language != "python" or page.name == "api.md":
            continue
        for module, names in re.findall(r"^from ([\w.]+) import (.+)$", code, re.MULTILINE):
            if module.split(".")[0] in ROOMS:
                assert module == "odd_one_out", module
                assert {name.strip() for name in names.split(",")} <= set(odd_one_out.__all__)


def test_the_steps_of_the_detector_are_all_listed() -> None:
    """Every file of model/ is in one row of the table of docs/model.md."""
    table = (DOCS / "model.md").read_text().partition("| file |")[2].partition("\n\n")[0]
    cells = re.findall(r"^\|([^|]+)\|", table, re.MULTILINE)
    listed = [name for cell in cells for name in re.findall(r"`(\w+\.py)`", cell)]
    files = {path.name for path in (REPOSITORY / "model").glob("*.py")} - {"__init__.py"}
    assert sorted(listed) == sorted(files)
