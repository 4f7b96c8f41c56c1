"""oddgen anomalies: the odd versions of one shape."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from datagen.commands.options import (
    AnomalyName,
    Choice,
    Command,
    IntRange,
    default_cache,
    max_faces_option,
    one_sentence,
)
from datagen.errors import OddgenError


@click.command(cls=Command)
@click.argument("shape")
@click.option(
    "--type", "kinds", multiple=True, type=AnomalyName(), help="Types (repeatable) [all]."
)
@click.option("--count", type=IntRange(1, 1000), default=4, show_default=True, help="Of each type.")
@click.option(
    "--severity",
    default="normal",
    show_default=True,
    help="subtle, normal, gross or a range such as 0.2-0.6.",
)
@click.option("--seed", type=IntRange(0), default=0, show_default=True)
@click.option("--up", type=Choice(["y", "z"]), help="Up axis of the file, if not standard.")
@max_faces_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder for all files.")
@click.option("--parameters", is_flag=True, help="Only show a built-in shape's parameters.")
@click.option(
    "--similar", type=click.Path(path_type=Path), help="Library of look-alikes (oddgen similar)."
)
@click.option("--render", is_flag=True, help="Pictures by Cycles: slower, as in a scene.")
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def anomalies(
    shape: str,
    kinds: tuple[str, ...],
    count: int,
    severity: str,
    seed: int,
    up: str | None,
    max_faces: int,
    out: Path | None,
    parameters: bool,
    similar: Path | None,
    render: bool,
    cache: Path | None,
) -> None:
    """Odd versions of one SHAPE, a mesh or CAD file or a built-in name such as mug.

    Writes them as .glb, with a before / after picture each, sheet.png of all and anomalies.json.
    """
    from anomalies import default_types, type_names
    from anomalies.severity import parse_severity
    from datagen.geometry.cache import ShapeCache
    from datagen.run.anomaly_files import make_files

    if parameters:
        _show_parameters(shape)
        return
    if out is None:
        raise OddgenError("oddgen anomalies: give --out, a folder for all files.")
    default = default_types(similar is not None or not Path(shape).exists())
    made = make_files(
        shape,
        [kind for kind in type_names() if kind in (kinds or default)],
        count,
        parse_severity(severity),
        seed,
        out,
        ShapeCache(cache or default_cache()),
        up,
        render,
        similar,
        max_faces,
    )
    for sentence in (*made.flaws, *made.inapplicable, *made.missing):
        click.echo(sentence, err=True)
    click.echo(made.written[-1])
    if made.missing:
        sys.exit(1)


def _show_parameters(shape: str) -> None:
    """What a look-alike of a built-in shape changes, with the ranges that values come from."""
    from rich.console import Console
    from rich.table import Table

    from datagen.sources.named import numbers_of

    table = Table("parameter", "value", "from", "to", title=shape)
    for name, number in numbers_of(shape).items():
        table.add_row(name, *(f"{value:.4g}" for value in (number, number.low, number.high)))
    Console(markup=False).print(table)
