"""How far a run is: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """Scenes done of all, scenes a second and the time left, judged by this run's scenes alone.

    total: of all scenes; done: of those at the start. what: the plural of what is counted, where it
    is not scenes.
    """

    def __init__(self, console: Console, total: int, done: int, what: str = "scenes") -> None:
        self.console, self.total, self.done, self.what = console, total, done, what
        self._start = self._last_line = time.monotonic()
        self._fresh = 0
        self._bar = RichProgress(
            TextColumn(what),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[pace]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(what, total=total, completed=done, pace="")

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def advance(self) -> None:
        """One more scene is made, or has failed."""
        self.done += 1
        self._fresh += 1
        now = time.monotonic()
        pace = self._pace(now - self._start)
        self._bar.update(self._task, completed=self.done, pace=pace)
        due = now - self._last_line >= SECONDS_BETWEEN_LINES or self.done == self.total
        if not self.console.is_terminal and due:
            self._last_line = now
            self.console.print(f"{self.what} {self.done}/{self.total}, {pace}", highlight=False)

    def _pace(self, elapsed: float) -> str:
        rate = self._fresh / max(elapsed, 1e-6)
        left = round((self.total - self.done) / rate)
        hours, minutes, seconds = left // 3600, left // 60 % 60, left % 60
        return f"{rate:.3g} {self.what}/s, ETA {hours}:{minutes:02d}:{seconds:02d}"
