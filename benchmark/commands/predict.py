"""oddbench predict: a detector's answers for datasets, single scenes and real captures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from benchmark.commands.common import SPLIT, PlaneType, needs_torch, tell_summary
from datagen.commands.options import (
    Choice,
    Command,
    FloatRange,
    IntRange,
    console,
    default_cache,
    one_sentence,
)
from datagen.errors import OddgenError
from datagen.run.request import MATERIAL_NAMES


@click.command("predict", cls=Command)
@click.argument("inputs", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--detector", help="Name of one [the trained one that comes along]; docs/your-detector.md."
)
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    help="Instead of --detector: an --out folder of oddbench train-judge or train, or its file.",
)
@click.option(
    "--finder",
    type=click.Path(path_type=Path),
    help="What finds the boxes for a detector that needs them [the one that comes along], an --out "
    "folder of oddbench train-finder.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Instead of INPUTS: a dataset to score; --out is then one .jsonl file.",
)
@SPLIT
@click.option("--views", type=IntRange(1, 500), default=5, show_default=True, help="Of a scene.")
@click.option(
    "--protocol",
    type=Choice(["predicted", "count", "true-boxes"]),
    help="What the detector is told [what it prefers].",
)
@click.option(
    "--rig",
    type=click.Path(path_type=Path),
    help="rig.yaml of fixed cameras (oddbench rig): INPUTS may be folders of photographs alone.",
)
@click.option(
    "--false-alarms",
    type=FloatRange(0, 1),
    help="Call odd at most this share of normal objects, by the detector's held-out scenes.",
)
@click.option(
    "--miss-cost",
    type=FloatRange(0),
    help="Instead: a missed odd object is as bad as so many false alarms.",
)
@click.option(
    "--heat-maps", is_flag=True, help="With --data: say where objects are odd, pixel by pixel."
)
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    help="Good pieces to compare with as well: a mesh or CAD file, a capture, or a dataset.",
)
@click.option(
    "--material",
    type=Choice(["keep", *MATERIAL_NAMES]),
    default="keep",
    show_default=True,
    help="What a CAD file of --reference is made of.",
)
@click.option(
    "--at-once",
    type=IntRange(1, 1000),
    help="Show it so many of the given boxes at a time, with --data and --protocol true-boxes.",
)
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@click.option("--floor", type=PlaneType(), help="Of a capture, in its coordinates [found].")
@click.option(
    "--scale", type=FloatRange(1e-9), help="Metres in a unit of a capture [from the cameras]."
)
@click.option(
    "--pictures",
    type=IntRange(0),
    default=20,
    show_default=True,
    help="Draw so many of the scenes.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder; with --data a file."
)
@one_sentence
def predict(
    inputs: tuple[Path, ...],
    detector: str | None,
    checkpoint: Path | None,
    finder: Path | None,
    data: Path | None,
    split: str,
    views: int,
    protocol: str | None,
    rig: Path | None,
    false_alarms: float | None,
    miss_cost: float | None,
    heat_maps: bool,
    reference: Path | None,
    material: str,
    at_once: int | None,
    cache: Path | None,
    floor: tuple[float, ...] | None,
    scale: float | None,
    pictures: int,
    out: Path,
) -> None:
    """Let a detector find the objects of INPUTS and the odd ones; the same command again goes on.

    An input is a dataset, a shard, a published scene, or a capture: a folder of photographs with
    transforms.json or a COLMAP model (docs/captures.md). Each gets OUT/NAME/verdict.html, which
    shows what is odd and where, boxes.json, verdict.csv, and pictures with green and red boxes.
    With --data instead, a file for oddbench score.
    """
    if bool(inputs) == (data is not None):
        raise OddgenError("oddbench predict: give either INPUTS or --data.")
    if at_once is not None and (data is None or protocol != "true-boxes"):
        raise OddgenError("--at-once: needs --data and --protocol true-boxes; give both.")
    if data is not None:
        _refuse_with_data(
            rig=rig, floor=floor, scale=scale, false_alarms=false_alarms, miss_cost=miss_cost
        )
    wants_boxes = protocol == "predicted" or (data is None and protocol is None)
    heat = heat_maps or data is None
    loaded = load(detector, checkpoint, finder, wants_boxes, heat)
    sample = None
    if reference is not None:
        from benchmark.inspection.reference import GoldenSample

        sample = GoldenSample(reference, material, cache or default_cache(), views)
    if data is not None:
        from benchmark.detectors.at_once import few_at_once
        from benchmark.scoring.predict import predict as run
        from datagen.dataset.reader import Dataset, is_sealed

        if sample is not None:
            from benchmark.inspection.reference import beside_rendered

            loaded = beside_rendered(loaded, sample, out.with_name(f"{out.stem}-reference"))

        if at_once is not None:
            loaded = few_at_once(loaded, at_once)
        made = run(loaded, data, split, views, out, protocol, console())
        labels = " --labels LABELS" if is_sealed(Dataset(data)) else ""
        told = f"next: oddbench score --data {data}{labels} --predictions {out} --out scores"
        click.echo(told, err=True)
        click.echo(out)
        sys.exit(1 if any(answer.failed for answer in made.answers.values()) else 0)
    from benchmark.capture.observation import ObservationRequest
    from benchmark.capture.predict import predict_inputs
    from datagen.dataset.rig_file import read_rig

    cameras = None if rig is None else read_rig(rig)
    request = ObservationRequest(views, loaded.protocol(protocol), floor, scale, cameras)
    decision, prepare = _decision(loaded, false_alarms, miss_cost), None
    if sample is not None:
        from benchmark.inspection.reference import beside_good

        prepare = beside_good(loaded, sample)
    summary = predict_inputs(
        loaded, inputs, split, request, pictures, out, console(), decision, prepare
    )
    tell_summary(summary, "scenes")
    if summary.answered:
        click.echo(f"next: open {out}/*/verdict.html; boxes.json beside it has the boxes", err=True)
        click.echo(out)
    if summary.failed:
        sys.exit(1)


def _refuse_with_data(**given: object) -> None:
    """Raises OddgenError for an option that says nothing to a file of predictions."""
    for name, value in given.items():
        if value is not None:
            raise OddgenError(
                f"--{name.replace('_', '-')}: is for INPUTS, and --data takes scores as they are; "
                "leave one of both out."
            )


def _decision(loaded: Any, false_alarms: float | None, miss_cost: float | None) -> Any:
    """From which score on an object is odd."""
    from benchmark.detectors.decision import Decision, decide

    held_out = getattr(loaded.detector, "held_out", None)
    asked = [
        name
        for name, value in (("--false-alarms", false_alarms), ("--miss-cost", miss_cost))
        if value is not None
    ]
    if len(asked) == 2:
        raise OddgenError("oddbench predict: give either --false-alarms or --miss-cost.")
    if held_out is None and asked:
        raise OddgenError(
            f"{asked[0]}: {loaded.name} keeps no scores of held-out scenes; leave it out, or use a "
            "detector of oddbench train."
        )
    if held_out is None:
        return Decision()
    return decide(held_out.odd, held_out.normal, false_alarms, miss_cost)


def load(
    detector: str | None,
    checkpoint: Path | None,
    finder: Path | None,
    wants_boxes: bool = False,
    heat: bool = False,
) -> Any:
    """The detector of one of the first two options, else the one that comes along.

    finder: finds boxes for a named detector that needs them. wants_boxes: where it is not given and
    none are to be had otherwise, the finder that comes along does; it also shows silhouettes to a
    detector that wants them. heat: whether predictions say where objects are odd, if the detector
    can.
    """
    if detector is not None and checkpoint is not None:
        raise OddgenError("oddbench predict: give either --detector or --checkpoint.")
    if detector is None:
        loaded = _trained(checkpoint, heat)
        if finder is not None and "predicted" in loaded.detector.protocols:
            raise OddgenError(
                f"--finder: finds boxes for what has none of its own, and {loaded.name} has; leave "
                "it out."
            )
    else:
        from benchmark.detectors.interface import load_detector

        loaded = load_detector(detector)
        if hasattr(loaded.detector, "heat"):
            loaded.detector.heat = heat
    if finder is not None:
        needs_torch()
        from benchmark.training.finder.detector import with_finder

        return with_finder(loaded, finder)
    offered = loaded.detector.protocols
    finds = wants_boxes and "predicted" not in offered and "true-boxes" in offered
    if finds or getattr(loaded.detector, "wants_silhouettes", False):
        needs_torch()
        from benchmark.training.judge.detector import with_shipped_finder

        return with_shipped_finder(loaded, finds)
    return loaded


def _trained(checkpoint: Path | None, heat: bool) -> Any:
    needs_torch()
    from benchmark.training.judge.detector import shipped_file
    from benchmark.training.runs import load_run

    return load_run(shipped_file() if checkpoint is None else checkpoint, heat)
