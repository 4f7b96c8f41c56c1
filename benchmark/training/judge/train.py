"""oddbench train-judge: cut-outs once through the encoder, then epochs on what it saw."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from benchmark.training.checkpoint import code_version
from benchmark.training.finder.files import load_finder
from benchmark.training.finder.schema import FinderFile
from benchmark.training.judge.cache import CellsCache, cells_code
from benchmark.training.judge.files import (
    LAST,
    WEIGHTS,
    JudgeCheckpoint,
    WholeDetector,
    load_judge_checkpoint,
    load_whole_detector,
    save_detector,
)
from benchmark.training.judge.measure import (
    calibrate,
    held_out_scores,
    judged_logits,
    measure_judged,
)
from benchmark.training.judge.samples import JudgeScene, judge_scene
from benchmark.training.judge.schema import (
    CellsFacts,
    DetectorFile,
    HeldOut,
    JudgeEntry,
    JudgeFacts,
    JudgeState,
    JudgeSteps,
)
from benchmark.training.run_files import save_run, weights_digest
from benchmark.training.run_folder import run_folder
from benchmark.training.split import data_checksum, split
from datagen.base.files import clear_leftovers, write_text
from datagen.base.interrupts import Interrupts
from datagen.base.progress import Progress
from datagen.base.typed import line
from datagen.dataset.reader import Dataset, with_images
from datagen.errors import OddgenError
from model.efficientnet import FrozenTrunk
from model.finder.finder import Finder
from model.judge.config import JudgeConfig
from model.judge.judge import Judge
from model.judge.losses import judge_loss

CELLS = "cells"
FEWEST_VIEWS, FEWEST_OBJECTS = 3, 3
STEEPEST = 2.0  # length of a step's gradient


@dataclass(frozen=True)
class JudgeJob:
    """What to train, on what, and where to.

    data: a dataset with images; scenes of unseen shapes are left out. finder: a run of
    train-finder. cells: folder to keep what the encoder sees, or None for one in out. scenes: use
    so many of those for training, or None for all. validation: share of the scenes held out. start:
    weights to go on from, or None for random ones.
    """

    data: Path
    finder: Path
    out: Path
    config: JudgeConfig
    steps: JudgeSteps
    cells: Path | None = None
    scenes: int | None = None
    seed: int = 0
    validation: float = 0.1
    start: Judge | None = None


def train_judge(job: JudgeJob, console: Console) -> Path:
    """Train, or go on after the last epoch; returns the detector's file.

    Raises OddgenError where something is wrong or the run was stopped.
    """
    data, (finder, told) = with_images(Dataset(job.data)), load_finder(job.finder)
    with run_folder(job.out, "epoch") as interrupts:
        run = _Training(job, data, finder, console, interrupts)
        if run.is_done(told):
            return job.out / WEIGHTS
        judge = run.run()
        whole = DetectorFile(
            "odd-one-out detector", 3, told, job.config, run.facts, run.code, run.scores
        )
        save_detector(WholeDetector(finder, judge, whole), job.out / WEIGHTS)
    return job.out / WEIGHTS


class _Training:
    """The run's moving parts."""

    def __init__(
        self,
        job: JudgeJob,
        data: Dataset,
        finder: Finder,
        console: Console,
        interrupts: Interrupts,
    ) -> None:
        self.job, self.data, self.finder = job, data, finder
        self.console, self.interrupts = console, interrupts
        parts = split(data, job.validation, job.seed)
        for note in parts.notes:
            console.print(note, markup=False, highlight=False, soft_wrap=True)
        order = np.random.default_rng([job.seed, 4]).permutation(len(parts.train))
        self.train = sorted(parts.train[index] for index in order[: job.scenes])
        self.held_out = parts.validation
        digest = weights_digest(finder.head)
        checksum = data_checksum(data)
        self.facts = JudgeFacts(
            job.seed,
            checksum,
            digest,
            len(self.train),
            len(self.held_out),
            job.steps,
            None if job.start is None else weights_digest(job.start),
        )
        self.resumed = self._last()
        sizes = job.config.largest, job.config.crop, job.config.samples
        if job.cells is None:
            clear_leftovers(job.out / CELLS)
        self.cache = CellsCache(
            job.cells or job.out / CELLS,
            CellsFacts("odd-one-out cells", 2, checksum, digest, *sizes, code=cells_code()),
        )
        self.code = code_version()
        torch.manual_seed(job.seed)
        self.judge = Judge(job.config)
        if job.start is not None:
            self.judge.load_state_dict(job.start.state_dict())
        self.averaged = AveragedModel(
            self.judge, multi_avg_fn=get_ema_multi_avg_fn(job.steps.average)
        )
        self.history: list[JudgeEntry] = []
        self.scores = HeldOut()

    def is_done(self, finder: FinderFile) -> bool:
        """Whether the detector of this very run, with this finder, is there already."""
        path = self.job.out / WEIGHTS
        if self.resumed is None or self.resumed.state.epoch < self.job.steps.epochs:
            return False
        if not path.exists():
            return False
        told = load_whole_detector(path).told
        same = told.finder.config, told.finder.facts, told.facts, told.config
        return same == (finder.config, finder.facts, self.facts, self.job.config)

    def run(self) -> Judge:
        """All epochs, from where the last checkpoint ends; the averaged weights, calibrated."""
        steps = self.job.steps
        self._look()
        optimiser = torch.optim.AdamW(self.judge.parameters(), steps.rate, weight_decay=steps.decay)
        count = steps.epochs * -(-len(self.train) // steps.batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, steps.rate, max(count, 2))
        start = 0 if self.resumed is None else self._resume(self.resumed, optimiser, schedule)
        held = [self.cache.get(name, 0) for name in self.held_out]
        averaged = self._averaged()
        with Progress(self.console, steps.epochs, start, "epochs") as progress:
            for epoch in range(start, steps.epochs):
                begun = time.monotonic()
                loss = self._epoch(epoch, optimiser, schedule)
                seconds = time.monotonic() - begun
                measured = measure_judged(*judged_logits(averaged, held)) if held else {}
                self._tell(JudgeEntry(epoch + 1, loss, seconds, measured))
                with self.interrupts.held():
                    self._keep(epoch + 1, optimiser, schedule)
                progress.advance()
        if held:
            logits, odd = judged_logits(averaged, held)
            calibrate(averaged, logits, odd)
            self.scores = held_out_scores(averaged, logits, odd)
        return averaged

    def _averaged(self) -> Judge:
        judge = self.averaged.module
        assert isinstance(judge, Judge)
        return judge

    def _look(self) -> None:
        """Every scene, and its copies, through the encoder; what is known stays."""
        trunk = FrozenTrunk()
        wanted = [(name, copy) for name in self.train for copy in range(1 + self.job.steps.copies)]
        wanted += [(name, 0) for name in self.held_out]
        missing = [item for item in wanted if not self.cache.path(*item).exists()]
        if not missing:
            return

        def look(images: Tensor) -> Tensor:
            return self.finder.silhouettes(trunk, images)

        with Progress(self.console, len(missing), 0, "scenes looked at") as progress:
            for name, copy in missing:
                number = self.data.spec(name).scene
                rng = np.random.default_rng([number, copy]) if copy else None
                scene = judge_scene(self.data, name, trunk, look, self.job.config, rng)
                with self.interrupts.held():
                    self.cache.put(scene, name, copy)
                progress.advance()

    def _epoch(self, epoch: int, optimiser: Any, schedule: Any) -> float:
        """Mean loss of a scene; order, copies, views and cells are a function of seed and epoch."""
        steps, losses = self.job.steps, []
        rng = np.random.default_rng([self.job.seed, 5, epoch])
        torch.manual_seed(int(rng.integers(1 << 31)))
        self.judge.train()
        order = rng.permutation(len(self.train))
        for begin in range(0, len(order), steps.batch):
            batch = [self._drawn(self.train[index], rng) for index in order[begin:][: steps.batch]]
            optimiser.zero_grad()
            losses += [self._backward(scene, len(batch)) for scene in batch]
            nn.utils.clip_grad_norm_(self.judge.parameters(), STEEPEST)
            optimiser.step()
            schedule.step()
            self.averaged.update_parameters(self.judge)
        return float(np.mean(losses))

    def _drawn(self, name: str, rng: np.random.Generator) -> JudgeScene:
        scene = self.cache.get(name, int(rng.integers(1 + self.job.steps.copies)))
        available = scene.cells.views
        count = int(rng.integers(min(FEWEST_VIEWS, available), available + 1))
        views = np.sort(rng.permutation(available)[:count]).tolist()
        objects = scene.cells.objects
        if objects > FEWEST_OBJECTS and rng.uniform() < self.job.steps.fewer:
            count = int(rng.integers(FEWEST_OBJECTS, objects + 1))
            scene = scene.of_objects(np.sort(rng.permutation(objects)[:count]).tolist())
        return scene.drawn(views, self.job.steps.cells, rng)

    def _backward(self, scene: JudgeScene, count: int) -> float:
        judged = self.judge(scene.cells)
        loss = judge_loss(judged, scene.cells, scene.targets)
        (loss / count).backward()
        return float(loss.detach())

    def _tell(self, entry: JudgeEntry) -> None:
        self.history.append(entry)
        measured = "".join(f", {name} {value:.3f}" for name, value in entry.measured.items())
        self.console.print(
            f"epoch {entry.epoch}: loss {entry.loss:.4f}{measured}, {entry.seconds:.0f} s",
            highlight=False,
            soft_wrap=True,
        )

    def _keep(self, epoch: int, optimiser: Any, schedule: Any) -> None:
        state = JudgeState(self.job.config, self.facts, self.code, epoch, tuple(self.history))
        checkpoint = JudgeCheckpoint(
            state,
            self.judge.state_dict(),
            self.averaged.state_dict(),
            optimiser.state_dict(),
            schedule.state_dict(),
        )
        save_run(checkpoint, self.job.out / LAST)
        text = "".join(line(entry) for entry in self.history)
        write_text(self.job.out / "history.jsonl", text)

    def _last(self) -> JudgeCheckpoint | None:
        """The last checkpoint of this very run, if there is one."""
        path = self.job.out / LAST
        if not path.exists():
            return None
        checkpoint = load_judge_checkpoint(path)
        if (checkpoint.state.config, checkpoint.state.facts) != (self.job.config, self.facts):
            raise OddgenError(
                f"{path}: is of a run with other options or data; give the same ones to go on with "
                "it, or another --out."
            )
        return checkpoint

    def _resume(self, checkpoint: JudgeCheckpoint, optimiser: Any, schedule: Any) -> int:
        """Load all that the checkpoint holds; returns how many epochs are done."""
        self.judge.load_state_dict(checkpoint.model)
        self.averaged.load_state_dict(checkpoint.averaged)
        optimiser.load_state_dict(checkpoint.optimiser)
        schedule.load_state_dict(checkpoint.schedule)
        self.history = list(checkpoint.state.history)
        return checkpoint.state.epoch
