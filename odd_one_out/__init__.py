"""Odd-One-Out for Python: the names that programs may import, kept from version to version.

    from odd_one_out import Dataset, generate

    generate("out", scenes=8, preset="draft")
    for scene in Dataset("out"):
        print(scene.name, scene.anomalous)

docs/api.md tells of each. Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anomalies import load_type as load_type
    from anomalies import type_names as type_names
    from anomalies.anomaly_type import AnomalyType as AnomalyType
    from anomalies.anomaly_type import Traits as Traits
    from anomalies.make import Anomaly as Anomaly
    from anomalies.make import Rejected as Rejected
    from anomalies.make import make_anomaly as make_anomaly
    from anomalies.severity import Scale as Scale
    from anomalies.subject import Subject as Subject
    from benchmark.detectors.interface import Detector as Detector
    from benchmark.detectors.interface import Observation as Observation
    from benchmark.detectors.predictions import Prediction as Prediction
    from datagen.dataset.reader import Dataset as Dataset
    from datagen.dataset.reader import Scene as Scene
    from datagen.dataset.schema import SceneSpec as SceneSpec
    from datagen.dataset.settings import Settings as Settings
    from datagen.dataset.verify import verify as verify
    from datagen.errors import BadShape as BadShape
    from datagen.errors import OddgenError as OddgenError
    from datagen.errors import SceneFailed as SceneFailed
    from datagen.geometry.shape import Material as Material
    from datagen.geometry.shape import Shape as Shape
    from datagen.geometry.shape import Texture as Texture
    from datagen.run.job import SceneJob as SceneJob
    from datagen.run.job import SceneResult as SceneResult
    from datagen.run.job import run_job as run_job
    from datagen.run.pool import run_local as run_local
    from datagen.run.summary import Summary as Summary
    from datagen.sources.builtin import make_builtin as make_builtin
    from odd_one_out.functions import generate as generate
    from odd_one_out.functions import load_shape as load_shape

_HOMES = {
    "Dataset": "datagen.dataset.reader",
    "Scene": "datagen.dataset.reader",
    "SceneSpec": "datagen.dataset.schema",
    "Settings": "datagen.dataset.settings",
    "verify": "datagen.dataset.verify",
    "generate": "odd_one_out.functions",
    "load_shape": "odd_one_out.functions",
    "make_builtin": "datagen.sources.builtin",
    "Shape": "datagen.geometry.shape",
    "Material": "datagen.geometry.shape",
    "Texture": "datagen.geometry.shape",
    "make_anomaly": "anomalies.make",
    "Anomaly": "anomalies.make",
    "Rejected": "anomalies.make",
    "Subject": "anomalies.subject",
    "AnomalyType": "anomalies.anomaly_type",
    "Traits": "anomalies.anomaly_type",
    "Scale": "anomalies.severity",
    "type_names": "anomalies",
    "load_type": "anomalies",
    "Observation": "benchmark.detectors.interface",
    "Prediction": "benchmark.detectors.predictions",
    "Detector": "benchmark.detectors.interface",
    "SceneJob": "datagen.run.job",
    "SceneResult": "datagen.run.job",
    "run_job": "datagen.run.job",
    "run_local": "datagen.run.pool",
    "Summary": "datagen.run.summary",
    "OddgenError": "datagen.errors",
    "BadShape": "datagen.errors",
    "SceneFailed": "datagen.errors",
}

__all__ = list(_HOMES)  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'odd_one_out' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
