"""assets_manifest.yaml: what oddgen can draw from, where it comes from, whether it is in order."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from datagen.assets.floors import list_floors
from datagen.assets.hdris import list_hdris, studiolights
from datagen.base.files import sha256
from datagen.errors import OddgenError

MANIFEST = Path(__file__).with_name("assets_manifest.yaml")
BLENDERS_OWN = "blender_studiolights"


@dataclass(frozen=True)
class AssetFile:
    """One file of an asset. path: below the asset's root; sha256, url: None where not known."""

    path: str
    sha256: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Asset:
    """Something to draw from.

    kind: shapes, hdri, floor or weights. home: where it comes from; get, layout: how to have it,
    and how its files must lie. signs: names by which it is known on a disk. version: where given,
    the checksums hold only below a folder of that name. author: where all have the same one; page:
    of one of its things, with {name} in place of its name.
    """

    name: str
    kind: str
    home: str
    licence: str
    get: str
    layout: str
    files: tuple[AssetFile, ...] = ()
    signs: tuple[str, ...] = ()
    version: str = ""
    author: str = ""
    page: str = ""

    @property
    def is_bundled(self) -> bool:
        """Whether it comes with this package."""
        return self.get.startswith("bundled with oddgen")


def load_manifest() -> list[Asset]:
    """Every asset, in the manifest's order. Raises OddgenError for a missing or broken manifest."""
    import yaml

    if not MANIFEST.is_file():
        raise OddgenError(f"{MANIFEST}: the manifest is missing; restore it from the repository.")
    try:
        entries = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["assets"]
        return [
            Asset(
                **entry
                | {
                    "files": tuple(AssetFile(**file) for file in entry.get("files", ())),
                    "signs": tuple(entry.get("signs", ())),
                }
            )
            for entry in entries
        ]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise OddgenError(
            f"{MANIFEST}: not a valid manifest; restore it from the repository."
        ) from error


def default_roots() -> list[Path]:
    """Where assets are looked for unless told: ./assets and where torch.hub keeps weights."""
    hub = Path(os.environ.get("TORCH_HOME", Path.home() / ".cache" / "torch")) / "hub"
    return [root for root in (Path("assets"), hub / "checkpoints") if root.is_dir()]


def find(assets: Sequence[Asset], roots: Sequence[Path]) -> dict[str, Path]:
    """The folder of every asset that is in one of the roots, by name.

    Blender's own HDRIs are found wherever bpy is.
    """
    entries = [entry for root in roots for entry in (root, *sorted(root.rglob("*")))]
    found = {}
    for asset in assets:
        holders = {
            str(entry.parent)
            for entry in entries
            if any(fnmatch.fnmatchcase(entry.name, sign) for sign in asset.signs)
        }
        if holders:
            found[asset.name] = Path(os.path.commonpath(holders))
    world = studiolights()
    if world is not None and any(asset.name == BLENDERS_OWN for asset in assets):
        found[BLENDERS_OWN] = world
    return found


def presence(asset: Asset, folder: Path | None) -> str:
    """Whether the asset is here, in words. folder: where it was found, or None."""
    if asset.is_bundled:
        return "bundled"
    if folder is not None:
        return f"present in {folder}"
    return "not found" if asset.signs or asset.files else "yours to give"


def verify(asset: Asset, root: Path) -> list[str]:
    """A sentence for each file of the asset that is missing or has another checksum.

    root: the folder that holds the asset. Where no checksums are known, images must be whole.
    """
    if not root.is_dir():
        return [f"{root}: no such folder; give the folder that holds {asset.name}."]
    if not asset.files and asset.signs and asset.name not in find([asset], [root]):
        return [f"{root}: no {asset.name} here ({asset.layout}); {asset.get} ({asset.home})."]
    if not asset.files:
        return _faults(asset, root)
    comparable = has_checksums(asset, root)
    problems = []
    for file in asset.files:
        path = root / file.path
        if not path.is_file():
            problems.append(f"{path}: missing; get it from {file.url or asset.home}.")
        elif comparable and file.sha256 is not None and sha256(path) != file.sha256:
            problems.append(
                f"{path}: not the file that the manifest knows (checksum differs); "
                f"get it again from {file.url or asset.home}."
            )
    return problems


def has_checksums(asset: Asset, root: Path) -> bool:
    """Whether checksums are known for the files in root."""
    known = any(file.sha256 for file in asset.files)
    return known and (not asset.version or asset.version in root.resolve().parts)


def _faults(asset: Asset, root: Path) -> list[str]:
    """What is wrong with images for which no checksums are known."""
    listers = {"hdri": list_hdris, "floor": list_floors}
    if asset.kind not in listers or asset.is_bundled:
        return []
    try:
        return listers[asset.kind](root)[1]
    except OddgenError as error:
        return [str(error)]
