"""What the detector costs: parameters, operations, time and memory on a made-up scene."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from datagen.geometry.cameras import draw_ring, intrinsics, place
from model.config import DetectorConfig
from model.detector import OddOneOutNetwork
from model.losses import TrainingStep
from model.scenes import Targets, Views

REPEATS = 5
LONG = 10.0  # seconds of work that is timed once
HALF_WIDTH, HEIGHT, EDGE = 0.35, 0.2, 0.15  # metres: of the scene, and of a box


def made_up_scene(
    config: DetectorConfig, scenes: int, views: int, objects: int
) -> tuple[Views, Targets]:
    """Noise seen by the generator's cameras: costs do not depend on what is seen."""
    rng, noise = np.random.default_rng(0), torch.Generator().manual_seed(0)
    corners = np.array(
        [
            [x, y, z]
            for x in (-HALF_WIDTH, HALF_WIDTH)
            for y in (-HALF_WIDTH, HALF_WIDTH)
            for z in (0, HEIGHT)
        ]
    )
    poses = torch.from_numpy(place(draw_ring(rng, views), corners, config.image)).float()
    matrix = torch.from_numpy(intrinsics(config.image)).float()
    low = torch.rand((scenes, objects, 3), generator=noise) * (2 * HALF_WIDTH - EDGE) - HALF_WIDTH
    low[..., 2] = 0
    size, taught, features = (scenes, views), config.distillation, None
    if taught is not None:
        features = torch.randn((*size, taught.channels, taught.size, taught.size), generator=noise)
    observed = Views(
        torch.rand((*size, 3, config.image, config.image), generator=noise),
        matrix.expand(*size, 3, 3),
        poses.expand(*size, 4, 4),
    )
    targets = Targets(
        torch.rand((*size, config.image, config.image), generator=noise) > 0.9,
        features,
        torch.stack([low, low + EDGE], dim=2),
        (torch.arange(objects) == 0).float().expand(scenes, objects),
        torch.ones((scenes, objects), dtype=torch.bool),
    )
    return observed, targets


def count_parameters(config: DetectorConfig) -> dict[str, int]:
    """Of each module, and "all"."""
    counts = {
        name: sum(weight.numel() for weight in module.parameters())
        for name, module in OddOneOutNetwork(config).named_children()
    }
    return counts | {"all": sum(counts.values())}


def count_operations(config: DetectorConfig, views: int, objects: int) -> dict[str, int]:
    """Floating-point operations of one scene's inference by module, and "all".

    A multiplication and an addition count as two; convolutions and matrix products only.
    """
    detector = OddOneOutNetwork(config).eval()
    observed, targets = made_up_scene(config, 1, views, objects)
    with FlopCounterMode(display=False) as counter:
        detector.detect(observed, list(targets.boxes))
    found = {name: sum(kinds.values()) for name, kinds in counter.get_flop_counts().items()}
    modules = {name: type(module).__name__ for name, module in detector.named_children()}
    named = {name: found.get(kind, 0) for name, kind in modules.items()}
    return named | {"all": found["Global"]}


def print_cost(
    config: DetectorConfig,
    views: int | None,
    objects: int,
    training: bool,
    precision: str,
    device: str,
    scenes: int | None = None,
) -> None:
    """The table of oddbench model. scenes: of a training step, if not as configured.

    Times are medians of five after one to warm up; long ones are taken once.
    """
    count = views or config.views
    parameters, operations = count_parameters(config), count_operations(config, count, objects)
    table = Table("module", "parameters", f"GFLOP, {count} views", title=config.name)
    for name, number in parameters.items():
        table.add_row(name, f"{number:,}", f"{operations.get(name, 0) / 1e9:.2f}")
    console = Console(markup=False)
    console.print(table)
    where = torch.device("cuda" if device == "auto" and torch.cuda.is_available() else "cpu")
    name = torch.cuda.get_device_name() if where.type == "cuda" else f"CPU, {_threads()}"
    detector = OddOneOutNetwork(config).to(where).eval()
    observed, targets = _moved(made_up_scene(config, 1, count, objects), where)
    low = torch.bfloat16 if precision == "bf16" else None

    def infer() -> None:
        with torch.autocast(where.type, dtype=low, enabled=low is not None):
            detector.detect(observed, list(targets.boxes))

    console.print(f"inference, true boxes: {1e3 * _seconds(infer, where):.1f} ms a scene ({name})")
    if training:
        batch = config.training.batch if scenes is None else scenes
        step = TrainingStep(detector).train()
        observed, targets = _moved(made_up_scene(config, batch, 2 * config.views, objects), where)

        def learn() -> None:
            with torch.autocast(where.type, dtype=low, enabled=low is not None):
                loss = step(observed, targets, 2, torch.Generator().manual_seed(0))["loss"]
            loss.backward()
            step.zero_grad()

        kept = kept_for_backward(step, learn)
        seconds = _seconds(learn, where)
        console.print(
            f"training step of {batch} scene{'s' * (batch > 1)}: {seconds:.3f} s; "
            f"{kept / 1e9:.2f} GB kept for backward; {_peak(where)}"
        )


def kept_for_backward(module: nn.Module, step: Callable[[], None]) -> int:
    """Bytes that a training step keeps for its gradients at once, beside weights and buffers.

    It grows with the number of scenes, and is most of what a step needs.
    """
    known = {each.untyped_storage().data_ptr() for each in module.state_dict().values()}
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        step()
    return sum(kept.values())


def _seconds(work: Callable[[], None], device: torch.device) -> float:
    taken = []
    for _ in range(1 + REPEATS):
        start = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - start)
        if taken[0] > LONG:
            return taken[0]
    return median(taken[1:])


def _peak(device: torch.device) -> str:
    if device.type == "cuda":
        return f"peak {torch.cuda.max_memory_allocated() / 1e9:.2f} GB on the device"
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB of the process"


def _threads() -> str:
    count = torch.get_num_threads()
    return f"{count} thread{'s' if count > 1 else ''}"


def _moved(scene: tuple[Views, Targets], device: torch.device) -> tuple[Views, Targets]:
    views, targets = scene
    features = targets.features
    return (
        Views(*(value.to(device) for value in vars(views).values())),
        Targets(
            targets.masks.to(device),
            None if features is None else features.to(device),
            *(value.to(device) for value in (targets.boxes, targets.labels, targets.present)),
        ),
    )
