"""rig.yaml: the user's cameras, to make scenes as they would see them (docs/own-part.md)."""

from __future__ import annotations

from pathlib import Path

from datagen.base.files import in_words, write_text
from datagen.base.reading import reading
from datagen.base.typed import WrongData, parsed, plain
from datagen.errors import OddgenError
from datagen.geometry.rig import Rig, rig_fault

REMEDY = "see docs/own-part.md, or have oddbench rig write one"


def read_rig(path: Path) -> Rig:
    """Raises OddgenError where the file is missing, or is no rig."""
    import yaml

    with reading(path, REMEDY):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            rig = parsed(Rig, {} if content is None else content, finite=False)
        except yaml.YAMLError as error:
            words = " ".join(str(error).split())
            raise OddgenError(f"{path}: no YAML ({words}); {REMEDY}.") from error
        except WrongData as error:
            raise OddgenError(f"{path}: {error}; {REMEDY}.") from error
    if fault := rig_fault(rig):
        raise OddgenError(f"{path}: {fault}.")
    return rig


def write_rig(rig: Rig, path: Path) -> None:
    """Whole or not at all. Raises OddgenError where it cannot be written."""
    import yaml

    text = yaml.safe_dump(plain(rig), sort_keys=False, default_flow_style=None)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    except OSError as error:
        raise OddgenError(f"{path}: {in_words(error)}; give another --out.") from error
