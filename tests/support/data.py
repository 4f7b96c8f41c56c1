"""Where the real files lie that some tests need, and how a test is skipped that lacks them.

They are no part of the repository: ODD_ONE_OUT_DATA and ODD_ONE_OUT_CASES name their folders.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.paths import REPOSITORY

SHARED = REPOSITORY.parent / "shared"
DATA = Path(os.environ.get("ODD_ONE_OUT_DATA") or SHARED / "data").absolute()
CASES = Path(os.environ.get("ODD_ONE_OUT_CASES") or SHARED / "cases").absolute()

ABC = DATA / "abc"
DINOV2 = DATA / "weights" / "dinov2_vits14_imgfocus_finetuned_fp16.safetensors"
PUBLISHED_SCENE = DATA / "published_scene" / "banana_028-001"

# Data by name: what has to be there. Any other name is a folder of DATA.
CONTENT = {"cases": CASES, "published_scene": PUBLISHED_SCENE, "weights": DINOV2}
REASON = "needs shared data: "


def needs(*names: str) -> pytest.MarkDecorator:
    """Skips a test where one of these data is not here."""
    missing = _missing(names)
    return pytest.mark.skipif(bool(missing), reason=REASON + ", ".join(missing))


def require(name: str) -> Path:
    """What has to be there of this data; where it is not, the running test is skipped."""
    if _missing([name]):
        pytest.skip(REASON + name)
    return _content(name)


def wanted(reasons: Iterable[str]) -> Counter[str]:
    """How many tests each data was wanting for, by the reasons with which tests were skipped."""
    found: Counter[str] = Counter()
    for reason in reasons:
        words = reason.removeprefix("Skipped: ")
        if words.startswith(REASON):
            found.update(words.removeprefix(REASON).split(", "))
    return found


def _content(name: str) -> Path:
    return CONTENT.get(name, DATA / name)


def _missing(names: Iterable[str]) -> list[str]:
    return [name for name in names if not _content(name).exists()]
