"""Checkpoints scored in one go: their predictions in every protocol that they can work with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmark.detectors.interface import Loaded
from benchmark.scoring.predict import predict


def predict_protocols(
    loaded: Loaded,
    name: str,
    data: Path,
    split: str,
    views: Sequence[int],
    folder: Path,
    console: Console | None = None,
) -> list[Path]:
    """FOLDER/M-views/NAME-PROTOCOL.jsonl for each number of views M and each protocol.

    What is there already is kept. Raises OddgenError as predict does.
    """
    paths = []
    for count in views:
        for protocol in loaded.detector.protocols:
            path = folder / f"{count}-views" / f"{name}-{protocol}.jsonl"
            predict(loaded, data, split, count, path, protocol, console)
            paths.append(path)
    return paths


def run_names(paths: Sequence[Path]) -> list[str]:
    """One for each checkpoint: its folder's name, or folder and file; a number where they repeat.

    runs/a gives `a`, runs/a/last.pt gives `a-last`.
    """
    names: list[str] = []
    for path in paths:
        resolved = path.resolve()
        own = resolved.name if path.is_dir() else f"{resolved.parent.name}-{resolved.stem}"
        name, number = own, 2
        while name in names:
            name, number = f"{own}-{number}", number + 1
        names.append(name)
    return names
