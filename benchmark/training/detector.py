"""A trained checkpoint as a detector that oddbench predict runs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmark.detectors.interface import Loaded, Observation
from benchmark.detectors.model_views import observed_views
from benchmark.detectors.predictions import Prediction
from benchmark.training.checkpoint import checkpoint_file, load_detector
from model.detector import OddOneOutNetwork
from model.scenes import Views


class TrainedDetector:
    """Any number of views of any size; images are resized to what the detector was trained on."""

    protocols: Sequence[str] = ("predicted", "true-boxes")

    def __init__(self, detector: OddOneOutNetwork, device: torch.device) -> None:
        self.detector, self.device = detector.to(device).eval(), device
        self.image_size = detector.config.image

    def predict(self, scene: Observation) -> list[Prediction]:
        """Estimated boxes, or the given ones, each with its probability of being odd."""
        seen = observed_views(scene, self.image_size)
        views = Views(*(values.to(self.device) for values in vars(seen).values()))
        given = None
        if scene.boxes is not None:
            given = [torch.from_numpy(scene.boxes).float().to(self.device)]
        found = self.detector.detect(views, given)[0]
        boxes = found.boxes.double().cpu().numpy() if scene.boxes is None else scene.boxes
        return [
            Prediction(box, float(score)) for box, score in zip(boxes, found.scores, strict=True)
        ]


def load_trained(path: Path, device: str = "auto") -> Loaded:
    """From a run's folder or a checkpoint file; the version tells which weights, by their sum."""
    detector, checkpoint = load_detector(path)
    digest = hashlib.sha256(checkpoint_file(path).read_bytes()).hexdigest()[:12]
    config = checkpoint.state.config
    kind = f"{config.name}, {config.matching.attention} attention"
    kind += "" if config.distillation else ", no distillation"
    where = torch.device("cuda" if device == "auto" and torch.cuda.is_available() else "cpu")
    version = f"{kind}, {checkpoint.state.code.version}, weights {digest}"
    return Loaded("odd-one-out", version, TrainedDetector(detector, where))
