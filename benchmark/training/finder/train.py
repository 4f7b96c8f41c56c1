"""oddbench train-finder: silhouettes, then boxes from above, then a closer look; from masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn

from benchmark.training.checkpoint import code_version
from benchmark.training.finder.files import (
    LAST,
    WEIGHTS,
    FinderCheckpoint,
    load_checkpoint,
)
from benchmark.training.finder.invented import invented_scene
from benchmark.training.finder.measure import measure_found
from benchmark.training.finder.samples import (
    SilhouetteScene,
    disturbed,
    looked_at,
    masked_view,
    spoilt,
    true_scenes,
    turned,
)
from benchmark.training.finder.schema import (
    FinderEntry,
    FinderFacts,
    FinderFile,
    FinderStage,
    FinderState,
    FinderSteps,
)
from benchmark.training.run_files import save_run, save_weights, weights_digest
from benchmark.training.run_folder import run_folder
from benchmark.training.split import Split, data_checksum, split
from datagen.base.files import write_text
from datagen.base.interrupts import Interrupts
from datagen.base.progress import Progress
from datagen.base.typed import line
from datagen.dataset.reader import Dataset, with_images
from datagen.errors import OddgenError
from datagen.geometry.boxes import pairwise_iou
from model.efficientnet import FrozenTrunk
from model.finder.birds_eye import centre_loss, centre_targets, peaks
from model.finder.closer_look import closer_loss
from model.finder.config import FinderConfig
from model.finder.finder import TAPS, Finder
from model.finder.silhouettes import overlap, silhouette_loss, silhouette_targets
from model.finder.volume import Region, region_of, silhouette_volume

STAGES: tuple[FinderStage, ...] = ("silhouettes", "birds-eye", "closer-look")
KEEP_EVERY = 100  # steps between checkpoints
MEASURE_EVERY = 500
HELD_OUT_VIEWS = 40  # views that silhouettes are measured on
FEWEST_VIEWS = 3
TEST_VIEWS = 5
PREDICTED_SHARE = 0.5  # of the batches' scenes whose silhouettes the head has seen
GAIN, GAMMA = (0.75, 1.3), (0.75, 1.3)
FAINT = 0.08  # heat of the peaks that are looked at closer in training
MOST_PEAKS = 12  # of a scene, in training
LOOKED_AT_SHARE = 0.5  # of the scenes whose peaks are set right already, and are to stay
NEAR = 0.15  # overlap with an object from which on a box is set right

Looked = tuple[list[SilhouetteScene], list[SilhouetteScene], list[SilhouetteScene]]


@dataclass(frozen=True)
class FinderJob:
    """What to train, on what, and where to.

    data: a dataset with images; labels: datasets of which only labels are read. Scenes of unseen
    shapes are left out of both. validation: share of the scenes of data that is held out. start:
    weights to go on from, or None for random ones.
    """

    data: Path
    labels: tuple[Path, ...]
    out: Path
    config: FinderConfig
    steps: FinderSteps
    seed: int = 0
    validation: float = 0.1
    start: Finder | None = None


def train_finder(job: FinderJob, console: Console) -> Path:
    """Train, or go on after the last checkpoint; returns the file of weights.

    Raises OddgenError where something is wrong or the run was stopped.
    """
    data, others = with_images(Dataset(job.data)), [Dataset(path) for path in job.labels]
    with run_folder(job.out, "checkpoint") as interrupts:
        return _Training(job, data, others, console, interrupts).run()


class _Training:
    """The run's moving parts."""

    def __init__(
        self,
        job: FinderJob,
        data: Dataset,
        others: list[Dataset],
        console: Console,
        interrupts: Interrupts,
    ) -> None:
        self.job, self.console, self.interrupts = job, console, interrupts
        self.data, self.others = data, others
        self.split: Split = split(data, job.validation, job.seed)
        for note in self.split.notes:
            console.print(note, markup=False, highlight=False, soft_wrap=True)
        self.trunk = FrozenTrunk()
        self.facts = FinderFacts(
            seed=job.seed,
            data=data_checksum(self.data),
            labels=tuple(data_checksum(other) for other in self.others),
            train=len(self.split.train),
            held_out=len(self.split.validation),
            encoder=self.trunk.weights,
            steps=job.steps,
            start=None if job.start is None else weights_digest(job.start),
        )
        self.code = code_version()
        torch.manual_seed(job.seed)
        self.finder = Finder(job.config)
        if job.start is not None:
            self.finder.load_state_dict(job.start.state_dict())
        self.history: list[FinderEntry] = []
        self._looked: Looked | None = None

    def run(self) -> Path:
        """All stages, from where the last checkpoint ends."""
        path = self.job.out / LAST
        resumed = self._resumed(path) if path.exists() else None
        steps = self.job.steps
        counts = steps.head_steps, steps.ground_steps, steps.close_steps
        for stage, count in zip(STAGES, counts, strict=True):
            if resumed is not None and STAGES.index(resumed.state.stage) > STAGES.index(stage):
                continue
            self._stage(stage, count, resumed if self._is_of(resumed, stage) else None)
            resumed = None
        told = FinderFile("odd-one-out finder", 2, self.job.config, self.facts, self.code)
        save_weights({"": self.finder}, told, self.job.out / WEIGHTS)
        return self.job.out / WEIGHTS

    def _stage(self, stage: FinderStage, count: int, resumed: FinderCheckpoint | None) -> None:
        network, rate, loss, measure = self._parts(stage)
        optimiser = torch.optim.AdamW(network.parameters(), rate, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, max(count, 2))
        start = 0
        if resumed is not None:
            optimiser.load_state_dict(resumed.optimiser)
            schedule.load_state_dict(resumed.schedule)
            start = resumed.state.step
        recent: list[float] = []
        with Progress(self.console, count, start, f"steps of {stage}") as progress:
            for step in range(start, count):
                network.train()
                value = loss(np.random.default_rng([self.job.seed, STAGES.index(stage), step]))
                optimiser.zero_grad()
                value.backward()
                nn.utils.clip_grad_norm_(network.parameters(), 5.0)
                optimiser.step()
                schedule.step()
                recent.append(float(value.detach()))
                done = step + 1
                if done % MEASURE_EVERY == 0 or done == count:
                    self._tell(FinderEntry(stage, done, float(np.mean(recent)), measure()))
                    recent = []
                if done % KEEP_EVERY == 0 or done == count:
                    with self.interrupts.held():
                        self._keep(stage, done, optimiser, schedule)
                progress.advance()

    def _parts(
        self, stage: FinderStage
    ) -> tuple[
        nn.Module,
        float,
        Callable[[np.random.Generator], Tensor],
        Callable[[], dict[str, float]],
    ]:
        """The network, its peak rate, the loss of a step, and what is measured now and then."""
        steps = self.job.steps
        if stage == "silhouettes":
            return self.finder.head, steps.head_rate, self._head_loss, self._head_measure
        if self._looked is None:
            self._looked = self._scenes()
        true, predicted, held = self._looked
        closer = stage == "closer-look"

        def loss(rng: np.random.Generator) -> Tensor:
            one = self._close_loss if closer else self._ground_loss
            return one(true, predicted, rng)

        def measure() -> dict[str, float]:
            return measure_found(self.finder, held, TEST_VIEWS)

        if closer:
            self.finder.eval()
            return self.finder.closer_look, steps.close_rate, loss, measure
        return self.finder.birds_eye, steps.ground_rate, loss, measure

    def _head_loss(self, rng: np.random.Generator) -> Tensor:
        """Of a batch of views, each perhaps flipped, spoilt and tinted."""
        names, images, instances = self.split.train, [], []
        for number in rng.integers(len(names), size=self.job.steps.head_batch):
            name = names[number]
            view = int(rng.integers(self.data.spec(name).render.views))
            found = masked_view(self.data, name, view, self.job.config.image, rng)
            flip = (-1,) if rng.uniform() < 0.5 else ()
            images.append(_tinted(found.image.float() / 255, rng).flip(flip))
            instances.append(found.instance.flip(flip))
        return silhouette_loss(
            self._logits(torch.stack(images)), silhouette_targets(torch.stack(instances))
        )

    @torch.no_grad()
    def _head_measure(self) -> dict[str, float]:
        names = self.split.validation
        if not names:
            return {}
        self.finder.eval()

        def of_view(number: int) -> float:
            name = names[number % len(names)]
            views = self.data.spec(name).render.views
            found = masked_view(self.data, name, number % views, self.job.config.image)
            logits = self._logits(found.image[None].float() / 255)
            return float(overlap(logits, silhouette_targets(found.instance[None])))

        values = [of_view(number) for number in range(HELD_OUT_VIEWS)]
        return {"silhouette_iou": float(np.mean(values))}

    def _logits(self, images: Tensor) -> Tensor:
        logits: Tensor = self.finder.head(images, self.trunk.maps(images, TAPS))
        return logits

    def _scenes(self) -> Looked:
        """With true silhouettes, made up or not; with those the head sees; the latter, held out."""
        self.finder.eval()
        size = self.job.config.image
        true = [
            scene
            for other in self.others
            for scene in true_scenes(other, split(other, 0.0, self.job.seed).train, size)
        ] + list(true_scenes(self.data, self.split.train, size))
        invented, seen = self.job.steps.invented, []
        with Progress(self.console, invented, 0, "scenes made up") as progress:
            for number in range(invented):
                true.append(invented_scene(size, self.job.seed, number))
                progress.advance()
        names = (*self.split.train, *self.split.validation)
        with Progress(self.console, len(names), 0, "scenes looked at") as progress:
            for name in names:
                seen.append(self._seen(name))
                progress.advance()
        count = len(self.split.train)
        return true, seen[:count], seen[count:]

    def _seen(self, name: str) -> SilhouetteScene:
        def look(images: Tensor) -> Tensor:
            return self.finder.silhouettes(self.trunk, images)

        return looked_at(self.data, name, self.job.config.image, look)

    def _ground_loss(
        self,
        true: Sequence[SilhouetteScene],
        predicted: Sequence[SilhouetteScene],
        rng: np.random.Generator,
    ) -> Tensor:
        """Of a batch of scenes, each with other views, another grid, mirrored and turned."""
        volumes, targets = [], []
        for _ in range(self.job.steps.ground_batch):
            volume, boxes, region = self._ground_sample(_one(true, predicted, rng), rng)
            volumes.append(volume)
            targets.append(centre_targets(boxes, region))
        return centre_loss(self.finder.birds_eye(torch.stack(volumes)), targets)

    def _seen_views(
        self, scene: SilhouetteScene, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Silhouettes, intrinsics and poses of some views, drawn anew."""
        available = len(scene.silhouettes)
        count = int(rng.integers(min(FEWEST_VIEWS, available), available + 1))
        views = np.sort(rng.permutation(available)[:count])
        silhouettes = scene.silhouettes[views].float() / 255
        if not scene.predicted:
            silhouettes = spoilt(silhouettes, rng, self.job.steps.noise)
        return silhouettes, scene.intrinsics[views], scene.world_to_camera[views]

    def _close_loss(
        self,
        true: Sequence[SilhouetteScene],
        predicted: Sequence[SilhouetteScene],
        rng: np.random.Generator,
    ) -> Tensor:
        """Of peaks of some scenes, and of their true boxes moved and resized."""
        config, losses = self.job.config, []
        for _ in range(self.job.steps.close_batch):
            scene = _one(true, predicted, rng)
            seen = self._seen_views(scene, rng)
            with torch.no_grad():
                region = region_of(seen[2], config)
                volume = silhouette_volume(*seen, config.image, region, config)
                found = peaks(self.finder.birds_eye(volume[None])[0], region, FAINT).boxes
                found = found[:MOST_PEAKS]
                if len(found) and rng.uniform() < LOOKED_AT_SHARE:
                    found = self.finder.closer_look(found, *seen, config.image).boxes
            spread = self.job.steps.moved, self.job.steps.resized
            boxes = torch.cat([found, disturbed(scene.boxes, rng, *spread)])
            overlap = torch.from_numpy(
                pairwise_iou(boxes.double().numpy(), scene.boxes.double().numpy())
            )
            best = overlap.max(dim=1)
            closer = self.finder.closer_look(boxes, *seen, config.image)
            losses.append(closer_loss(closer, scene.boxes[best.indices], best.values > NEAR))
        return torch.stack(losses).mean()

    def _ground_sample(
        self, scene: SilhouetteScene, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor, Region]:
        config = self.job.config
        silhouettes, intrinsics, poses = self._seen_views(scene, rng)
        shift = rng.uniform(-self.job.steps.shift, self.job.steps.shift, 2)
        centre = region_of(poses, config).middle + torch.from_numpy(shift).float()
        region = Region(centre, config.cells, config.cell)
        volume = silhouette_volume(silhouettes, intrinsics, poses, config.image, region, config)
        volume, boxes = turned(volume, scene.boxes, centre, rng)
        return volume, boxes, region

    def _tell(self, entry: FinderEntry) -> None:
        self.history.append(entry)
        measured = "".join(f", {name} {value:.3f}" for name, value in entry.measured.items())
        self.console.print(
            f"{entry.stage}, step {entry.step}: loss {entry.loss:.4f}{measured}",
            highlight=False,
            soft_wrap=True,
        )

    def _keep(self, stage: FinderStage, step: int, optimiser: Any, schedule: Any) -> None:
        state = FinderState(
            self.job.config, self.facts, self.code, stage, step, tuple(self.history)
        )
        checkpoint = FinderCheckpoint(
            state, self.finder.state_dict(), optimiser.state_dict(), schedule.state_dict()
        )
        save_run(checkpoint, self.job.out / LAST)
        text = "".join(line(entry) for entry in self.history)
        write_text(self.job.out / "history.jsonl", text)

    def _resumed(self, path: Path) -> FinderCheckpoint:
        """The last checkpoint of this very run, loaded into the finder."""
        checkpoint = load_checkpoint(path)
        if (checkpoint.state.config, checkpoint.state.facts) != (self.job.config, self.facts):
            raise OddgenError(
                f"{path}: is of a run with other options or data; give the same ones to go on with "
                "it, or another --out."
            )
        self.finder.load_state_dict(checkpoint.model)
        self.history = list(checkpoint.state.history)
        return checkpoint

    @staticmethod
    def _is_of(checkpoint: FinderCheckpoint | None, stage: FinderStage) -> bool:
        return checkpoint is not None and checkpoint.state.stage == stage


def _one(
    true: Sequence[SilhouetteScene],
    predicted: Sequence[SilhouetteScene],
    rng: np.random.Generator,
) -> SilhouetteScene:
    kind = predicted if rng.uniform() < PREDICTED_SHARE else true
    return kind[rng.integers(len(kind))]


def _tinted(image: Tensor, rng: np.random.Generator) -> Tensor:
    """(3, H, W) in 0..1 in other light."""
    gains = torch.from_numpy(rng.uniform(*GAIN, 3)).float().view(3, 1, 1)
    return (image ** rng.uniform(*GAMMA) * gains).clamp(0, 1)
