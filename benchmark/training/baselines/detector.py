"""A trained baseline as a detector that oddbench predict runs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmark.detectors.interface import Loaded, Observation
from benchmark.detectors.model_views import observed_views
from benchmark.detectors.predictions import Prediction
from benchmark.training.baselines.files import baseline_file, load_baseline
from model.baseline import Baseline
from model.scenes import Views


class BaselineDetector:
    """Any number of views of any size; images are resized to what the baseline was trained on."""

    protocols: Sequence[str] = ("predicted", "true-boxes")

    def __init__(self, network: Baseline, device: torch.device) -> None:
        self.network, self.device = network.to(device).eval(), device
        self.image_size = network.config.image

    def predict(self, scene: Observation) -> list[Prediction]:
        """Boxes of its own; or the given ones, each judged as Baseline.judge has it."""
        seen = observed_views(scene, self.image_size)
        views = Views(*(values.to(self.device) for values in vars(seen).values()))
        if scene.boxes is None:
            found = self.network.detect(views)[0]
            boxes, scores = found.boxes.double().cpu().numpy(), found.scores
        else:
            given = torch.from_numpy(scene.boxes).float().to(self.device)
            boxes, scores = scene.boxes, self.network.judge(views, [given])[0]
        return [Prediction(box, float(score)) for box, score in zip(boxes, scores, strict=True)]


def load_baseline_detector(path: Path, device: str = "auto") -> Loaded:
    """From a run's folder or its file; the version tells which weights, by their sum."""
    network, told = load_baseline(path)
    digest = hashlib.sha256(baseline_file(path).read_bytes()).hexdigest()[:12]
    where = torch.device("cuda" if device == "auto" and torch.cuda.is_available() else "cpu")
    version = f"{told.config.name}, {told.code.version}, weights {digest}"
    return Loaded(told.config.kind, version, BaselineDetector(network, where))
