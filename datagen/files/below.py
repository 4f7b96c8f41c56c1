"""All files below a folder: links are followed, loops and links to nowhere are told."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from datagen.base.files import in_words, is_utf8, readable

TOLD = 3  # of a kind, by name


@dataclass
class FilesBelow:
    """paths: of files and of what is neither file nor folder, in order; not those hidden.

    problems: a sentence for each name and link that was passed over, and why. A folder to which
    several links lead is read once, by its own name where it is below too. Names that are no UTF-8
    are passed over, as neither Blender nor JSON can hold them.
    """

    paths: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def files_below(folder: Path) -> FilesBelow:
    """Hidden are names that begin with a point, such as macOS's ._name twins."""
    found = FilesBelow()
    known: set[tuple[int, int]] = set()
    twice: list[Path] = []
    nowhere: list[Path] = []
    unnamed: list[Path] = []
    left = deque([folder])
    while left:
        start = left.popleft()
        if not _is_new(start, known):
            twice.append(start)
            continue
        links = _walk(start, known, found, nowhere, unnamed)
        left.extend(sorted(links))
    found.paths.sort()
    found.problems += _told(twice, "leads to a folder that is read already; its files count once")
    found.problems += _told(nowhere, "is a link that leads nowhere; mend or remove it")
    found.problems += _told(unnamed, "has a name that is no UTF-8; rename it")
    return found


def _walk(
    start: Path,
    known: set[tuple[int, int]],
    found: FilesBelow,
    nowhere: list[Path],
    unnamed: list[Path],
) -> list[Path]:
    """Takes all below but what links lead to; returns the links to folders."""
    links = []

    def tell(error: OSError) -> None:
        path = readable(error.filename)
        found.problems.append(f"{path}: {in_words(error)}; check the folder's rights.")

    for base, folders, files in os.walk(start, onerror=tell):
        place = Path(base)
        for name in folders.copy():
            path = place / name
            if name.startswith("."):
                folders.remove(name)
            elif not is_utf8(name):
                folders.remove(name)
                unnamed.append(path)
            elif path.is_symlink():
                links.append(path)
            elif not _is_new(path, known):
                folders.remove(name)
        for name in files:
            path = place / name
            if name.startswith("."):
                continue
            if not is_utf8(name):
                unnamed.append(path)
            elif path.exists():
                found.paths.append(path)
            else:
                nowhere.append(path)
    return links


def _is_new(folder: Path, known: set[tuple[int, int]]) -> bool:
    """Whether the folder has not been read; now it counts as read."""
    try:
        facts = folder.stat()
    except OSError:
        return True  # reading it will tell
    key = facts.st_dev, facts.st_ino
    if key in known:
        return False
    known.add(key)
    return True


def _told(paths: list[Path], words: str) -> list[str]:
    paths = sorted(paths)
    lines = [f"{readable(path)}: {words}." for path in paths[:TOLD]]
    more = len(paths) - TOLD
    if more > 0:
        lines.append(f"{readable(paths[TOLD].parent)} and elsewhere: {more} more such.")
    return lines
