"""What a check of the machine has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GB = 1e9  # bytes


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    state: wrong where `oddgen generate` cannot do without it, note where it can. told: what there
    is; remedy: what to do, empty where nothing need be done.
    """

    about: str
    state: Literal["ok", "note", "wrong"]
    told: str
    remedy: str = ""

    def __str__(self) -> str:
        ending = f"; {self.remedy}." if self.remedy else "."
        return f"{self.about}: {self.told}{ending}"
