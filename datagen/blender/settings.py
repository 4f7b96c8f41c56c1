"""How good the images are to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    "draft": {"samples": 4, "resolution": 256, "views": 20},
    "default": {"samples": 12, "resolution": 256, "views": 20},
    "published": {"samples": 128, "resolution": 256, "views": 20},
}


@dataclass(frozen=True)
class RenderSettings:
    """samples per pixel, square image size in pixels, number of views round the scene."""

    samples: int
    resolution: int
    views: int
