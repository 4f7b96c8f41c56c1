"""assets_manifest.yaml: what oddgen can draw from, where it comes from, whether it is in order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from datagen.errors import OddgenError

MANIFEST = Path(__file__).parents[1] / "assets_manifest.yaml"


@dataclass(frozen=True)
class AssetFile:
    """path: relative to the asset's root; sha256, url: None where not known."""

    path: str
    sha256: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Asset:
    """kind: shapes, hdri, floor or weights."""

    name: str
    kind: str
    home: str
    licence: str
    get: str
    layout: str
    files: tuple[AssetFile, ...]


def load_manifest() -> list[Asset]:
    """Every asset, in the manifest's order."""
    import yaml

    if not MANIFEST.is_file():
        raise OddgenError(f"{MANIFEST}: the manifest is missing; restore it from the repository.")
    try:
        entries = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["assets"]
        return [
            Asset(**{**entry, "files": tuple(AssetFile(**file) for file in entry.get("files", ()))})
            for entry in entries
        ]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise OddgenError(
            f"{MANIFEST}: not a valid manifest; restore it from the repository."
        ) from error


def presence(asset: Asset, roots: dict[str, Path]) -> str:
    """present, absent, bundled or not given. roots: the user's folder of each asset by name."""
    if asset.get.startswith("bundled"):
        return "bundled"
    if asset.name not in roots:
        return "not given"
    root = roots[asset.name]
    if not root.is_dir():
        return "absent"
    here = all((root / file.path).is_file() for file in asset.files) and any(root.iterdir())
    return "present" if here else "absent"


def verify(asset: Asset, root: Path) -> list[str]:
    """A sentence for each file of asset that root lacks or holds with another checksum."""
    if not root.is_dir():
        return [f"{root}: no such folder; give the folder that holds {asset.name}."]
    problems = []
    for file in asset.files:
        path = root / file.path
        if not path.is_file():
            problems.append(f"{path}: missing; get it from {file.url or asset.home}.")
        elif file.sha256 is not None and _sha256(path) != file.sha256:
            problems.append(
                f"{path}: not the file that the manifest knows (checksum differs); "
                f"get it again from {file.url or asset.home}."
            )
    return problems


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
