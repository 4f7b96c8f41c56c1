"""A trained colmap-dgcnn as a detector that oddbench predict runs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from benchmark.detectors.interface import Loaded, Observation
from benchmark.detectors.predictions import Prediction
from benchmark.training.clouds.cache import CloudScene
from benchmark.training.clouds.cloud import posed_views
from benchmark.training.clouds.reconstruct import ORACLE, reconstruct
from benchmark.training.dgcnn.files import dgcnn_file, load_dgcnn
from benchmark.training.dgcnn.samples import told_objects
from benchmark.training.dgcnn.schema import DgcnnFile
from model.dgcnn.network import Dgcnn
from model.dgcnn.votes import vote

NAME = "colmap-dgcnn"


class CloudDetector:
    """Judges given boxes by the clouds in them, each beside all others.

    needs_depth: whether it is an oracle that must be told the labels' depth.
    """

    protocols: Sequence[str] = ("true-boxes",)

    def __init__(self, network: Dgcnn, told: DgcnnFile, device: torch.device) -> None:
        self.network, self.config, self.device = network.to(device).eval(), told.config, device
        self.needs_depth = told.config.reconstruction.back_end == ORACLE
        self.image_size = told.config.reconstruction.image
        self._notes: list[str] = []
        self._fewest = self.config.reconstruction.views  # views told of so far

    @torch.no_grad()
    def predict(self, scene: Observation) -> list[Prediction]:
        """Every given box, by the votes of the others (model.dgcnn.votes)."""
        self._notes = []
        if scene.boxes is None:
            raise ValueError("the boxes are not given")
        views = posed_views(scene.rgb, scene.intrinsics, scene.world_to_camera, scene.depth)
        cloud = reconstruct(views, self.config.reconstruction, self.device)
        odd = np.zeros(len(scene.boxes), bool)
        clouds = told_objects(CloudScene(cloud, scene.boxes, odd), scene.boxes, self.config)
        channels = 6 if self.config.network.colour else 3
        points = torch.from_numpy(clouds.points[..., :channels]).to(self.device)
        embeddings = self.network(points, torch.from_numpy(clouds.present).to(self.device))
        there = torch.from_numpy(clouds.there).to(self.device)
        network = self.network
        scores, apart = vote(embeddings, there, network.at, network.steep, network.prior)
        self._notes = self._told(len(scene.rgb), clouds.there)
        rows = zip(scene.boxes, scores.tolist(), apart.double().cpu().numpy(), strict=True)
        return [Prediction(box, score, None, row) for box, score, row in rows]

    def notes(self) -> list[str]:
        """What there is to say of the scene that was judged last."""
        return self._notes

    def _told(self, views: int, there: np.ndarray) -> list[str]:
        """Few views are told once, objects without a cloud always."""
        wanted, notes = self.config.reconstruction.views, []
        if views < self._fewest:
            self._fewest = views
            notes.append(f"{NAME} sees {views} views and is meant for {wanted}")
        if not there.all():
            numbers = ", ".join(str(number) for number in np.flatnonzero(~there))
            notes.append(f"{NAME} has no cloud of object {numbers}, which gets the usual score")
        return notes


def load_cloud_detector(path: Path, device: str = "auto") -> Loaded:
    """From a run's folder or its file; the version tells which weights, by their sum."""
    network, told = load_dgcnn(path)
    digest = hashlib.sha256(dgcnn_file(path).read_bytes()).hexdigest()[:12]
    where = torch.device("cuda" if device == "auto" and torch.cuda.is_available() else "cpu")
    version = f"{told.config.name}, {told.config.reconstruction.back_end}, {told.code.version}"
    detector = CloudDetector(network, told, where)
    return Loaded(NAME, f"{version}, weights {digest}", detector)
