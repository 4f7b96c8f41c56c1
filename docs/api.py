"""Writes docs/api.md from the docstrings of odd_one_out: `python docs/api.py docs/api.md`."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# What programs may import

`import odd_one_out`: these names stay from version to version; what else the packages hold may
move. Nothing heavy is imported before a name is used.

(`python docs/api.py docs/api.md` makes this page of the docstrings.)
"""
GROUPS = {
    "Reading a dataset": ("Dataset", "Scene", "SceneSpec", "Settings", "verify"),
    "Making one": ("generate", "Summary", "SceneJob", "SceneResult", "run_job", "run_local"),
    "Shapes": ("load_shape", "make_builtin", "Shape", "Material", "Texture"),
    "Anomalies": ("make_anomaly", "Anomaly", "Rejected", "Subject", "AnomalyType", "Traits",
                  "Scale", "type_names", "load_type"),
    "Detectors": ("Observation", "Prediction", "Detector"),
    "Errors": ("OddgenError", "BadShape", "SceneFailed"),
}  # fmt: skip


def page() -> str:
    """The whole page. Raises KeyError where a public name is in no group."""
    import odd_one_out

    listed = [name for names in GROUPS.values() for name in names]
    if sorted(listed) != sorted(odd_one_out.__all__):
        raise KeyError(f"in one of the two only: {set(listed) ^ set(odd_one_out.__all__)}")
    parts = [HEAD]
    for group, names in GROUPS.items():
        parts.append(f"## {group}\n")
        for name in names:
            parts += _entry(name, getattr(odd_one_out, name))
    return "\n".join(parts)


def _entry(name: str, item: Any) -> Iterator[str]:
    yield f"### {name}\n"
    yield f"```python\n{name}{_signature(item)}\n```\n"
    yield f"{_prose(item)}\n"
    if inspect.isclass(item) and not issubclass(item, Exception):
        stored = getattr(item, "__dataclass_fields__", {})
        for key, member in sorted(vars(item).items()):
            if key.startswith("_") or key in stored:
                continue
            if not (inspect.isfunction(member) or _is_property(member)):
                continue
            told = _prose(member)
            if told:
                yield f"**`{name}.{key}{'' if _is_property(member) else _on_one_line(member)}`**\n"
                yield f"{told}\n"


def _on_one_line(member: Any) -> str:
    return str(inspect.signature(member)).replace("'", "")


def _is_property(member: Any) -> bool:
    return isinstance(member, property) or type(member).__name__ == "cached_property"


def _signature(item: Any) -> str:
    if inspect.isclass(item) and issubclass(item, Exception):
        return "(message)"
    try:
        text = str(inspect.signature(item))
    except (TypeError, ValueError):
        return ""
    if dataclasses.is_dataclass(item):
        text = text.removesuffix(" -> None")
    text = re.sub(r"<(factory|function|built-in)[^>]*>", "...", text)
    text = re.sub(r"(?<=[:>] )'([^']*)'", r"\1", text)
    return text if len(text) < 80 else _broken(text)


def _broken(signature: str) -> str:
    """A line for each argument."""
    depth, lines = 0, [""]
    inside, _, result = signature[1:].rpartition(")")
    for letter in inside:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            lines.append("")
        else:
            lines[-1] += letter
    return "(\n" + "".join(f"    {line.strip()},\n" for line in lines) + f"){result}"


def _prose(item: Any) -> str:
    """The docstring as Markdown: sections of arguments become lists."""
    lines, inside = [], False
    for line in (inspect.getdoc(item) or "").splitlines():
        section = re.fullmatch(r"(Args|Attributes|Returns|Raises|Yields):", line)
        if section:
            lines += [f"*{section[1]}*", ""]
            inside = True
        elif inside and (found := re.fullmatch(r" {4}(\w+): (.*)", line)):
            lines.append(f"- `{found[1]}`: {found[2]}")
        elif inside and line.startswith("    "):
            lines.append(f"  {line.strip()}" if lines[-1] else f"- {line.strip()}")
        else:
            inside = inside and not line
            lines.append(line)
    return "\n".join(lines).strip()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
