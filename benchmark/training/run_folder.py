"""A run's folder: one run at a time, and a stop that says how to go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from datagen.base.files import clear_leftovers
from datagen.base.interrupts import Interrupts, Stopped
from datagen.base.locks import alone as locked
from datagen.errors import OddgenError


@contextmanager
def run_folder(out: Path, kept: str, alone: bool = True) -> Iterator[Interrupts]:
    """Makes the folder and keeps other runs out of it; a stop waits for what must be whole.

    What a killed run had begun to write goes.

    kept: what a run goes on after. alone: False for processes that work on another one's run.
    Raises OddgenError where another run is there, or the run was stopped.
    """
    if out.exists() and not out.is_dir():
        raise OddgenError(f"{out}: is a file; choose a folder as --out.")
    out.mkdir(parents=True, exist_ok=True)
    busy = f"{out}: another run is writing there; wait for it or choose another --out."
    interrupts = Interrupts()
    try:
        with locked(out / ".lock", busy) if alone else nullcontext():
            if alone:
                clear_leftovers(out)
            with interrupts.installed():
                yield interrupts
    except Stopped as error:
        raise OddgenError(
            f"{out}: stopped; the same command goes on after the last {kept}."
        ) from error
