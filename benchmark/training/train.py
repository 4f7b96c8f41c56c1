"""oddbench train: both stages (Sec. 3.4 and A.2), from shards to checkpoints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from rich.console import Console
from torch.utils.data import DataLoader

from benchmark.training.checkpoint import (
    BEST,
    LAST,
    Checkpoint,
    code_version,
    load,
    load_detector,
    save,
)
from benchmark.training.curves import GROUPS, figures, open_events, write_events, write_history
from benchmark.training.epochs import (
    differing,
    last_is_best,
    rank,
    refuse_endless,
    refuse_other,
    set_rate,
)
from benchmark.training.features import precompute, read_facts
from benchmark.training.run_files import weights_digest
from benchmark.training.run_folder import run_folder
from benchmark.training.scenes import EpochOrder, SceneSet, as_model_input, collate
from benchmark.training.schema import HistoryEntry, RunFacts, Stage, TrainingState
from benchmark.training.split import Split, data_checksum, split
from benchmark.training.validate import gathered, validate
from datagen.base.interrupts import Interrupts
from datagen.base.progress import Progress
from datagen.dataset.reader import Dataset, with_images
from datagen.errors import OddgenError
from model.config import DetectorConfig
from model.detector import OddOneOutNetwork
from model.losses import TrainingStep
from model.teacher import load_teacher


@dataclass(frozen=True)
class TrainingJob:
    """What to train, on what, and where to.

    teacher: DINOv2 weights; needed where config distils and features are not there yet.
    features: the file of teacher features [OUT/features.h5]. encoder_weights: a transformers
    ResNet-50. validation: share of scenes held out. workers: loader processes. memory: bytes of
    decoded images to keep. precision: no or bf16. start: a checkpoint whose weights to go on
    from, or None for random ones.
    """

    data: Path
    out: Path
    config: DetectorConfig
    teacher: Path | None = None
    features: Path | None = None
    encoder_weights: Path | None = None
    seed: int = 0
    validation: float = 0.1
    workers: int = 0
    memory: int = 8 << 30
    precision: str = "no"
    cpu: bool = False
    start: Path | None = None


@dataclass(frozen=True)
class TrainingRun:
    """A job made ready: its scenes and the facts that a checkpoint must agree with."""

    job: TrainingJob
    dataset: Dataset
    split: Split
    features: Path | None
    facts: RunFacts


def train(job: TrainingJob, console: Console) -> Path:
    """Train, or go on after the last whole epoch; returns the best checkpoint.

    Under `accelerate launch` all processes work on one run; the batch of the configuration is
    each process's own. Raises OddgenError where something is wrong or the run was stopped.
    """
    accelerator = Accelerator(
        cpu=job.cpu,
        mixed_precision=job.precision,
        # Stage 1 gives the matching module no gradient.
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
    )
    if not accelerator.is_main_process:
        console = Console(quiet=True, markup=False)
    with run_folder(job.out, "whole epoch", alone=accelerator.is_main_process) as interrupts:
        run = _prepare(job, accelerator, console)
        return _Trainer(run, accelerator, console, interrupts).train()


def _prepare(job: TrainingJob, accelerator: Accelerator, console: Console) -> TrainingRun:
    """Split the scenes and have the teacher's features at hand."""
    dataset = with_images(Dataset(job.data))
    chosen = split(dataset, job.validation, job.seed)
    for note in chosen.notes:
        console.print(note, markup=False, highlight=False, soft_wrap=True)
    checksum = data_checksum(dataset)
    features = None
    if job.config.distillation is not None:
        features = job.features or job.out / "features.h5"
        if job.teacher is None and not features.exists():
            raise OddgenError(
                "feature distillation needs a teacher: give --teacher a DINOv2 checkpoint such as "
                "dinov2_vits14_pretrain.pth, or train without it: --no-distillation."
            )
        if accelerator.is_main_process:
            _precompute(job, dataset, chosen, checksum, features, accelerator.device, console)
        accelerator.wait_for_everyone()
    facts = RunFacts(
        seed=job.seed,
        data=checksum,
        train=chosen.train,
        validation=chosen.validation,
        teacher=read_facts(features).teacher if features else None,
        encoder_weights=str(job.encoder_weights.resolve()) if job.encoder_weights else None,
        precision=job.precision,
        processes=accelerator.num_processes,
        start=None if job.start is None else weights_digest(load_detector(job.start)[0]),
    )
    return TrainingRun(job, dataset, chosen, features, facts)


def _precompute(
    job: TrainingJob,
    dataset: Dataset,
    chosen: Split,
    checksum: str,
    path: Path,
    device: torch.device,
    console: Console,
) -> None:
    assert job.config.distillation is not None
    teacher = job.teacher
    names = sorted(chosen.train + chosen.validation)
    if not path.exists():
        console.print("teacher features:", highlight=False)
    with Progress(console, len(names), 0) as progress:
        precompute(
            dataset,
            names,
            job.config.distillation,
            lambda: load_teacher(teacher or path),
            checksum,
            path,
            job.seed,
            device,
            progress.advance,
        )


class _Trainer:
    """The run's moving parts: model, optimiser, scenes, history."""

    def __init__(
        self, run: TrainingRun, accelerator: Accelerator, console: Console, interrupts: Interrupts
    ) -> None:
        self.run, self.accelerator, self.console = run, accelerator, console
        self.interrupts, self.config = interrupts, run.job.config
        self.scenes = self._scene_set(run.split.train, fixed=False)
        self.loader = self._loader(self.scenes)
        held = run.split.validation
        self.held_out = self._loader(self._scene_set(held, fixed=True)) if held else None
        self.history: list[HistoryEntry] = []
        self.code = code_version()
        torch.manual_seed(run.job.seed)
        detector = OddOneOutNetwork(self.config, run.job.encoder_weights)
        if run.job.start is not None:
            detector.load_state_dict(load_detector(run.job.start)[0].state_dict())
        self.raw = TrainingStep(detector)
        self.step = accelerator.prepare(self.raw)

    def train(self) -> Path:
        """Both stages; returns the best checkpoint, or the last where nothing was held out."""
        out, training = self.run.job.out, self.config.training
        resumed = self._resumed()
        if self.accelerator.is_main_process:
            self.events = open_events(out, len(self.history))
        start = (resumed.state.stage, resumed.state.epoch) if resumed else (1, 0)
        stages: tuple[tuple[Stage, int], ...] = (
            (1, training.pretraining_epochs),
            (2, training.epochs),
        )
        scenes = len(self.scenes)
        done = sum(scenes for _ in self.history)
        total = scenes * sum(epochs for _, epochs in stages)
        with Progress(self.console, total, done) as progress:
            for stage, epochs in stages:
                optimiser = self._optimiser(resumed if start[0] == stage else None)
                first = start[1] if start[0] == stage else 0
                for epoch in range(first if start[0] <= stage else epochs, epochs):
                    self._one_epoch(stage, epoch, optimiser, progress)
        if self.accelerator.is_main_process:
            self.events.close()
        best = out / BEST
        return best if best.exists() else out / LAST

    def _one_epoch(self, stage: Stage, epoch: int, optimiser: Any, progress: Progress) -> None:
        learned = self._learn(stage, epoch, optimiser, progress)
        measured = None
        if self.held_out is not None:
            measured = validate(self.raw, self.held_out, stage, self.run.job.seed, self.accelerator)
        entry = HistoryEntry(stage, epoch + 1, learned, measured)
        self.history.append(entry)
        if self.accelerator.is_main_process:
            with self.interrupts.held():
                self._write(entry, optimiser)
        self.accelerator.wait_for_everyone()

    def _learn(
        self, stage: int, epoch: int, optimiser: Any, progress: Progress
    ) -> dict[str, float]:
        """One pass over the training scenes; the mean of every loss term."""
        self.step.train()
        self.scenes.epoch = (stage, epoch)
        sums: dict[str, float] = defaultdict(float)
        count = 0
        for number, batch in enumerate(self.loader):
            self._set_rate(optimiser, stage, epoch + number / len(self.loader))
            step = [self.run.job.seed, 4, stage, epoch, number, self.accelerator.process_index]
            state = np.random.SeedSequence(step).generate_state(1)
            generator = torch.Generator().manual_seed(int(state[0]))
            views, targets = as_model_input(batch)
            with self.accelerator.autocast():
                terms = self.step(views, targets, stage, generator)
            loss = float(terms["loss"].detach())
            refuse_endless(loss, self.run.job.out, f"epoch {epoch + 1} of stage {stage}")
            optimiser.zero_grad()
            self.accelerator.backward(terms["loss"])
            optimiser.step()
            size = len(batch["labels"])
            count += size
            for key, value in terms.items():
                sums[key] += size * float(value.detach())
            for _ in range(size * self.accelerator.num_processes):
                if progress.done < progress.total:
                    progress.advance()
        shares = gathered([(count, dict(sums))], self.accelerator)
        seen = sum(share[0] for share in shares)
        return {key: sum(share[1][key] for share in shares) / seen for key in sums}

    def _write(self, entry: HistoryEntry, optimiser: Any) -> None:
        """Checkpoints first: what they hold is what counts."""
        out = self.run.job.out
        facts = self.run.facts
        checkpoint = Checkpoint(
            TrainingState(
                self.config, facts, self.code, entry.stage, entry.epoch, tuple(self.history)
            ),
            self.raw.detector.state_dict(),
            optimiser.state_dict(),
        )
        if self._is_best():
            save(replace(checkpoint, optimiser=None), out / BEST)
        save(checkpoint, out / LAST)
        write_events(entry, len(self.history), self.events)
        write_history(self.history, out)
        self.console.print(_line(entry), highlight=False, soft_wrap=True)

    def _is_best(self) -> bool:
        """Whether the last epoch of stage 2 has the highest AUC, then the lowest loss."""
        second = [entry.validation for entry in self.history if entry.stage == 2]
        ranks = [rank(measured, "classification") for measured in second if measured]
        return bool(ranks) and last_is_best(ranks)

    def _resumed(self) -> Checkpoint | None:
        """The last checkpoint of this very run, loaded into the model."""
        path = self.run.job.out / LAST
        if not path.exists():
            return None
        checkpoint = load(path)
        state, facts = checkpoint.state, self.run.facts
        names = differing(state.run, facts)
        refuse_other(path, names + ["configuration"] * (state.config != self.config))
        self.raw.detector.load_state_dict(checkpoint.model)
        self.history = list(state.history)
        return checkpoint

    def _optimiser(self, resumed: Checkpoint | None) -> Any:
        """Adam as in Sec. 4.2, anew in each stage."""
        rate = self.config.training.learning_rate
        optimiser = self.accelerator.prepare(torch.optim.Adam(self.step.parameters(), lr=rate))
        if resumed is not None and resumed.optimiser is not None:
            optimiser.load_state_dict(resumed.optimiser)
        return optimiser

    def _set_rate(self, optimiser: Any, stage: int, epochs_done: float) -> None:
        """The learning rate is a function of the epochs done in the stage alone."""
        training = self.config.training
        epochs = training.pretraining_epochs if stage == 1 else training.epochs
        set_rate(optimiser, training.learning_rate, training.schedule, epochs_done / epochs)

    def _scene_set(self, names: Iterable[str], fixed: bool) -> SceneSet:
        job, config = self.run.job, self.config
        return SceneSet(
            self.run.dataset,
            list(names),
            config.image,
            2 * config.views,
            self.run.features,
            job.seed,
            job.memory,
            fixed,
            config.training.augment and not fixed,
        )

    def _loader(self, scenes: SceneSet) -> Any:
        loader: DataLoader[Any] = DataLoader(
            scenes,
            batch_size=self.config.training.batch,
            sampler=EpochOrder(scenes),
            num_workers=self.run.job.workers,
            collate_fn=collate,
            pin_memory=self.accelerator.device.type == "cuda",
        )
        return self.accelerator.prepare(loader)


def _line(entry: HistoryEntry) -> str:
    parts = [f"stage {entry.stage}, epoch {entry.epoch}"]
    for group in GROUPS:
        if found := figures(entry, group):
            parts.append(f"{group}: {', '.join(f'{k} {v:.4g}' for k, v in found.items())}")
    return "; ".join(parts)
