"""Draws the rooms of the code and who imports whom: `python docs/rooms.py docs/images/rooms.png`.

The rooms and their order are the contract that import-linter holds (pyproject.toml); the arrows and
sizes are read from the code.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from pathlib import Path

import grimp
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT, GAP = 2.5, 0.56, 0.3
GROUND = ("datagen.base", "datagen.errors", "datagen.geometry")  # no arrows: all build on these
COLORS = {"odd_one_out": "#d9d2e9", "benchmark": "#cfe2f3", "datagen": "#d9ead3",
          "anomalies": "#fff2cc", "model": "#f4cccc"}  # fmt: skip


def layers() -> list[list[str]]:
    """Rooms from the top down, those of one layer together."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    named = next(item for item in contracts["contracts"] if item["name"].startswith("Rooms"))
    return [layer.split(" | ") for layer in named["layers"]]


def room_of(module: str, rooms: list[str]) -> str | None:
    """The innermost room that a module lies in."""
    inside = [room for room in rooms if module == room or module.startswith(f"{room}.")]
    return max(inside, key=len, default=None)


def about(room: str) -> str:
    """The first sentence of a room's docstring."""
    file = ROOT / room.replace(".", "/") / "__init__.py"
    file = file if file.is_file() else ROOT / f"{room.replace('.', '/')}.py"
    return (ast.get_docstring(ast.parse(file.read_text())) or "").splitlines()[0]


def draw(path: Path) -> None:
    """A box for each room, an arrow to each that it imports but for GROUND."""
    rows = layers()
    rooms = [room for row in rows for room in row]
    graph = grimp.build_graph(*sorted({room.partition(".")[0] for room in rooms}))
    files, lines, arrows = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for module in graph.modules:
        room = room_of(module, rooms)
        if room is None:
            continue
        file = ROOT / f"{module.replace('.', '/')}.py"
        file = file if file.is_file() else file.with_suffix("") / "__init__.py"
        files[room] += 1
        lines[room] += len(file.read_text().splitlines())
        for imported in graph.find_modules_directly_imported_by(module):
            other = room_of(imported, rooms)
            if other is not None and other != room and other not in GROUND:
                arrows[room, other] += 1
    figure = Figure(figsize=(13, 0.62 * len(rows) + 1), layout="constrained")
    axes = figure.add_subplot()
    middle = {}
    for level, row in enumerate(rows):
        for number, room in enumerate(row):
            x = (number - (len(row) - 1) / 2) * (WIDTH + GAP)
            middle[room] = x + 0.9 * (level % 2 - 0.5), -level
    for (room, other), count in arrows.items():
        (x, y), (to_x, to_y) = middle[room], middle[other]
        bend = 0.18 * (1 if (x + y) % 2 < 1 else -1)
        axes.annotate("", (to_x, to_y + HEIGHT / 2), (x, y - HEIGHT / 2), zorder=1, arrowprops={
            "arrowstyle": "-|>", "color": "#555555", "alpha": 0.35, "lw": 0.4 + 0.12 * count**0.5,
            "connectionstyle": f"arc3,rad={bend}", "mutation_scale": 7})  # fmt: skip
    for room, (x, y) in middle.items():
        box = FancyBboxPatch((x - WIDTH / 2, y - HEIGHT / 2), WIDTH, HEIGHT, zorder=2,
                             boxstyle="round,pad=0,rounding_size=0.1", ec="#444444", lw=0.8,
                             fc=COLORS[room.partition(".")[0]])  # fmt: skip
        axes.add_patch(box)
        axes.text(x, y + 0.1, room, ha="center", va="center", fontsize=9, weight="bold", zorder=3)
        axes.text(x, y - 0.15, f"{files[room]} files, {lines[room]:,} lines", ha="center",
                  va="center", fontsize=7, zorder=3)  # fmt: skip
    for level, row in enumerate(rows):
        told = "\n".join(f"{room.rpartition('.')[2]}: {about(room)}" for room in row)
        axes.text(3.6, -level, told, ha="left", va="center", fontsize=7.5)
    axes.set(xlim=(-3.6, 10.4), ylim=(-len(rows) + 0.4, 0.6))
    axes.axis("off")
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    draw(Path(sys.argv[1]))
