"""Ctrl-C, SIGTERM and a closed terminal as one exception, never in the middle of a file."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Stopped(Exception):
    """The user or the system asked the run to end."""


class Interrupts:
    """Raises Stopped once, at once or at the end of `held`; later signals change nothing.

    Signals that were ignored before, as under nohup, stay so.
    """

    def __init__(self) -> None:
        self._holding = False
        self._asked = False

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Signal handlers belong to the main thread; in another one this does nothing.

        After a stop they are ignored: a second one must not cut the sentence that says so, nor
        change the exit status.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in SIGNALS}
        before = {n: known for n, known in before.items() if known not in (None, signal.SIG_IGN)}
        for number in before:
            signal.signal(number, self._handle)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_IGN if self._asked else handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """What happens inside happens as a whole."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._asked:
            raise Stopped

    def _handle(self, *_: object) -> None:
        if self._asked:
            return
        self._asked = True
        if not self._holding:
            raise Stopped
