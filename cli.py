"""The commands `oddgen ...` and `oddbench ...`; every heavy import waits until its command runs."""

from __future__ import annotations

# ruff: noqa: E402
import sys


def _told(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """Ctrl-C that nobody catches, as while modules are imported, is one line."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    elif sys.stderr is not None:
        sys.stderr.write("Stopped.\n")


sys.excepthook = _told  # before what takes long to import

from typing import Any

import click

from benchmark.commands import (
    archives,
    loader,
    measure,
    predict,
    rig,
    robustness,
    scoring,
    shortcuts,
    study,
    train,
    train_finder,
    train_judge,
)
from benchmark.commands import inspect as bench_inspect
from benchmark.commands import similar as bench_similar
from datagen.commands import anomalies, assets, doctor, exchange, generate, inspect, schema, similar
from datagen.commands.options import Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="odd-one-out")
def oddgen() -> None:
    """Make scenes of near-identical objects in which some are odd, with labels for every pixel."""


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="odd-one-out")
def oddbench() -> None:
    """Measure: what scenes cost, and what detectors find in them."""


for command in (
    generate.generate,
    generate.merge,
    generate.remake,
    anomalies.anomalies,
    inspect.info,
    inspect.verify,
    inspect.validate,
    inspect.gallery,
    inspect.view,
    similar.similar,
    exchange.import_,
    exchange.export,
    exchange.seal,
    assets.assets,
    schema.schema,
    doctor.doctor,
):
    oddgen.add_command(command)

for command in (
    train.train,
    train_finder.train_finder,
    train_judge.train_judge,
    predict.predict,
    rig.rig,
    bench_inspect.inspect,
    scoring.score,
    scoring.compare,
    scoring.leaderboard,
    measure.rendering,
    measure.anomalies,
    bench_similar.similar,
    archives.archives,
    shortcuts.shortcuts,
    measure.model,
    loader.loader,
    robustness.robustness,
    study.study,
):
    oddbench.add_command(command)
