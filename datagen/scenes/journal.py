"""What happened while a scene was made: the facts behind a run's summary."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Journal:
    """Rejections by reason, bad shapes, flaws, seconds by stage, the device."""

    rejections: Counter[str] = field(default_factory=Counter)
    bad_shapes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    device: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the seconds spent inside to the stage of that name."""
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self.seconds[name] = self.seconds.get(name, 0.0) + spent
