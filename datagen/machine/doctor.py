"""All checks of a machine, in the order in which a user would mend things."""

from __future__ import annotations

from pathlib import Path

from datagen.machine.finding import Finding
from datagen.machine.folders import folder_findings
from datagen.machine.libraries import library_finding
from datagen.machine.memory import memory_finding
from datagen.machine.packages import package_findings, python_finding
from datagen.machine.programs import program_findings


def examine(out: Path, cache: Path) -> list[Finding]:
    """What this machine has, and what `oddgen generate` would miss.

    out: where datasets shall go; cache: where the shape cache is. Neither is made.
    """
    needed, *extras = package_findings()
    return [
        python_finding(),
        needed,
        library_finding(),
        *program_findings(),
        memory_finding(),
        *folder_findings("output folder", out, "--out"),
        *folder_findings("cache folder", cache, "--cache"),
        *extras,
    ]
