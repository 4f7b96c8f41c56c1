"""oddgen schema: the JSON schemas of all that is stored as JSON, or read from others."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from datagen.commands.options import Command, one_sentence
from datagen.errors import OddgenError


@click.command("schema", cls=Command)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    default=Path("docs/schema"),
    show_default=True,
    help="Folder for <name>.schema.json.",
)
@click.option("--check", is_flag=True, help="Write nothing; tell which files are not current.")
@one_sentence
def schema(to: Path, check: bool) -> None:
    """Write the JSON schemas of specifications, indices, libraries, predictions and runs."""
    import json

    from datagen.base.files import in_words, write_text

    stale = []
    for name, content in schemas().items():
        path, text = to / f"{name}.schema.json", json.dumps(content, indent=1) + "\n"
        try:
            if path.is_file() and path.read_text(encoding="utf-8") == text:
                continue
            if not check:
                write_text(path, text)
        except OSError as error:
            raise OddgenError(
                f"{path}: {in_words(error)}; give another folder with --to."
            ) from error
        stale.append(path)
    for path in stale:
        click.echo(f"{path}: not current; run oddgen schema." if check else path)
    if check and stale:
        sys.exit(1)


def schemas() -> dict[str, dict[str, object]]:
    """The JSON schema of each kind of file, by the name of what is stored."""
    from benchmark.capture.schema import BoxesFile, TransformsFile
    from benchmark.scoring.schema import BoxLine, HeaderLine, OutcomeFile, SceneLine, ScoresFile
    from benchmark.studies.shortcuts import PreparedCues
    from benchmark.training.baselines.schema import BaselineEntry, BaselineFile, BaselineState
    from benchmark.training.clouds.schema import CloudsFacts, ReconstructionFile
    from benchmark.training.dgcnn.schema import DgcnnEntry, DgcnnFile, DgcnnState
    from benchmark.training.finder.schema import FinderEntry, FinderFile, FinderState
    from benchmark.training.judge.schema import CellsFacts, DetectorFile, JudgeEntry, JudgeState
    from benchmark.training.schema import FeatureFacts, HistoryEntry, TrainingState
    from datagen.base.typed import schema as schema_of
    from datagen.dataset.schema import DatasetIndex, SceneSpec
    from datagen.dataset.seal import HashesFile, LabelsFile
    from datagen.exchange.published.exporter import ExportRecord
    from datagen.exchange.published.splits import SplitLists
    from datagen.geometry.rig import Rig
    from datagen.look_alikes.schema import LibraryState
    from datagen.look_alikes.store import Entry
    from datagen.look_alikes.thresholds import MeasuredPair
    from datagen.run.anomaly_files import AnomaliesFile
    from datagen.validate.schema import ValidationFile
    from datagen.validate.stored import StoredFacts

    kinds: dict[str, object] = {
        "scene": SceneSpec,
        "index": DatasetIndex,
        "labels": LabelsFile,
        "seal": HashesFile,
        "shape": StoredFacts,
        "anomalies": AnomaliesFile,
        "validation": ValidationFile,
        "export": ExportRecord,
        "split": SplitLists,
        "library": LibraryState,
        "library-entry": Entry,
        "library-pair": MeasuredPair,
        "predictions-header": HeaderLine,
        "predictions-box": BoxLine,
        "predictions-scene": SceneLine,
        "outcome": OutcomeFile,
        "scores": ScoresFile,
        "boxes": BoxesFile,
        "transforms": TransformsFile,
        "training-state": TrainingState,
        "finder": FinderFile,
        "finder-history": FinderEntry,
        "finder-state": FinderState,
        "detector": DetectorFile,
        "judge-history": JudgeEntry,
        "judge-state": JudgeState,
        "cells": CellsFacts,
        "baseline": BaselineFile,
        "baseline-history": BaselineEntry,
        "baseline-state": BaselineState,
        "clouds": CloudsFacts,
        "reconstruction": ReconstructionFile,
        "cloud-baseline": DgcnnFile,
        "cloud-baseline-history": DgcnnEntry,
        "cloud-baseline-state": DgcnnState,
        "training-history": HistoryEntry,
        "teacher-features": FeatureFacts,
        "shortcuts": PreparedCues,
        "rig": Rig,
    }
    return {
        name: {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema_of(kind)}
        for name, kind in kinds.items()
    }
