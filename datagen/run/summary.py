"""What a run has made, what failed and why, and where the time went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from datagen.run.job import SceneResult

MOST_LINES, MOST_FILES = 10, 200  # of a kind; of bad files, which the user has to mend


@dataclass
class Summary:
    """What a run has made, what failed and why, and where the time went.

    Attributes:
        made: Scenes made now.
        kept: Scenes of an earlier run.
        failed: The reason by the scene's number.
        retried: Why each attempt failed that was followed by another one.
        rejections: How often what was drawn and rejected.
        seconds: Spent on each stage, over all scenes.
        bad_shapes: A sentence for each file that cannot be used.
        warnings: A sentence for each flaw of a file that was used.
    """

    made: int = 0
    kept: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    retried: list[str] = field(default_factory=list)
    rejections: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    bad_shapes: set[str] = field(default_factory=set)
    warnings: set[str] = field(default_factory=set)

    def add(self, result: SceneResult) -> None:
        """Count one more scene.

        Args:
            result: What came of its job.
        """
        if result.reason is None:
            self.made += 1
        else:
            self.failed[result.index] = result.reason
        self.retried += result.retries
        self.rejections.update(result.rejections)
        self.bad_shapes.update(result.bad_shapes)
        self.warnings.update(result.warnings)
        for stage, seconds in result.seconds.items():
            self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds


def print_summary(summary: Summary, console: Console) -> None:
    """Print it for people: a line of counts, the reasons, and the seconds of every stage."""
    console.print(
        f"made {summary.made}, kept {summary.kept}, retried {len(summary.retried)}, "
        f"failed {len(summary.failed)}",
        style="bold",
    )
    _print_lines(console, "failed", summary.failed.values(), "red")
    _print_lines(console, "retried", summary.retried, "yellow")
    _print_lines(console, "bad shape", sorted(summary.bad_shapes), "yellow", MOST_FILES)
    _print_lines(console, "flaw", sorted(summary.warnings), "yellow")
    if summary.rejections:
        text = ", ".join(f"{reason} {n}x" for reason, n in summary.rejections.most_common())
        console.print(f"draws rejected: {text}", highlight=False, markup=False, soft_wrap=True)
    if summary.seconds:
        total = sum(summary.seconds.values())
        scenes = summary.made + len(summary.failed)
        table = Table("stage", "seconds per scene", "share")
        for stage, seconds in sorted(summary.seconds.items(), key=lambda item: -item[1]):
            table.add_row(stage, f"{seconds / scenes:.2f}", f"{seconds / total:.0%}")
        console.print(table)


def _print_lines(
    console: Console, kind: str, lines: Iterable[str], style: str, most: int = MOST_LINES
) -> None:
    lines = list(lines)
    for line in lines[:most]:
        console.print(f"{kind}: {line}", style=style, highlight=False, markup=False, soft_wrap=True)
    if len(lines) > most:
        console.print(
            f"{kind}: {len(lines) - most} more", style=style, highlight=False, soft_wrap=True
        )
