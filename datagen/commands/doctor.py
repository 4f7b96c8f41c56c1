"""oddgen doctor: whether this machine has what a run needs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from datagen.commands.options import Command, default_cache, json_option, one_sentence, say_json

COLORS = {"ok": "green", "note": "yellow", "wrong": "red"}


@click.command(cls=Command)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("."),
    show_default=True,
    help="Where datasets shall go.",
)
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@json_option
@one_sentence
def doctor(out: Path, cache: Path | None, as_json: bool) -> None:
    """Check libraries, Blender, GPU, memory, folders and packages; what to do about each.

    Ends with 1 where something that oddgen generate needs is wrong.
    """
    from datagen.machine.doctor import examine

    findings = examine(out, cache or default_cache())
    if as_json:
        say_json(findings)
    for finding in () if as_json else findings:
        state = click.style(f"{finding.state:5}", fg=COLORS[finding.state])
        click.echo(f"{state}  {finding}")
    if any(finding.state == "wrong" for finding in findings):
        sys.exit(1)
