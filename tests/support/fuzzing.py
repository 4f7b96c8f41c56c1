"""Damaged inputs given to the public functions and commands, each within limits, apart."""

from __future__ import annotations

import os
import traceback
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from datagen.base.parallel import Died, WarmProcess

SECONDS = 120.0  # that one input may take, on a machine at work
MEMORY = 6 << 30  # bytes that the process may hold
MORE = 25  # times as many examples under `pytest -m slow`


def amounts(few: int) -> Any:
    """Parametrizes a test by `seeds`: of a few examples, and of many under `pytest -m slow`.

    ODD_ONE_OUT_FUZZ=N takes N examples instead, ODD_ONE_OUT_FUZZ_SEED=K others.
    """
    count = int(os.environ.get("ODD_ONE_OUT_FUZZ") or few)
    many = pytest.param(MORE * few, marks=pytest.mark.slow, id="many")
    return pytest.mark.parametrize("examples", [pytest.param(count, id="few"), many])


def generators(name: str, examples: int) -> Iterator[np.random.Generator]:
    """One for each example, the same in every run."""
    start = int(os.environ.get("ODD_ONE_OUT_FUZZ_SEED") or 0)
    for number in range(examples):
        yield np.random.default_rng([zlib.crc32(name.encode()), start, number])


class Apart:
    """A process of its own: what dies or hangs there is told as a fault."""

    def __init__(self) -> None:
        self._process = WarmProcess("reader", SECONDS, MEMORY)

    def fault(self, function: Callable[..., str | None], *arguments: object) -> str | None:
        """What is wrong with the outcome, None for success or a sentence."""
        try:
            return self._process.call(function, *arguments)
        except Died as error:
            return f"the process died or hung: {error}"

    def close(self) -> None:
        self._process.close()


def command_fault(group: str, *arguments: object) -> str | None:
    """What is wrong with a command's outcome: a traceback, or an end without a word."""
    import cli

    result = CliRunner().invoke(getattr(cli, group), [str(word) for word in arguments])
    told = f"{group} {arguments[0]}: "
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return told + "".join(traceback.format_exception(result.exception))[-1500:]
    if "Traceback" in result.output:
        return told + result.output[-1500:]
    if result.exit_code and not result.output.strip():
        return f"{told}ends with {result.exit_code} and says nothing"
    errors = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    if any(not line.rstrip().endswith((".", "?")) for line in errors):
        return f"{told}{errors[0]!r} is no sentence"
    return None


def assert_none(faults: list[str]) -> None:
    """Fails with the first few faults and how many there are."""
    assert not faults, f"{len(faults)} faults, such as:\n" + "\n\n".join(faults[:3])
