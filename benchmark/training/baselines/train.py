"""oddbench train --model: a baseline, epoch by epoch, from shards to weights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn
from torch.utils.data import DataLoader

from benchmark.training.baselines.files import LAST, WEIGHTS, BaselineCheckpoint, load_checkpoint
from benchmark.training.baselines.networks import AnyConfig, make_network
from benchmark.training.baselines.schema import (
    BaselineEntry,
    BaselineFacts,
    BaselineFile,
    BaselineState,
)
from benchmark.training.baselines.validate import moved, validate
from benchmark.training.checkpoint import code_version
from benchmark.training.epochs import (
    device_of,
    differing,
    epoch_line,
    last_is_best,
    rank,
    refuse_endless,
    refuse_other,
    set_rate,
)
from benchmark.training.run_files import save_run, save_weights
from benchmark.training.run_folder import run_folder
from benchmark.training.scenes import EpochOrder, SceneSet, as_model_input, collate
from benchmark.training.split import data_checksum, split
from datagen.base.files import write_text
from datagen.base.interrupts import Interrupts
from datagen.base.progress import Progress
from datagen.base.typed import line
from datagen.dataset.reader import Dataset, with_images


@dataclass(frozen=True)
class BaselineJob:
    """What to train, on what, and where to.

    encoder_weights: a transformers ResNet-50. validation: share of scenes held out. workers: loader
    processes. memory: bytes of decoded images to keep. device: auto or cpu.
    """

    data: Path
    out: Path
    config: AnyConfig
    encoder_weights: Path | None = None
    seed: int = 0
    validation: float = 0.1
    workers: int = 0
    memory: int = 8 << 30
    device: str = "auto"


def train_baseline(job: BaselineJob, console: Console) -> Path:
    """Train, or go on after the last whole epoch; returns the file of the best epoch's weights.

    Raises OddgenError where something is wrong or the run was stopped.
    """
    data = with_images(Dataset(job.data))
    with run_folder(job.out, "whole epoch") as interrupts:
        return _Trainer(job, data, console, interrupts).train()


class _Trainer:
    """The run's moving parts: network, optimiser, scenes, history."""

    def __init__(
        self, job: BaselineJob, data: Dataset, console: Console, interrupts: Interrupts
    ) -> None:
        self.job, self.data, self.config = job, data, job.config
        self.console, self.interrupts = console, interrupts
        self.device = device_of(job.device)
        parts = split(data, job.validation, job.seed)
        for note in parts.notes:
            console.print(note, markup=False, highlight=False, soft_wrap=True)
        weights = job.encoder_weights
        self.facts = BaselineFacts(
            job.seed,
            data_checksum(data),
            parts.train,
            parts.validation,
            str(weights.resolve()) if weights else None,
        )
        resumed = self._last()
        self.code = code_version()
        self.scenes = self._scene_set(parts.train, fixed=False)
        self.loader = self._loader(self.scenes)
        held = self._scene_set(parts.validation, fixed=True) if parts.validation else None
        self.held_out = self._loader(held) if held else None
        torch.manual_seed(job.seed)
        self.network = make_network(self.config, weights).to(self.device)
        training = self.config.training
        self.optimiser = torch.optim.AdamW(
            [weight for weight in self.network.parameters() if weight.requires_grad],
            training.learning_rate,
            weight_decay=training.decay,
        )
        self.history: list[BaselineEntry] = []
        if resumed is not None:
            self.network.load_state_dict(resumed.model)
            self.optimiser.load_state_dict(resumed.optimiser)
            self.history = list(resumed.state.history)

    def train(self) -> Path:
        """All epochs that are not done yet."""
        epochs, scenes = self.config.training.epochs, len(self.scenes)
        begin = len(self.history)
        with Progress(self.console, scenes * epochs, scenes * begin) as progress:
            for epoch in range(begin, epochs):
                learned, measured = self._learn(epoch, progress), None
                if self.held_out is not None:
                    measured = validate(self.network, self.held_out, self.job.seed, self.device)
                self.history.append(BaselineEntry(epoch + 1, learned, measured))
                with self.interrupts.held():
                    self._keep()
        return self.job.out / WEIGHTS

    def _learn(self, epoch: int, progress: Progress) -> dict[str, float]:
        """One pass over the training scenes; the mean of every loss term."""
        training = self.config.training
        self.network.train()
        self.scenes.epoch = (1, epoch)
        sums: dict[str, float] = defaultdict(float)
        for number, batch in enumerate(self.loader):
            done = (epoch + number / len(self.loader)) / training.epochs
            set_rate(self.optimiser, training.learning_rate, training.schedule, done)
            terms = self._step(batch, [self.job.seed, 4, epoch, number])
            size = len(batch["labels"])
            for key, value in terms.items():
                sums[key] += size * float(value.detach())
            for _ in range(size):
                progress.advance()
        return {key: value / len(self.scenes) for key, value in sums.items()}

    def _step(self, batch: dict[str, Tensor], seed: list[int]) -> dict[str, Tensor]:
        """The loss terms of a batch, after going down its gradient; what is drawn goes by seed."""
        state = np.random.SeedSequence(seed).generate_state(1)
        generator = torch.Generator().manual_seed(int(state[0]))
        views, targets = as_model_input(moved(batch, self.device))
        terms = self.network.loss(views, targets, generator)
        refuse_endless(
            float(terms["loss"].detach()), self.job.out, f"epoch {len(self.history) + 1}"
        )
        self.optimiser.zero_grad()
        terms["loss"].backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config.training.steepest)
        self.optimiser.step()
        return terms

    def _keep(self) -> None:
        """The best weights, then the checkpoint, which counts, then what only tells of it."""
        entry, out = self.history[-1], self.job.out
        if self._is_best():
            told = BaselineFile(
                "odd-one-out baseline", 1, self.config, self.facts, self.code, entry
            )
            save_weights({"": self.network}, told, out / WEIGHTS)
        state = BaselineState(self.config, self.facts, self.code, entry.epoch, tuple(self.history))
        checkpoint = BaselineCheckpoint(
            state, self.network.state_dict(), self.optimiser.state_dict()
        )
        save_run(checkpoint, out / LAST)
        write_text(out / "history.jsonl", "".join(line(entry) for entry in self.history))
        told_line = epoch_line(f"epoch {entry.epoch}", entry.train, entry.validation)
        self.console.print(told_line, highlight=False, soft_wrap=True)

    def _is_best(self) -> bool:
        """Whether the last epoch is that of the highest AUC, then of the lowest loss."""
        return last_is_best([rank(e.validation) for e in self.history if e.validation])

    def _last(self) -> BaselineCheckpoint | None:
        """The last checkpoint of this very run, if there is one."""
        path = self.job.out / LAST
        if not path.exists():
            return None
        checkpoint = load_checkpoint(path)
        stored = checkpoint.state
        refuse_other(
            path,
            differing(stored.facts, self.facts) + _asked_otherwise(stored.config, self.config),
        )
        return checkpoint

    def _scene_set(self, names: Iterable[str], fixed: bool) -> SceneSet:
        job, config = self.job, self.config
        augment = config.training.augment and not fixed
        return SceneSet(
            self.data,
            list(names),
            config.image,
            config.views,
            None,
            job.seed,
            job.memory,
            fixed,
            augment,
        )

    def _loader(self, scenes: SceneSet) -> DataLoader[Any]:
        return DataLoader(
            scenes,
            batch_size=self.config.training.batch,
            sampler=EpochOrder(scenes),
            num_workers=self.job.workers,
            collate_fn=collate,
            pin_memory=self.device.type == "cuda",
        )


def _asked_otherwise(stored: AnyConfig, asked: AnyConfig) -> list[str]:
    """What a user has asked for otherwise, in words."""
    if stored.kind != asked.kind:
        return ["model"]
    if stored.name != asked.name:
        return ["preset"]
    return differing(stored, asked)
