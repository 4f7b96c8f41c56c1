"""oddbench rig: what a capture tells of the cameras that took it."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.commands.common import PlaneType, needs_torch
from datagen.commands.options import Command, FloatRange, one_sentence


@click.command("rig", cls=Command)
@click.argument("capture", type=click.Path(path_type=Path))
@click.option("--floor", type=PlaneType(), help="In the capture's coordinates [found].")
@click.option("--scale", type=FloatRange(1e-9), help="Metres in a unit [from the cameras].")
@click.option("--out", type=click.Path(path_type=Path), default=Path("rig.yaml"), show_default=True)
@one_sentence
def rig(capture: Path, floor: tuple[float, ...] | None, scale: float | None, out: Path) -> None:
    """Write the cameras, light and object size of CAPTURE to rig.yaml.

    oddgen generate --rig makes scenes as these cameras would see them; oddbench predict --rig
    takes folders with one photograph of each of them, in the order of their names.
    """
    needs_torch()
    from benchmark.capture.rig import placed_for_rig, rig_of
    from benchmark.detectors.interface import Observation
    from benchmark.training.judge.detector import shipped
    from datagen.dataset.rig_file import write_rig

    detector = shipped()
    placed = placed_for_rig(capture, detector.image_size, floor, scale)
    seen = Observation(
        placed.rgb, placed.intrinsics, placed.world_to_camera, silhouettes=placed.silhouettes
    )
    found = rig_of(placed, detector.look(seen).found.boxes.double().numpy())
    write_rig(found, out)
    size = "objects' size not found" if found.size is None else f"objects {found.size[0]:.2f} m"
    click.echo(f"{len(placed.photos)} cameras, {size}, {found.exposure:+.1f} stops", err=True)
    click.echo(f"next: oddgen generate --rig {out} --source folder --assets PART ...", err=True)
    click.echo(out)
