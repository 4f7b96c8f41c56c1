"""Named qualities of images."""

from __future__ import annotations

from datagen.dataset.settings import RenderSettings

QUALITIES = {
    "draft": RenderSettings(samples=4, resolution=256, views=20),
    "default": RenderSettings(samples=12, resolution=256, views=20),
    "published": RenderSettings(samples=128, resolution=256, views=20),
}
