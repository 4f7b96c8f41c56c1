"""Whose a model is: author, source and licence, as the file and what lies beside it tell them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.base.typed import WrongData, parse
from datagen.files.licences import licence_name, licence_of_word

MOST_BYTES, MOST_JSON = 1 << 20, 64 << 20  # of a text, and of a glTF's JSON; more is not read
LONGEST = 200  # characters of an answer
TEXTS = ("license", "licence", "copying", "copyright", "attribution", "credits")
TEXT_ENDS = ("", ".txt", ".md")
_FIELD = re.compile(r"^[\s*#>-]*(?P<key>[a-z ]{2,24}?)\s*[:=]\s*(?P<value>\S.*?)\s*$", re.I | re.M)
_BY = re.compile(
    r"\bby\s+(?P<author>[^(\n]{1,80}?)\s*(\(https?://[^)\s]*\))?,?\s+(is |are )?licen[sc]ed", re.I
)
_COPYRIGHT = re.compile(
    r"^\W*(?:copyright\b|©)[\s©]*(?:\(c\))?[\s\d,–-]*(?P<author>\S[^\n]{0,80})", re.I | re.M
)
_URL = re.compile(r"https?://[^\s)>\]\"']+")
_OF_LICENCES = ("creativecommons.org", "gnu.org", "apache.org", "opensource.org", "spdx.org")
KEYS = {
    "licence": ("license", "licence", "license type", "licence type", "licenses"),
    "author": ("author", "artist", "creator", "created by", "designer", "user", "authors", "by"),
    "origin": ("viewerurl", "source", "source url", "url", "uri", "link", "homepage"),
}


@dataclass(frozen=True)
class Rights:
    """licence: by its SPDX name where it has one; origin: where it comes from; None: not told."""

    licence: str | None = None
    author: str | None = None
    origin: str | None = None

    def completed(self, other: Rights) -> Rights:
        """What is not told here, from the other."""
        return Rights(
            self.licence or other.licence,
            self.author or other.author,
            self.origin or other.origin,
        )


def rights_of(path: Path, root: Path) -> Rights:
    """Whose the file is, nearest first: what is named after it, the file itself, its folders.

    root: the folder above which nothing is looked at. A text that cannot be read tells nothing.
    """
    found = Rights()
    for told in _told(path, root):
        found = found.completed(told)
        if found.licence is not None:
            break
    return found


def _told(path: Path, root: Path) -> Iterator[Rights]:
    folder = path.parent
    for name in (f"{path.stem}_attribution.txt", f"{folder.name}_attribution.txt"):
        yield _of_text(folder / name)
    for name in (f"{path.stem}.license", f"{path.name}.license"):
        yield _of_text(folder / name)
    yield _of_gltf(path)
    above = [folder, *folder.parents]
    last = above.index(root) if root in above else 0
    for place in above[: last + 1]:
        yield _of_metadata(place / "metadata.json", path)
        for file in _texts(place):
            yield _of_text(file)


def _texts(folder: Path) -> list[Path]:
    """The licence texts of a folder, licences before the rest."""
    try:
        entries = {entry.name.lower(): entry for entry in sorted(folder.iterdir(), reverse=True)}
    except OSError:
        return []
    names = [f"{name}{end}" for name in TEXTS for end in TEXT_ENDS]
    return [entries[name] for name in names if name in entries]


def _content(path: Path) -> bytes | None:
    """Of a regular file of moderate size."""
    try:
        if path.is_file() and path.stat().st_size <= MOST_BYTES:
            return path.read_bytes()
    except OSError:
        pass
    return None


def _of_text(path: Path) -> Rights:
    """An attribution of `key: value` lines or of prose, or the text of a licence."""
    content = _content(path)
    if content is None:
        return Rights()
    text = content.decode("utf-8-sig", errors="replace")
    found = _of_entries({match["key"].strip(): match["value"] for match in _FIELD.finditer(text)})
    by, holder = _BY.search(text), _COPYRIGHT.search(text)
    author = by["author"] if by else holder["author"] if holder else None
    is_licence = path.stem.lower().startswith(("licen", "copying"))
    urls = [] if is_licence else _URL.findall(text.replace(by[0], "") if by else text)
    origin = next((url for url in urls if not any(home in url for home in _OF_LICENCES)), None)
    licence = licence_name(text)
    if licence is None and found.licence is None and is_licence and text.strip():
        licence = f"as {path.name} says: {text.strip().splitlines()[0]}"
    return found.completed(Rights(_short(licence), _short(author), _short(origin)))


def _of_metadata(path: Path, model: Path) -> Rights:
    """metadata.json of one model, or of several by their names, as Objaverse and Sketchfab do."""
    content = _content(path)
    if content is None:
        return Rights()
    try:
        entries = parse(dict[str, Any], content, finite=False)
    except WrongData:
        return Rights()
    own = entries.get(model.name, entries.get(model.stem))
    return _of_entries(own if isinstance(own, dict) else entries)


@dataclass(frozen=True)
class _Asset:
    """glTF's `asset`; extras: what Sketchfab adds."""

    copyright: str | None = None
    extras: Any = None


@dataclass(frozen=True)
class _Gltf:
    asset: _Asset


def _of_gltf(path: Path) -> Rights:
    """The copyright in a glTF, and what Sketchfab writes beside it."""
    if path.suffix.lower() not in (".gltf", ".glb"):
        return Rights()
    try:
        facts = path.stat()
        return _of_gltf_file(path, facts.st_size, facts.st_mtime_ns)
    except (OSError, WrongData):
        return Rights()


@functools.lru_cache(maxsize=256)
def _of_gltf_file(path: Path, size: int, mtime: int) -> Rights:
    """Kept, as every scene of the model asks, while the file has this size and time."""
    asset = parse(_Gltf, _gltf_json(path), finite=False).asset
    found = _of_entries(asset.extras if isinstance(asset.extras, dict) else {})
    if not asset.copyright:
        return found
    holder = re.sub(r"^\W*(copyright\b|\(c\)|©|[\s\d,–-]+)*", "", asset.copyright, flags=re.I)
    return found.completed(Rights(licence_name(asset.copyright), _short(holder)))


def _gltf_json(path: Path) -> bytes:
    """The JSON of a .gltf or .glb, where it is of moderate size. Raises OSError."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        head = file.read(20)
        if head[:4] == b"glTF":
            return file.read(min(int.from_bytes(head[12:16], "little"), MOST_JSON))
        return head + file.read(MOST_JSON)


def _of_entries(entries: dict[str, Any]) -> Rights:
    """By keys of any case; a person or a licence may be an object with a name of its own."""
    lowered = {key.lower(): value for key, value in entries.items()}

    def first(keys: tuple[str, ...]) -> str | None:
        return next((text for key in keys if (text := _text(lowered.get(key)))), None)

    licence = first(KEYS["licence"])
    return Rights(
        _short(None if licence is None else licence_of_word(licence)),
        _short(first(KEYS["author"])),
        _short(first(KEYS["origin"])),
    )


def _text(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        names = ("displayName", "username", "slug", "label", "fullName", "name", "title", "url")
        value = next((value[name] for name in names if isinstance(value.get(name), str)), None)
    return value.strip() or None if isinstance(value, str) else None


def _short(text: str | None) -> str | None:
    """On one line."""
    words = " ".join(text.split()) if text else ""
    return (words if len(words) <= LONGEST else words[:LONGEST] + " ...") or None
