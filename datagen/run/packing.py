"""Results as they come, packed into shards, with a bar."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any, Protocol, TypeVar

from rich.console import Console

from datagen.base.files import in_words, is_disk_full
from datagen.base.interrupts import Interrupts
from datagen.base.progress import Progress
from datagen.errors import OddgenError
from datagen.run.collect import Collector


class Result(Protocol):
    """What came of one scene; reason is None where its file was written."""

    @property
    def index(self) -> int:
        """Number of the scene."""

    @property
    def reason(self) -> str | None:
        """Why there is no file, in a sentence."""


class Tally(Protocol):
    """Adds up what comes; kept: scenes of an earlier run."""

    kept: int

    def add(self, result: Any) -> None:
        """Count one more result."""


R = TypeVar("R", bound=Result)


def pack(
    results: Generator[R, None, None],
    collector: Collector,
    summary: Tally,
    scenes: int,
    interrupts: Interrupts,
    console: Console,
    look: Callable[[R], None] = lambda result: None,
) -> None:
    """Collect results until no more come, with a bar.

    scenes: how many there are to be; summary: counts them; look: at each result before it is taken.
    Raises OddgenError where the output cannot be written, and Stopped where the user says so.
    """
    try:
        with closing(results), Progress(console, scenes, summary.kept) as progress:
            for result in results:
                look(result)
                with interrupts.held():
                    summary.add(result)
                    collector.add(result.index, result.reason)
                progress.advance()
        with interrupts.held():
            collector.finish()
    except OSError as error:
        remedy = "free space" if is_disk_full(error) else "check the folder"
        raise OddgenError(
            f"{collector.out}: {in_words(error)}; {remedy}, then run the same command to go on."
        ) from error
