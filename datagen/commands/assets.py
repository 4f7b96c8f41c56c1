"""oddgen assets: what can be drawn from."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from datagen.commands.options import Group, one_sentence
from datagen.errors import OddgenError


@click.group(cls=Group)
def assets() -> None:
    """The sources, HDRIs and floors that assets_manifest.yaml knows."""


ROOT = click.option(
    "--root", type=click.Path(path_type=Path), help="Where to look for assets [./assets]."
)


@assets.command("list")
@ROOT
@one_sentence
def list_(root: Path | None) -> None:
    """What oddgen can draw from: whether it is here, its licence, how to get it."""
    from datagen.assets.manifest import default_roots, find, load_manifest, presence

    known = load_manifest()
    found = find(known, _roots(root) or default_roots())
    for asset in known:
        click.echo(f"{asset.name} ({asset.kind}): {presence(asset, found.get(asset.name))}")
        for title in ("licence", "home", "get", "layout"):
            click.echo(f"    {title:8} {getattr(asset, title)}")


@assets.command("verify")
@click.argument("name", required=False)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@ROOT
@one_sentence
def verify(name: str | None, folder: Path | None, root: Path | None) -> None:
    """Check asset NAME in FOLDER, or all that can be found, against the manifest."""
    from datagen.assets.manifest import default_roots, find, has_checksums, load_manifest, presence
    from datagen.assets.manifest import verify as check

    known = {asset.name: asset for asset in load_manifest()}
    if name is not None and name not in known:
        raise OddgenError(f"{name}: not in the manifest; choose one of {', '.join(known)}.")
    if name is not None and folder is not None:
        found = {name: folder}
    else:
        asked = list(known.values()) if name is None else [known[name]]
        found = find(asked, _roots(root) or default_roots())
    if name is not None and known[name].is_bundled:
        click.echo(f"{name}: {presence(known[name], None)}.")
    elif name is not None and name not in found:
        raise OddgenError(
            f"{name}: not found; give its folder: oddgen assets verify {name} FOLDER."
        )
    bad = False
    for key, path in found.items():
        problems = check(known[key], path)
        bad |= bool(problems)
        for problem in problems:
            click.echo(problem, err=True)
        if not problems:
            agree = has_checksums(known[key], path)
            sums = "checksums agree" if agree else "no checksums are known"
            click.echo(f"{key}: in order in {path} ({sums}).")
    if bad:
        sys.exit(1)


def _roots(root: Path | None) -> list[Path]:
    if root is not None and not root.is_dir():
        raise OddgenError(f"{root}: no such folder; give --root the folder that holds the assets.")
    return [] if root is None else [root]
