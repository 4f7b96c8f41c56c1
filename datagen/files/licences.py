"""Licences by name: what a text of any sort says, as an SPDX name where there is one."""

from __future__ import annotations

import re
from collections.abc import Callable

HEAD = 4096  # characters of a text in which its licence is told
_PARTS = r"(?P<parts>(?:[-_ /]*(?:non-?commercial|share-?alike|no-?deriv\w*|nc|sa|nd)\b)*)"
_VERSION = r"(?:[-_ ,v]*(?P<version>[1-4]\.\d))?"


def _cc(match: re.Match[str]) -> str:
    parts = match["parts"].lower()
    known = (("NC", r"nc|commercial"), ("SA", r"sa|alike"), ("ND", r"nd|deriv"))
    told = "".join(f"-{name}" for name, words in known if re.search(words, parts))
    return f"CC-BY{told}" + (f"-{match['version']}" if match["version"] else "")


def _gnu(match: re.Match[str]) -> str:
    lesser = "L" if match["lesser"] else "A" if match["affero"] else ""
    return f"{lesser}GPL" + (f"-{match['version']}.0" if match["version"] else "")


def _named(name: str) -> Callable[[re.Match[str]], str]:
    return lambda match: name


_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"SPDX-License-Identifier:\s*(?P<name>[\w.+-]+)", lambda match: match["name"]),
        (r"creativecommons\.org/publicdomain/zero", _named("CC0-1.0")),
        (r"creativecommons\.org/publicdomain/mark", _named("public domain")),
        (r"\bCC[-_ ]?(0|zero)\b", _named("CC0-1.0")),
        (r"Creative Commons Zero|public domain dedication", _named("CC0-1.0")),
        (rf"creativecommons\.org/licenses/by{_PARTS}/{_VERSION}", _cc),
        (rf"\bCC[-_ ]?BY\b{_PARTS}{_VERSION}", _cc),
        (rf"\b(?:CC|Creative Commons)[-_ ]+Attribution{_PARTS}{_VERSION}", _cc),
        (rf"\bAttribution{_PARTS}[-_ ,v]*(?P<version>[1-4]\.\d)", _cc),
        (r"\bMIT License|Permission is hereby granted, free of charge", _named("MIT")),
        (r"\bApache License\W+(Version )?2|\bApache[- ]2\.0", _named("Apache-2.0")),
        (
            r"GNU (?P<lesser>LESSER )?(?P<affero>AFFERO )?GENERAL PUBLIC LICENSE"
            r"(?:\W+Version (?P<version>\d))?",
            _gnu,
        ),
        (r"\bBSD 3-Clause|Redistribution and use in source and binary", _named("BSD-3-Clause")),
        (r"This is free and unencumbered software", _named("Unlicense")),
    )
)
_SKETCHFAB = re.compile(r"by(?P<parts>(?:-(?:nc|sa|nd))*)", re.IGNORECASE)


def licence_name(text: str) -> str | None:
    """The licence that a text names first, or None where it names none that is known here."""
    found = [
        (match.start(), order, name(match))
        for order, (pattern, name) in enumerate(_PATTERNS)
        if (match := pattern.search(text[:HEAD]))
    ]
    return min(found)[2] if found else None


def licence_of_word(word: str) -> str:
    """Of the value of an entry, such as `by-nc` (Sketchfab's, of version 4.0); else as it is."""
    match = _SKETCHFAB.fullmatch(word.strip())
    if match is not None:
        return f"CC-BY{match['parts'].upper()}-4.0"
    return licence_name(word) or " ".join(word.split())
