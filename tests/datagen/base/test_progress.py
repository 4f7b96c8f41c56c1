"""Progress: a line now and then in a log, a bar in a terminal."""

from __future__ import annotations

import io

from rich.console import Console

from datagen.base import progress
from datagen.base.progress import Progress


def test_a_log_gets_a_line_now_and_then(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    console = Console(file=io.StringIO(), force_terminal=False, width=100)
    with Progress(console, total=10, done=2) as shown:
        for _ in range(8):
            clock[0] += 20
            shown.advance()
    assert console.file.getvalue().splitlines() == [
        "scenes 4/10, 0.05 scenes/s, ETA 0:02:00",
        "scenes 6/10, 0.05 scenes/s, ETA 0:01:20",
        "scenes 8/10, 0.05 scenes/s, ETA 0:00:40",
        "scenes 10/10, 0.05 scenes/s, ETA 0:00:00",
    ]


def test_a_terminal_gets_a_bar_with_pace_and_time_left():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with Progress(console, total=4, done=0) as shown:
        shown.advance()
    text = console.file.getvalue()
    assert "1/4" in text and "scenes/s, ETA 0:00:0" in text
