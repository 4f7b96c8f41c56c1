"""oddbench train --model colmap-dgcnn: clouds, then kinds, then triplets, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console

from benchmark.training.checkpoint import code_version
from benchmark.training.clouds.cache import CloudCache, CloudScene
from benchmark.training.clouds.make import make_clouds, measure_clouds, view_count
from benchmark.training.clouds.quality import Quality, mean_quality
from benchmark.training.clouds.reconstruct import ORACLE
from benchmark.training.clouds.schema import ReconstructionFile, in_words
from benchmark.training.dgcnn.files import LAST, WEIGHTS, DgcnnCheckpoint, load_checkpoint
from benchmark.training.dgcnn.samples import Batch, batched, drawn, fixed
from benchmark.training.dgcnn.schema import DgcnnEntry, DgcnnFacts, DgcnnFile, DgcnnState
from benchmark.training.dgcnn.validate import (
    calibrate,
    kind_loss,
    scene_loss,
    validate_kinds,
    validate_triplets,
)
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
from benchmark.training.schema import Stage
from benchmark.training.split import Split, data_checksum, split
from datagen.base.files import write_text
from datagen.base.interrupts import Interrupts
from datagen.base.progress import Progress
from datagen.base.typed import line, write
from datagen.dataset.reader import Dataset, with_images
from model.dgcnn.config import DgcnnConfig
from model.dgcnn.network import Dgcnn

RECONSTRUCTION = "reconstruction.json"
STEEPEST = 10.0  # length of a step's gradient


@dataclass(frozen=True)
class DgcnnJob:
    """What to train, on what, and where to.

    clouds: folder for the scenes' clouds, for several runs; OUT/clouds if None. validation: share
    of scenes held out. device: auto or cpu.
    """

    data: Path
    out: Path
    config: DgcnnConfig
    clouds: Path | None = None
    seed: int = 0
    validation: float = 0.1
    device: str = "auto"


def train_dgcnn(job: DgcnnJob, console: Console) -> Path:
    """Train, or go on after the last whole epoch or scene; returns the file of weights.

    Raises OddgenError where something is wrong or the run was stopped.
    """
    data = with_images(Dataset(job.data))
    with run_folder(job.out, "whole epoch, or scene's cloud") as interrupts:
        return _Trainer(job, data, console, interrupts).train()


class _Trainer:
    """The run's moving parts: network, optimiser, clouds, history."""

    def __init__(
        self, job: DgcnnJob, data: Dataset, console: Console, interrupts: Interrupts
    ) -> None:
        self.job, self.data, self.config = job, data, job.config
        self.console, self.interrupts = console, interrupts
        self.device = device_of(job.device)
        parts = split(data, job.validation, job.seed)
        self.kind_of = {
            name: data.spec(name).shape.category for name in parts.train + parts.validation
        }
        kinds = tuple(sorted({self.kind_of[name] for name in parts.train}))
        checksum = data_checksum(data)
        self.facts = DgcnnFacts(job.seed, checksum, parts.train, parts.validation, kinds)
        for note in (*parts.notes, *self._notes()):
            console.print(note, markup=False, highlight=False, soft_wrap=True)
        resumed = self._last()
        self.code = code_version()
        cache = CloudCache(job.clouds or job.out / "clouds", checksum, self.config.reconstruction)
        self.quality = self._clouds(cache, parts)
        self.train_set = [cache.get(name) for name in parts.train]
        self.held_out = self._fixed(
            [cache.get(name) for name in parts.validation], parts.validation
        )
        torch.manual_seed(job.seed)
        self.network = Dgcnn(self.config.network, len(kinds)).to(self.device)
        training = self.config.training
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), training.learning_rate, weight_decay=training.decay
        )
        self.history: list[DgcnnEntry] = []
        if resumed is not None:
            self.network.load_state_dict(resumed.model)
            self.optimiser.load_state_dict(resumed.optimiser)
            self.history = list(resumed.state.history)

    def train(self) -> Path:
        """All epochs that are not done yet; kinds are learnt where there are several."""
        training = self.config.training
        first = training.pretraining_epochs if len(self.facts.categories) > 1 else 0
        plan: list[tuple[Stage, int]] = [(1, epoch) for epoch in range(first)]
        plan += [(2, epoch) for epoch in range(training.epochs)]
        done = len(self.history)
        with Progress(self.console, len(plan), done, "epochs") as progress:
            for stage, epoch in plan[done:]:
                learned = self._learn(stage, epoch)
                self.history.append(DgcnnEntry(stage, epoch + 1, learned, self._validate(stage)))
                with self.interrupts.held():
                    self._keep()
                progress.advance()
        return self.job.out / WEIGHTS

    def _learn(self, stage: Stage, epoch: int) -> dict[str, float]:
        """One pass over the training scenes; the mean of the loss, and kinds told rightly."""
        training = self.config.training
        epochs = training.pretraining_epochs if stage == 1 else training.epochs
        self.network.train()
        total, right, count = 0.0, 0, 0
        batches = list(self._batches(stage, epoch))
        for number, batch in enumerate(batches):
            done = (epoch + number / len(batches)) / epochs
            set_rate(self.optimiser, training.learning_rate, training.schedule, done)
            embeddings = self.network(batch.points, batch.present)
            if stage == 1:
                loss, good, weight = kind_loss(self.network.classify(embeddings), batch)
                right += good
            else:
                loss, weight = scene_loss(embeddings, batch)
            self._step(loss)
            total, count = total + float(loss.detach()) * weight, count + weight
        means = {"loss": total / max(count, 1)}
        return means | ({"right": right / max(count, 1)} if stage == 1 else {})

    def _step(self, loss: torch.Tensor) -> None:
        refuse_endless(float(loss.detach()), self.job.out, f"epoch {len(self.history) + 1}")
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), STEEPEST)
        self.optimiser.step()

    def _batches(self, stage: Stage, epoch: int) -> Iterator[Batch]:
        """All training scenes in an order and with draws that seed, stage and epoch decide."""
        order = np.random.default_rng([self.job.seed, 2, stage, epoch]).permutation(
            len(self.train_set)
        )
        size = self.config.training.batch
        for start in range(0, len(order), size):
            chosen = order[start : start + size].tolist()
            clouds = [
                drawn(
                    self.train_set[index],
                    self.config,
                    np.random.default_rng([self.job.seed, 1, stage, epoch, index]),
                )
                for index in chosen
            ]
            odd = [self.train_set[index].odd for index in chosen]
            kinds = [self._kind(self.facts.train[index]) for index in chosen]
            yield self._moved(batched(clouds, odd, kinds, self.config))

    def _fixed(self, scenes: list[CloudScene], names: tuple[str, ...]) -> list[Batch]:
        return [
            self._moved(
                batched([fixed(scene, self.config)], [scene.odd], [self._kind(name)], self.config)
            )
            for scene, name in zip(scenes, names, strict=True)
        ]

    def _validate(self, stage: Stage) -> dict[str, float | None] | None:
        """Of held-out scenes; votes are calibrated on these, or on training scenes without any."""
        self.network.eval()
        if self.held_out:
            measure = validate_kinds if stage == 1 else validate_triplets
            return measure(self.network, self.held_out)
        if stage == 2:
            batches = self._fixed(self.train_set, self.facts.train)
            with torch.no_grad():
                embedded = [self.network(batch.points, batch.present) for batch in batches]
            calibrate(self.network, embedded, batches)
        return None

    def _keep(self) -> None:
        """The best weights, then the checkpoint, which counts, then what only tells of it."""
        entry, out = self.history[-1], self.job.out
        if entry.stage == 2 and self._is_best():
            told = DgcnnFile(
                "odd-one-out cloud baseline",
                1,
                self.config,
                self.facts,
                self.code,
                entry,
                self._views(),
                self.quality,
            )
            save_weights({"": self.network}, told, out / WEIGHTS)
        state = DgcnnState(
            self.config, self.facts, self.code, entry.stage, entry.epoch, tuple(self.history)
        )
        save_run(
            DgcnnCheckpoint(state, self.network.state_dict(), self.optimiser.state_dict()),
            out / LAST,
        )
        write_text(out / "history.jsonl", "".join(line(entry) for entry in self.history))
        head = f"{'kinds' if entry.stage == 1 else 'triplets'}, epoch {entry.epoch}"
        told_line = epoch_line(head, entry.train, entry.validation)
        self.console.print(told_line, highlight=False, soft_wrap=True)

    def _is_best(self) -> bool:
        """Whether the last epoch is that of the highest AUC, then of the lowest loss."""
        second = [e.validation for e in self.history if e.stage == 2 and e.validation]
        return last_is_best([rank(measured) for measured in second])

    def _clouds(self, cache: CloudCache, parts: Split) -> Quality | None:
        """Makes those that are missing; how good those of held-out scenes are, kept in a file."""
        config, out = self.config.reconstruction, self.job.out
        names = parts.train + parts.validation
        make_clouds(self.data, names, cache, config, self.device, self.console, self.interrupts)
        if not parts.validation:
            return None
        mean = mean_quality(measure_clouds(self.data, parts.validation, cache, config))
        oracle = config.back_end == ORACLE
        told = ReconstructionFile(
            "odd-one-out reconstruction",
            1,
            config.back_end,
            oracle,
            self._views(),
            len(parts.validation),
            mean,
        )
        write(out / RECONSTRUCTION, told, sort_keys=False)
        self.console.print(in_words(told), highlight=False, soft_wrap=True)
        return mean

    def _views(self) -> int:
        """How many of a scene's views are used, by the first training scene."""
        return view_count(self.data, self.facts.train[0], self.config.reconstruction.views)

    def _notes(self) -> Iterator[str]:
        wanted = self.config.reconstruction.views
        if self._views() < wanted:
            yield (
                f"{self.job.data}: scenes have {self._views()} views and {wanted} are wanted; "
                "clouds of few views are poor (docs/baselines.md)."
            )
        if self.config.reconstruction.back_end == ORACLE:
            yield "--reconstruction depth: an oracle, which is told the labels' depth."
        if len(self.facts.categories) < 2:
            yield f"{self.job.data}: shows one kind of thing, so there is nothing to pretrain on."

    def _last(self) -> DgcnnCheckpoint | None:
        """The last checkpoint of this very run, if there is one."""
        path = self.job.out / LAST
        if not path.exists():
            return None
        checkpoint = load_checkpoint(path)
        stored = checkpoint.state
        refuse_other(
            path, differing(stored.facts, self.facts) + differing(stored.config, self.config)
        )
        return checkpoint

    def _kind(self, name: str) -> int:
        kinds, own = self.facts.categories, self.kind_of[name]
        return kinds.index(own) if own in kinds else -1

    def _moved(self, batch: Batch) -> Batch:
        return Batch(*(values.to(self.device) for values in vars(batch).values()))
