"""Main memory, against what a worker needs."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil

from datagen.machine.finding import GB, Finding

WORKER = 1e9  # bytes, of a worker that has made many scenes (docs/rendering.md)
CONTAINER = Path("/sys/fs/cgroup")


def memory_finding() -> Finding:
    """For how many workers what is free will do."""
    free, whole = _free()
    workers = int(free // WORKER)
    told = f"{free / GB:.1f} of {whole / GB:.1f} GB free"
    if workers == 0:
        return Finding("memory", "wrong", told, "a worker needs 1 GB; end other programs")
    return Finding("memory", "ok", f"{told}, enough for {workers} worker{'s' * (workers > 1)}")


def _free() -> tuple[int, int]:
    """Bytes that are free, and of all; a container's where it has a limit."""
    machine = psutil.virtual_memory()
    free, whole = machine.available, machine.total
    with suppress(OSError, ValueError):
        limit = int((CONTAINER / "memory.max").read_text())
        used = int((CONTAINER / "memory.current").read_text())
        free, whole = min(free, max(limit - used, 0)), min(whole, limit)
    return free, whole
