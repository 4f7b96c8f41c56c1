"""What can be said of a study's request before its cells run, instead of by each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.detectors.interface import detector_names
from benchmark.detectors.views import fixed_views
from benchmark.scoring.ground_truth import Truth
from benchmark.studies.contest.asked import Asked
from benchmark.studies.contest.request import Contestant, StudyRequest
from benchmark.training.models import MODELS
from datagen.dataset.reader import Dataset, with_images, with_labels
from datagen.errors import OddgenError


def check_request(request: StudyRequest) -> None:
    """Raises OddgenError for data, detectors, checkpoints, models or a reference that are none."""
    if request.out.exists() and not request.out.is_dir():
        raise OddgenError(f"{request.out}: is a file; choose a folder as --out.")
    for path in (*request.data, *request.train_data):
        with_images(with_labels(Dataset(path)))
    for one in request.contestants:
        _check(one)
    if request.reference is not None and not request.reference.exists():
        raise OddgenError(f"{request.reference}: no such file or folder; check --reference.")


def _check(one: Contestant) -> None:
    if one.training is not None:
        model, preset = one.training.model, one.training.preset
        if model not in MODELS:
            raise OddgenError(f"--train {model}: no such model; choose one of {', '.join(MODELS)}.")
        if preset not in MODELS[model]:
            raise OddgenError(
                f"--train {model}:{preset}: no such preset; choose one of "
                f"{', '.join(MODELS[model])}."
            )
        return
    kind, *name = one.told or ("shipped",)
    if kind == "--detector" and name[0] not in detector_names():
        raise OddgenError(
            f"{name[0]}: no detector of this name is installed; choose one of "
            f"{', '.join(detector_names())}."
        )
    if kind == "--checkpoint":
        from benchmark.training.runs import weights_file

        weights_file(Path(name[0]))


def check_asked(asked: Sequence[Asked], truths: Mapping[Path, Truth]) -> None:
    """Raises OddgenError where a dataset has not so many views, or no scene of the split."""
    for one in asked:
        truths[one.data].split(one.split)
        fixed_views(one.views, truths[one.data].views)
