"""Files damaged as copies, downloads, exporters and editors damage them, by a seed."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np

Mutation = Callable[[bytes, np.random.Generator], bytes]

NUMBERS = (
    b"nan", b"-inf", b"1e300", b"-1e39", b"1e-320", b"-1", b"0", b"99999999999", b"4294967295",
    b"2147483648", b"1,5", b"word", b"", b"0x10", b"1#QNAN", b"--3", b"\xff\xfe", b"1e", b"7.5.1",
    b"9" * 5000,
)  # fmt: skip
WORDS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FC00000)
VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1e300, 10**30, 2**31, 2**63, float("nan"), float("inf"), "", "word", "../x",
    "/etc/passwd", "a\0b", "\ud800", "x" * 5000, [], {}, [[]], [None], {"a": 1}, [1, 2, 3],
    "[bold]", "con", 0.5,
)  # fmt: skip
_NUMBER = re.compile(rb"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])")


def cut(content: bytes, rng: np.random.Generator) -> bytes:
    """The beginning alone."""
    return content[: int(rng.integers(len(content)))]


def flip(content: bytes, rng: np.random.Generator) -> bytes:
    """A few bytes are others."""
    made = bytearray(content)
    for at in rng.integers(len(made), size=int(rng.integers(1, 9))):
        made[at] ^= int(rng.integers(1, 256))
    return bytes(made)


def extreme(content: bytes, rng: np.random.Generator) -> bytes:
    """Four bytes, as of a count or an offset, hold an extreme number."""
    made = bytearray(content)
    at = int(rng.integers(max(len(made) - 4, 1)))
    order = "little" if rng.random() < 0.7 else "big"
    made[at : at + 4] = int(rng.choice(WORDS)).to_bytes(4, order)
    return bytes(made)


def splice(content: bytes, rng: np.random.Generator) -> bytes:
    """A piece is gone, or there twice, or zeros."""
    a, b = sorted(rng.integers(len(content) + 1, size=2).tolist())
    b = min(b, a + int(rng.integers(1, 2000)))
    piece = (b"", content[a:b] * 2, bytes(b - a))[int(rng.integers(3))]
    return content[:a] + piece + content[b:]


def number(content: bytes, rng: np.random.Generator) -> bytes:
    """One of the numbers in a text is something else."""
    found = list(_NUMBER.finditer(content))
    if not found:
        return flip(content, rng)
    one = found[int(rng.integers(len(found)))]
    return content[: one.start()] + NUMBERS[int(rng.integers(len(NUMBERS)))] + content[one.end() :]


def line(content: bytes, rng: np.random.Generator) -> bytes:
    """A line of a text is gone, cut, there twice or somewhere else."""
    lines = content.split(b"\n")
    at, to = rng.integers(len(lines), size=2).tolist()
    kind = int(rng.integers(4))
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines[at] = lines[at][: int(rng.integers(len(lines[at]) + 1))]
    elif kind == 2:
        lines.insert(at, lines[at])
    else:
        lines.insert(to, lines.pop(at))
    return b"\n".join(lines)


def changed_json(content: bytes, rng: np.random.Generator) -> bytes:
    """One value, or a key, of a JSON text is something else or gone."""
    made = copy.deepcopy(json.loads(content))
    places = list(_places(made))
    holder, key = places[int(rng.integers(len(places)))]
    if rng.random() < 0.2:
        del holder[key]
    else:
        holder[key] = VALUES[int(rng.integers(len(VALUES)))]
    return json.dumps(made).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


BINARY: tuple[Mutation, ...] = (cut, flip, extreme, splice)
TEXT: tuple[Mutation, ...] = (cut, flip, splice, number, number, line)
JSON: tuple[Mutation, ...] = (cut, flip, changed_json, changed_json, changed_json, number)


def mutated(
    content: bytes, rng: np.random.Generator, kinds: tuple[Mutation, ...]
) -> tuple[str, bytes]:
    """The name of one of the mutations, and what it makes of the content."""
    one = kinds[int(rng.integers(len(kinds)))]
    return one.__name__, one(content, rng)
