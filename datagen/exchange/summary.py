"""What an export has written, what it could not, and what the user should know."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class ExportSummary:
    """written now, kept from an earlier run; failed and notes: a sentence each."""

    written: int = 0
    kept: int = 0
    failed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The summary for people: a line of counts, a line for each failure, and the notes."""
        counts = f"scenes written {self.written}, kept {self.kept}, failed {len(self.failed)}"
        return [counts, *(f"failed: {reason}" for reason in sorted(self.failed)), *self.notes]
