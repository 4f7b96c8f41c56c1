"""The commands `oddgen ...`; every heavy import waits until its command runs."""

from __future__ import annotations

import difflib
import functools
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from datagen.errors import OddgenError

SOURCES = (
    "builtin",
    "toys4k",
    "abc",
    "folder",
    "builtin+toys4k",
    "builtin+abc",
    "builtin+folder",
)
ANOMALIES = (
    "fracture",
    "crack",
    "dislodged",
    "discoloured",
    "bend",
    "twist",
    "bump",
    "deform",
    "translate",
    "rotate",
    "scale",
    "missing",
    "material",
)


class Command(click.Command):
    """A wrong option is answered with one sentence, without the usage."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise click.ClickException(_sentence(error)) from error


class CannotRun(click.ClickException):
    """For commands whose status 1 means that they ran and found faults."""

    exit_code = 2


class CannotRunCommand(Command):
    """Answers a wrong option with status 2."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.ClickException as error:
            raise CannotRun(error.format_message()) from error


class Group(click.Group):
    """Its commands and subgroups answer as Command does."""

    command_class = Command
    group_class = type

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.ClickException(_sentence(error)) from error


class Choice(click.Choice[str]):
    """Suggests the nearest choice."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        near = difflib.get_close_matches(str(value), self.choices, 1, 0.7)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(self.choices)}."
        return f"{value}: not known; {hint}"


class IntRange(click.IntRange):
    """Says which numbers it takes."""

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            top = "or more" if self.max is None else f"to {self.max}"
            self.fail(f"{value}: give a whole number, {self.min} {top}.", param, ctx)


class FloatRange(click.FloatRange):
    """Says which numbers it takes; NaN and infinity are none."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        try:
            number = super().convert(value, param, ctx)
        except click.BadParameter:
            number = math.nan
        if not math.isfinite(number):
            top = "or more" if self.max is None else f"to {self.max}"
            self.fail(f"{value}: give a number, {self.min} {top}.", param, ctx)
        return number


def _sentence(error: click.UsageError) -> str:
    if type(error) is click.BadParameter and error.param and error.param.opts:
        return f"{error.param.opts[0]} {error.message}"
    return " ".join(error.format_message().split())


def one_sentence(command: Callable[..., Any]) -> Callable[..., Any]:
    """Show an OddgenError as its one sentence instead of a traceback."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except OddgenError as error:
            raise click.ClickException(str(error)) from error

    return wrapped


class ObjectRange(click.ParamType):
    """`3-6` or `4`."""

    name = "range"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        low, _, high = value.partition("-")
        try:
            result = int(low), int(high or low)
        except ValueError:
            self.fail(f"{value}: give a range like 3-6.", param, ctx)
        if not 1 <= result[0] <= result[1] <= 40:
            self.fail(f"{value}: give 1 to 40 objects, the smaller number first.", param, ctx)
        return result


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="odd-one-out")
def oddgen() -> None:
    """Make scenes of near-identical objects in which some are odd, with labels for every pixel."""


@oddgen.command()
@click.option("--source", type=Choice(SOURCES), default="builtin", show_default=True)
@click.option("--assets", type=click.Path(path_type=Path), help="Folder with the source's files.")
@click.option("--up", type=Choice(["y", "z"]), help="Up axis of the files, if not standard.")
@click.option("--scenes", type=IntRange(1, 999_999), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--seed", type=IntRange(0), default=0, show_default=True)
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@click.option(
    "--objects",
    type=ObjectRange(),
    help="Objects per scene [toys 3-6, parts 3-12]; below 3 none is anomalous.",
)
@click.option("--pose", type=Choice(["drop", "upright"]), default="drop", show_default=True)
@click.option(
    "--anomalies",
    "kinds",
    multiple=True,
    type=Choice(ANOMALIES),
    help="Types to use (repeatable) [all].",
)
@click.option(
    "--severity",
    default="normal",
    show_default=True,
    help="subtle, normal, gross or a range such as 0.2-0.6.",
)
@click.option(
    "--normal-share",
    type=FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Share of scenes without any anomaly.",
)
@click.option("--split", type=Choice(["all", "seen", "unseen"]), default="all", show_default=True)
@click.option(
    "--preset",
    type=Choice(["draft", "default", "published"]),
    default="default",
    show_default=True,
)
@click.option("--samples", type=IntRange(1, 65536), help="Cycles samples per pixel.")
@click.option("--resolution", type=IntRange(32, 4096), help="Image size in pixels.")
@click.option("--views", type=IntRange(1, 500), help="Views per scene.")
@click.option("--hdri", type=click.Path(path_type=Path), help="Folder of .hdr / .exr files.")
@click.option("--floors", type=click.Path(path_type=Path), help="Folder of PBR floor textures.")
@click.option("--device", type=Choice(["auto", "cpu"]), default="auto", show_default=True)
@click.option("--save-blend", is_flag=True, help="Keep every scene as a .blend too.")
@click.option("--scenes-per-shard", type=IntRange(1, 10_000), default=50, show_default=True)
@click.option(
    "--timeout",
    type=FloatRange(1),
    default=1800.0,
    show_default=True,
    help="Seconds a scene may take.",
)
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def generate(
    source: str,
    assets: Path | None,
    up: str | None,
    scenes: int,
    out: Path,
    seed: int,
    workers: int,
    objects: tuple[int, int] | None,
    pose: str,
    kinds: tuple[str, ...],
    severity: str,
    normal_share: float,
    split: str,
    preset: str,
    samples: int | None,
    resolution: int | None,
    views: int | None,
    hdri: Path | None,
    floors: Path | None,
    device: str,
    save_blend: bool,
    scenes_per_shard: int,
    timeout: float,
    cache: Path | None,
) -> None:
    """Make scenes and pack them into HDF5 shards; the same command again goes on."""
    from anomalies.severity import parse_severity
    from datagen.generate import generate as run
    from datagen.pool import run_local
    from datagen.spec import PRESETS, RenderSettings, Settings
    from datagen.summary import print_summary

    if source == "builtin" and up is not None:
        raise OddgenError(f"--up {up}: the built-in source takes no files; leave --up out.")
    asked = {"samples": samples, "resolution": resolution, "views": views}
    quality = PRESETS[preset] | {key: value for key, value in asked.items() if value is not None}
    settings = Settings(
        source=source,
        assets=_absolute(assets),
        up=up,
        hdri=_absolute(hdri),
        floors=_absolute(floors),
        seed=seed,
        objects=objects,
        pose=pose,
        anomalies=tuple(sorted(set(kinds or ANOMALIES))),
        severity=parse_severity(severity),
        normal_share=normal_share,
        split=split,
        render=RenderSettings(**quality),
        scenes_per_shard=scenes_per_shard,
    )
    engine = functools.partial(run_local, workers=workers, timeout=timeout)
    console = _console()
    summary = run(
        settings, scenes, out, cache or _default_cache(), engine, device, save_blend, console
    )
    print_summary(summary, console)
    if summary.failed:
        sys.exit(1)


@oddgen.command()
@click.argument("shape")
@click.option(
    "--type", "kinds", multiple=True, type=Choice(ANOMALIES), help="Types (repeatable) [all]."
)
@click.option("--count", type=IntRange(1, 1000), default=4, show_default=True, help="Of each type.")
@click.option(
    "--severity",
    default="normal",
    show_default=True,
    help="subtle, normal, gross or a range such as 0.2-0.6.",
)
@click.option("--seed", type=IntRange(0), default=0, show_default=True)
@click.option("--up", type=Choice(["y", "z"]), help="Up axis of the file, if not standard.")
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--render", is_flag=True, help="Pictures by Cycles: slower, as in a scene.")
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def anomalies(
    shape: str,
    kinds: tuple[str, ...],
    count: int,
    severity: str,
    seed: int,
    up: str | None,
    out: Path,
    render: bool,
    cache: Path | None,
) -> None:
    """Odd versions of one SHAPE, a mesh or CAD file or a built-in name such as mug.

    Writes them as .glb, with a before / after picture each, sheet.png of all and anomalies.json.
    """
    from anomalies.severity import parse_severity
    from datagen.anomaly_files import make_files
    from datagen.cache import ShapeCache

    made = make_files(
        shape,
        [kind for kind in ANOMALIES if kind in kinds or not kinds],
        count,
        parse_severity(severity),
        seed,
        out,
        ShapeCache(cache or _default_cache()),
        up,
        render,
    )
    for sentence in (*made.inapplicable, *made.missing):
        click.echo(sentence, err=True)
    click.echo(made.written[-1])
    if made.missing:
        sys.exit(1)


@oddgen.command()
@click.argument("out", type=click.Path(path_type=Path))
@one_sentence
def info(out: Path) -> None:
    """What a dataset holds: scenes, objects, anomaly types, sources, licences, sizes."""
    from datagen.info import print_info

    print_info(out)


@oddgen.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@one_sentence
def verify(out: Path, workers: int) -> None:
    """Check every checksum, every shard and every scene of a dataset."""
    from datagen.verify import verify as check

    problems = check(out, workers)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    click.echo(f"{out}: every checksum, shard and scene is in order.")


@oddgen.command(cls=CannotRunCommand)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache of the dataset.")
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder for validation.json and report.html [PATH/validation].",
)
def validate(path: Path, cache: Path | None, workers: int, folder: Path | None) -> None:
    """Check the dataset or shape cache PATH from its data: anomalies, scenes, shortcuts.

    Ends with 0 where all passes, 1 where something fails, 2 where nothing could be checked.
    """
    from datagen.validate.report import print_report
    from datagen.validate.run import validate as run

    try:
        report = run(path, cache or _default_cache(), folder, workers, _console())
    except OddgenError as error:
        raise CannotRun(str(error)) from error
    print_report(report, _console())
    click.echo((folder or path / "validation") / "report.html")
    if not report.passed:
        sys.exit(1)


@oddgen.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("scene", type=IntRange(0, 999_999))
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--assets", type=click.Path(path_type=Path), help="Where the source's files are now.")
@click.option("--hdri", type=click.Path(path_type=Path), help="Where the HDRIs are now.")
@click.option("--floors", type=click.Path(path_type=Path), help="Where the floors are now.")
@click.option("--device", type=Choice(["auto", "cpu"]), default="auto", show_default=True)
@click.option("--save-blend", is_flag=True, help="Write the scene as a .blend too.")
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def remake(
    out: Path,
    scene: int,
    folder: Path,
    assets: Path | None,
    hdri: Path | None,
    floors: Path | None,
    device: str,
    save_blend: bool,
    cache: Path | None,
) -> None:
    """Make scene number SCENE of the dataset OUT again, from the specification stored with it."""
    from datagen.remake import remake_to

    folders = {"assets": assets, "hdri": hdri, "floors": floors}
    moved = {key: str(path.resolve()) for key, path in folders.items() if path is not None}
    path, differing = remake_to(
        out, scene, folder, cache or _default_cache(), moved, device, save_blend
    )
    if differing:
        raise OddgenError(
            f"{path}: {', '.join(differing)} differ from the dataset; use the device and the "
            "versions that it was made with."
        )
    click.echo(f"{path}: equal to the dataset in every array.")


@oddgen.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "destination",
    type=click.Path(path_type=Path),
    help="Folder for the pictures [OUT/gallery].",
)
@click.option(
    "--scenes",
    type=IntRange(1),
    default=60,
    show_default=True,
    help="At most so many, spread evenly over the dataset.",
)
@one_sentence
def gallery(out: Path, destination: Path | None, scenes: int) -> None:
    """Contact sheets (PNG) and one self-contained HTML page to look through a dataset."""
    from datagen.gallery import make_gallery

    for path in make_gallery(out, destination, scenes):
        click.echo(path)


@oddgen.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--splits", type=click.Path(path_type=Path), help="Split file (JSON) to record.")
@click.option(
    "--licence", default="not stated", show_default=True, help="Licence of the dataset, to record."
)
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@click.option("--scenes-per-shard", type=IntRange(1, 10_000), default=50, show_default=True)
@one_sentence
def import_(
    path: Path,
    out: Path,
    splits: Path | None,
    licence: str,
    workers: int,
    scenes_per_shard: int,
) -> None:
    """Turn PATH, a published ToysAD-8K / PartsAD-15K folder or one of its scenes, into shards.

    Every scene that is wrong is reported; the same command again goes on.
    """
    from datagen.published.importer import import_published, print_import

    console = _console()
    summary = import_published(path, out, workers, scenes_per_shard, splits, licence, console)
    print_import(summary, console)
    if summary.failed or summary.faults:
        sys.exit(1)


@oddgen.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=Choice(["published", "coco", "mvtec"]), required=True)
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@one_sentence
def export(out: Path, kind: str, folder: Path, workers: int) -> None:
    """Write dataset OUT in another layout: of the published data, COCO or MVTec AD."""
    console = _console()
    if kind == "published":
        from datagen.published.exporter import export_published

        summary = export_published(out, folder, workers, console)
    elif kind == "coco":
        from datagen.exports.coco import export_coco

        summary = export_coco(out, folder, workers, console)
    else:
        from datagen.exports.mvtec import export_mvtec

        summary = export_mvtec(out, folder, workers, console)
    for line in summary.lines():
        click.echo(line, err=True)
    if summary.failed:
        sys.exit(1)
    click.echo(folder)


@oddgen.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--predictions", type=click.Path(path_type=Path), help="Boxes to overlay (docs/scoring.md)."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=IntRange(1024, 65535), default=8080, show_default=True)
@one_sentence
def view(out: Path, predictions: Path | None, host: str, port: int) -> None:
    """Look at dataset OUT in 3D in the browser; Ctrl-C ends it."""
    import threading

    from datagen.viewer.server import open_dataset, serving

    predicted = {}
    if predictions is not None:
        from benchmark.scoring.read import read_predictions

        answers = read_predictions(predictions).answers
        predicted = {name: (answer.boxes, answer.scores) for name, answer in answers.items()}
    with serving(open_dataset(out, predicted), predicted, host, port) as address:
        click.echo(f"{address} (Ctrl-C ends)")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("ended", err=True)


@oddgen.group()
def assets() -> None:
    """The sources, HDRIs and floors that assets_manifest.yaml knows."""


ROOT = click.option(
    "--root", type=click.Path(path_type=Path), help="Where to look for assets [./assets]."
)


@assets.command("list")
@ROOT
@one_sentence
def assets_list(root: Path | None) -> None:
    """What oddgen can draw from: whether it is here, its licence, how to get it."""
    from datagen.manifest import default_roots, find, load_manifest, presence

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
def assets_verify(name: str | None, folder: Path | None, root: Path | None) -> None:
    """Check asset NAME in FOLDER, or all that can be found, against the manifest."""
    from datagen.manifest import default_roots, find, has_checksums, load_manifest, presence
    from datagen.manifest import verify as check

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
    for key, place in found.items():
        problems = check(known[key], place)
        bad |= bool(problems)
        for problem in problems:
            click.echo(problem, err=True)
        if not problems:
            agree = has_checksums(known[key], place)
            sums = "checksums agree" if agree else "no checksums are known"
            click.echo(f"{key}: in order in {place} ({sums}).")
    if bad:
        sys.exit(1)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="odd-one-out")
def oddbench() -> None:
    """Measure: what scenes cost, and what detectors find in them."""


@oddbench.command("rendering")
@click.option("--quick", is_flag=True, help="One scene, and no memory run.")
def oddbench_rendering(quick: bool) -> None:
    """CPU-seconds, PSNR, overhead and memory of making scenes, as ratios of one run.

    Takes about half an hour on two cores, --quick a quarter of that.
    """
    from benchmark.rendering import measure

    measure(quick)


@oddbench.command("anomalies")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--shapes", type=IntRange(1), default=20, show_default=True, help="Of every folder.")
@click.option(
    "--type", "kinds", multiple=True, type=Choice(ANOMALIES), help="Types (repeatable) [all]."
)
@click.option("--severity", default="normal", show_default=True)
@click.option("--workers", type=IntRange(1, 256), default=1, show_default=True)
@click.option("--cache", type=click.Path(path_type=Path), help="Shape cache folder.")
@one_sentence
def oddbench_anomalies(
    folders: tuple[Path, ...],
    shapes: int,
    kinds: tuple[str, ...],
    severity: str,
    workers: int,
    cache: Path | None,
) -> None:
    """Every anomaly on the meshes of FOLDERS: how many succeed, and their CPU-seconds."""
    from anomalies.severity import parse_severity
    from benchmark.anomalies import measure

    measure(
        folders,
        shapes,
        parse_severity(severity),
        [kind for kind in ANOMALIES if kind in kinds or not kinds],
        workers,
        cache or _default_cache(),
    )


DATA = click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="Dataset of oddgen generate."
)
SPLIT = click.option(
    "--split", type=Choice(["all", "seen", "unseen"]), default="all", show_default=True
)
DRAWS = click.option(
    "--draws",
    type=IntRange(100, 100_000),
    default=1000,
    show_default=True,
    help="Of the bootstrap.",
)
SEED = click.option("--seed", type=IntRange(0), default=0, show_default=True)


@oddbench.command("predict")
@click.option("--detector", help="Name of a detector; docs/your-detector.md.")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    help="Instead of --detector: an --out folder of oddbench train, or one .pt file.",
)
@DATA
@SPLIT
@click.option("--views", type=IntRange(1, 500), default=5, show_default=True, help="Fixed ones.")
@click.option(
    "--protocol",
    type=Choice(["predicted", "count", "true-boxes"]),
    help="What the detector is told [what it prefers].",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File, .jsonl.")
@one_sentence
def oddbench_predict(
    detector: str | None,
    checkpoint: Path | None,
    data: Path,
    split: str,
    views: int,
    protocol: str | None,
    out: Path,
) -> None:
    """Let a detector judge every scene of a split; the same command again goes on."""
    from benchmark.scoring.detector import load_detector
    from benchmark.scoring.predict import predict

    if (detector is None) == (checkpoint is None):
        raise OddgenError("oddbench predict: give either --detector or --checkpoint.")
    if checkpoint is not None:
        _needs_torch()
        from benchmark.training.detector import load_trained

        loaded = load_trained(checkpoint)
    else:
        assert detector is not None
        loaded = load_detector(detector)
    made = predict(loaded, data, split, views, out, protocol, _console())
    click.echo(out)
    if any(answer.failed for answer in made.answers.values()):
        sys.exit(1)


@oddbench.command("score")
@DATA
@SPLIT
@click.option(
    "--predictions",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="File of predictions (repeatable); docs/scoring.md.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@DRAWS
@SEED
@one_sentence
def oddbench_score(
    data: Path, split: str, files: tuple[Path, ...], out: Path, draws: int, seed: int
) -> None:
    """Score predictions: a table, scores.json and report.html, with 95 % intervals."""
    from rich.console import Console

    from benchmark.scoring.report import write_report
    from benchmark.scoring.score import score, write_scores
    from benchmark.scoring.tables import print_scores

    scores = score(data, split, files, draws, seed)
    written = write_scores(scores, out), write_report(scores, out)
    print_scores(scores, Console())
    for path in written:
        click.echo(path)


@oddbench.command("compare")
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@DRAWS
@SEED
@one_sentence
def oddbench_compare(a: Path, b: Path, draws: int, seed: int) -> None:
    """Is the run B better than A? Each is an --out folder of oddbench score, or one of its runs."""
    from rich.console import Console

    from benchmark.scoring.compare import compare, print_comparison, read_scored

    first, second = read_scored(a), read_scored(b)
    print_comparison(first, second, compare(first, second, draws, seed), Console())


def _model_options(command: Any) -> Any:
    """Which detector: --preset and --variant."""
    variant = click.option(
        "--variant",
        type=Choice(["A", "B", "C", "full"]),
        default="full",
        show_default=True,
        help="Row of the paper's Table 2.",
    )
    preset = click.option(
        "--preset",
        type=Choice(["paper", "small", "nano"]),
        default="nano",
        show_default=True,
    )
    return preset(variant(command))


@oddbench.command("train")
@DATA
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@_model_options
@click.option(
    "--teacher",
    type=click.Path(path_type=Path),
    help="DINOv2 weights, a local .pth or .safetensors file.",
)
@click.option("--no-distillation", is_flag=True, help="Train without a teacher.")
@click.option(
    "--features",
    type=click.Path(path_type=Path),
    help="File of the teacher's features, to share between runs [OUT/features.h5].",
)
@click.option(
    "--encoder-weights",
    type=click.Path(path_type=Path),
    help="Folder of a transformers ResNet-50, for --preset paper.",
)
@click.option("--pretraining-epochs", type=IntRange(0), help="Of stage 1 [the preset's].")
@click.option("--epochs", type=IntRange(0), help="Of stage 2 [the preset's].")
@click.option("--batch", type=IntRange(1), help="Scenes a step [the preset's].")
@click.option("--learning-rate", type=FloatRange(0), help="[the preset's]")
@click.option(
    "--validation",
    type=FloatRange(0, 0.9),
    default=0.1,
    show_default=True,
    help="Share of the seen scenes that is held out.",
)
@click.option("--seed", type=IntRange(0), default=0, show_default=True)
@click.option("--workers", type=IntRange(0, 256), default=0, show_default=True, help="Loaders.")
@click.option(
    "--memory",
    type=FloatRange(0),
    default=8.0,
    show_default=True,
    help="GB of decoded images to keep.",
)
@click.option("--precision", type=Choice(["no", "bf16"]), default="no", show_default=True)
@click.option("--device", type=Choice(["auto", "cpu"]), default="auto", show_default=True)
@one_sentence
def oddbench_train(
    data: Path,
    out: Path,
    preset: str,
    variant: str,
    teacher: Path | None,
    no_distillation: bool,
    features: Path | None,
    encoder_weights: Path | None,
    pretraining_epochs: int | None,
    epochs: int | None,
    batch: int | None,
    learning_rate: float | None,
    validation: float,
    seed: int,
    workers: int,
    memory: float,
    precision: str,
    device: str,
) -> None:
    """Train the paper's detector on a dataset; the same command again goes on.

    Writes last.pt and best.pt, history.jsonl, curves.png and tensorboard/ into OUT.
    """
    _needs_torch()
    from benchmark.training.train import TrainingJob, train
    from model.config import changed, chosen

    config = changed(
        chosen(preset, variant, distil=not no_distillation),
        pretraining_epochs=pretraining_epochs,
        epochs=epochs,
        batch=batch,
        learning_rate=learning_rate,
    )
    job = TrainingJob(
        data=data,
        out=out,
        config=config,
        teacher=teacher,
        features=features,
        encoder_weights=encoder_weights,
        seed=seed,
        validation=validation,
        workers=workers,
        memory=round(memory * 1e9),
        precision=precision,
        cpu=device == "cpu",
    )
    click.echo(train(job, _console()))


@oddbench.command("model")
@_model_options
@click.option("--views", type=IntRange(1, 500), help="Images of the scene [the preset's].")
@click.option("--objects", type=IntRange(1, 40), default=5, show_default=True)
@click.option("--training", is_flag=True, help="Time and memory of a training step as well.")
@click.option("--precision", type=Choice(["no", "bf16"]), default="no", show_default=True)
@click.option("--device", type=Choice(["auto", "cpu"]), default="auto", show_default=True)
@one_sentence
def oddbench_model(
    preset: str,
    variant: str,
    views: int | None,
    objects: int,
    training: bool,
    precision: str,
    device: str,
) -> None:
    """Parameters, operations, time and memory of the detector, counted on a made-up scene."""
    _needs_torch()
    from benchmark.training.cost import print_cost
    from model.config import chosen

    print_cost(chosen(preset, variant), views, objects, training, precision, device)


def _needs_torch() -> None:
    from importlib.util import find_spec

    lacking = [name for name in ("torch", "transformers", "accelerate") if not find_spec(name)]
    if lacking:
        raise OddgenError(
            f"the detector needs {' and '.join(lacking)}: pip install 'odd-one-out[model]'."
        )


def _roots(root: Path | None) -> list[Path]:
    if root is not None and not root.is_dir():
        raise OddgenError(f"{root}: no such folder; give --root the folder that holds the assets.")
    return [] if root is None else [root]


def _console() -> Any:
    from rich.console import Console

    return Console(stderr=True)


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


def _default_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("oddgen")
