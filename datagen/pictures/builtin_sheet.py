"""A contact sheet of the built-in library: `python -m datagen.pictures.builtin_sheet FILE.png`."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from datagen.geometry.thumbnail import contact_sheet, thumbnail, write_image
from datagen.sources.builtin import categories, make_builtin


def builtin_sheet(index: int = 0, size: int = 128, columns: int = 9) -> Image.Image:
    """One thumbnail for every built-in category: its shape number `index`, size pixels a side."""
    names = [category.name for category in categories()]
    pictures = [thumbnail(make_builtin(name, index), size) for name in names]
    return contact_sheet(pictures, names, columns)


if __name__ == "__main__":
    write_image(Path(sys.argv[1]), builtin_sheet())
