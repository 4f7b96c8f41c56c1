"""Packages of others as the documentation shows them, installed into a folder of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path


def example(page: Path, language: str) -> str:
    """The first code block of that language on a page."""
    return re.findall(rf"```{language}\n(.+?)```", page.read_text(), re.DOTALL)[0]


def wheel_of(page: Path, folder: Path) -> Path:
    """What a build of the documented files gives; builders are not at hand without a network."""
    project = tomllib.loads(example(page, "toml"))["project"]
    groups = project["entry-points"]
    [module] = {value.split(":")[0] for group in groups.values() for value in group.values()}
    name, version = project["name"].replace("-", "_"), project["version"]
    info = f"{name}-{version}.dist-info"
    points = "".join(
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in entries.items())
        for group, entries in groups.items()
    )
    path = folder / f"{name}-{version}-py3-none-any.whl"
    files = {
        f"{module}.py": example(page, "python"),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": points,
    }
    record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in (files | {f"{info}/RECORD": record}).items():
            wheel.writestr(file, text)
    return path


def install(page: Path, folder: Path) -> Path:
    """A folder in `folder` that pip has installed the page's package into."""
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--no-index", "--no-deps", "--target", folder / "site", wheel_of(page, folder)],
        check=True,
    )  # fmt: skip
    return folder / "site"


def run_with(
    site: Path | None, command: str, *arguments: object
) -> subprocess.CompletedProcess[str]:
    """oddgen or oddbench in a process of its own, which finds what is installed in site."""
    environment = {**os.environ, "PYTHONPATH": "" if site is None else str(site)}
    return subprocess.run(
        [sys.executable, "-c", f"from cli import {command}; {command}()", *map(str, arguments)],
        capture_output=True, text=True, env=environment, check=False, timeout=300,
    )  # fmt: skip
