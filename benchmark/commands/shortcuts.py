"""oddbench shortcuts: whether labels can be guessed without looking, of scenes without images."""

from __future__ import annotations

from pathlib import Path

import click

from datagen.commands.options import Command, IntRange, default_cache, one_sentence


@click.command("shortcuts", cls=Command)
@click.option("--scenes", type=IntRange(10, 100_000), default=300, show_default=True)
@click.option("--source", default="builtin", show_default=True)
@click.option("--assets", type=click.Path(path_type=Path), help="Of the source, where it has some.")
@click.option("--severity", default="normal", show_default=True)
@click.option("--seed", type=IntRange(0), default=0, show_default=True)
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@click.option(
    "--notes",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("shortcuts.jsonl"),
    show_default=True,
    help="A line a scene; a cut-off run goes on from them.",
)
@one_sentence
def shortcuts(
    scenes: int,
    source: str,
    assets: Path | None,
    severity: str,
    seed: int,
    cache: Path | None,
    notes: Path,
) -> None:
    """AUROC of simple classifiers on order, position, boxes, visibility, meshes and the like.

    Of scenes that are built, dropped and labelled, not rendered.
    """
    from rich.console import Console

    from anomalies import default_types
    from anomalies.severity import parse_severity
    from benchmark.studies.shortcuts import measure
    from datagen.dataset.settings import RenderSettings, Settings

    settings = Settings(
        source=source,
        assets=None if assets is None else str(assets),
        up=None,
        hdri=None,
        floors=None,
        seed=seed,
        objects=None,
        pose="drop",
        anomalies=default_types(has_look_alikes=False),
        severity=parse_severity(severity),
        normal_share=0.1,
        split="all",
        render=RenderSettings(samples=1, resolution=128, views=10),
        scenes_per_shard=1,
    )
    measure(settings, scenes, cache or default_cache(), notes, Console(width=100, markup=False))
