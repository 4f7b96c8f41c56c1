"""What the commands share: option types that answer in one sentence, and common options."""

from __future__ import annotations

import difflib
import errno
import functools
import io
import json
import math
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from datagen.base.files import in_words, is_utf8, readable, special_fault
from datagen.base.locks import NoLocks
from datagen.errors import OddgenError
from datagen.geometry.limits import MAX_FACES, READABLE


class Command(click.Command):
    """A wrong option is answered with one sentence, without the usage."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises ClickException with the sentence, also for names that are no UTF-8.

        And for paths that are no files or folders, which would be read for ever or replaced.
        """
        try:
            left = super().parse_args(ctx, args)
        except click.UsageError as error:
            raise click.ClickException(_sentence(error)) from error
        for value in ctx.params.values():
            for name in value if isinstance(value, tuple | list) else (value,):
                if isinstance(name, str | Path) and (fault := name_fault(name)):
                    raise click.ClickException(fault)
                if isinstance(name, Path) and (fault := special_fault(name)):
                    raise click.ClickException(f"{name}: {fault}; give a file or a folder.")
        return left


def name_fault(name: str | Path) -> str | None:
    """A sentence for a name that is no UTF-8, or lies below one; None for others.

    Neither Blender nor JSON can hold such.
    """
    whole = os.path.abspath(name) if isinstance(name, Path) else name
    if is_utf8(whole):
        return None
    return f"{readable(whole)}: this name is no UTF-8; rename it, or choose another."


class CannotRun(click.ClickException):
    """For commands whose status 1 means that they ran and found faults."""

    exit_code = 2


class CannotRunCommand(Command):
    """Answers a wrong option with status 2."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises CannotRun with the sentence."""
        try:
            return super().parse_args(ctx, args)
        except click.ClickException as error:
            raise CannotRun(error.format_message()) from error


class Group(click.Group):
    """Its commands and subgroups answer as Command does."""

    command_class = Command
    group_class = type

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """As click's; what the terminal has no letters for is printed as escapes.

        A terminal or file that takes no output is told in a sentence, and so is what a file system
        lacks.
        """
        warnings.showwarning = _shown(warnings.showwarning)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EBADF, errno.EIO) or error.filename:
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left is flushed at the end
            click.echo(
                f"Error: the output cannot be written ({error.strerror}); give another file.",
                err=True,
            )
            sys.exit(1)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Raises ClickException with a sentence for an unknown command."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.ClickException(_sentence(error)) from error


class Choice(click.Choice[str]):
    """Suggests the nearest choice."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """The sentence for another value, with the nearest choice."""
        near = difflib.get_close_matches(str(value), self.choices, 1, 0.7)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(self.choices)}."
        return f"{value}: not known; {hint}"


class AnomalyName(click.ParamType):
    """The name of an anomaly type, ours or another package's."""

    name = "type"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """The name; fails with the nearest one where there is no such type."""
        from anomalies import type_names

        chosen: str = Choice(type_names()).convert(value, param, ctx)
        return chosen

    def get_metavar(self, param: Any, ctx: Any = None) -> str:
        """All names, for the help."""
        from anomalies import type_names

        return f"[{'|'.join(type_names())}]"


class IntRange(click.IntRange):
    """Says which numbers it takes."""

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """The number; fails with the range."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            top = "or more" if self.max is None else f"to {self.max}"
            self.fail(f"{value}: give a whole number, {self.min} {top}.", param, ctx)


class FloatRange(click.FloatRange):
    """Says which numbers it takes; NaN and infinity are none."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """The number; fails with the range."""
        try:
            number = super().convert(value, param, ctx)
        except click.BadParameter:
            number = math.nan
        if not math.isfinite(number):
            top = "or more" if self.max is None else f"to {self.max}"
            self.fail(f"{value}: give a number, {self.min} {top}.", param, ctx)
        return number


class ObjectRange(click.ParamType):
    """`3-6` or `4`."""

    name = "range"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        """Fewest and most; fails with an example."""
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


class SpanType(click.ParamType):
    """`0.6-0.9` or `0.7`: numbers from one to another."""

    name = "range"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, float]:
        """Least and most; fails with an example."""
        if isinstance(value, tuple):
            return value
        low, _, high = value.partition("-") if not value.startswith("-") else (value, "", "")
        try:
            return float(low), float(high or low)
        except ValueError:
            self.fail(f"{value}: give a range like 0.6-0.9, or one number.", param, ctx)


max_faces_option = click.option(
    "--max-faces",
    type=IntRange(1000, READABLE),
    default=MAX_FACES,
    show_default=True,
    help="Files of more triangles are simplified to so many.",
)


json_option = click.option(
    "--json", "as_json", is_flag=True, help="For programs: one JSON value on stdout, nothing else."
)


def say_json(value: Any) -> None:
    """Prints it, with names in the order that they have."""
    from datagen.base.typed import plain

    click.echo(json.dumps(plain(value), indent=1, allow_nan=False))


def one_sentence(command: Callable[..., Any]) -> Callable[..., Any]:
    """Show an OddgenError as its one sentence instead of a traceback.

    So too what the system says of a file, where nothing nearer to it has said it better.
    """

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except OddgenError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(
                f"{error.filename}: {in_words(error)}; see that it can be read and written, and "
                "run again."
            ) from error

    return wrapped


def console() -> Any:
    """For people, on stderr."""
    from rich.console import Console

    return Console(stderr=True, markup=False)


def default_cache() -> Path:
    """The user's own cache folder. Raises OddgenError where its name is no UTF-8."""
    from platformdirs import user_cache_path

    folder = user_cache_path("oddgen")
    if fault := name_fault(folder):
        raise OddgenError(fault)
    return folder


def _shown(other: Callable[..., None]) -> Callable[..., None]:
    """What shows warnings: our own as a sentence, the rest as `other` does."""

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if issubclass(category, NoLocks):
            click.echo(f"Note: {message}", err=True)
        else:
            other(message, category, *where, **more)

    return show


def _sentence(error: click.UsageError) -> str:
    if type(error) is click.BadParameter and error.param and error.param.opts:
        return f"{error.param.opts[0]} {error.message}"
    return " ".join(error.format_message().split())
