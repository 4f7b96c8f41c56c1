"""Frozen dataclasses from and to JSON (pydantic), and what is wrong at which key."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import from_json, to_json
from pydantic_core.core_schema import TaggedUnionSchema

from datagen.base.files import in_words, write_text
from datagen.errors import OddgenError

T = TypeVar("T")

LEFT_OUT = Field(exclude_if=lambda value: value is None)
"""For a field of default None whose key is missing from the JSON where it is None."""

NOTHING_ELSE = ConfigDict(extra="forbid")
"""As `__pydantic_config__` of a type that passes over no key, nor do the types in it."""


def _nan_of_null(value: Any) -> Any:
    return math.nan if value is None else value


def _null_of_nan(value: float) -> float | None:
    return None if math.isnan(value) else value


NullForNaN = Annotated[
    float, BeforeValidator(_nan_of_null), PlainSerializer(_null_of_nan, float | None)
]
"""A number that may be NaN, which JSON has not."""

_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}  # they take milliseconds to make


class WrongData(ValueError):
    """Text that is no JSON or not of the type; says what is wrong at which key.

    key: names and numbers from the outermost in, none where it is no JSON. fault: pydantic's name
    for what is wrong; told: its words for it.
    """

    def __init__(
        self, words: str, key: tuple[str | int, ...] = (), fault: str = "", told: str = ""
    ) -> None:
        super().__init__(words)
        self.key, self.fault, self.told = key, fault, told


def parse(kind: type[T], text: str | bytes, finite: bool = True) -> T:
    """The value that a JSON text holds; keys that the type does not know are passed over.

    Raises WrongData; where finite, also for NaN and infinity, which are no JSON.
    """
    try:
        from_json(text, allow_inf_nan=not finite)
    except ValueError as error:
        raise WrongData(f"no JSON: {error}") from error
    try:
        value: T = _adapter(kind).validate_json(text, strict=True)
    except ValidationError as error:
        raise _wrong(error) from error
    return value


def parsed(kind: type[T], content: Any, finite: bool = True) -> T:
    """As parse, of content that is decoded already."""
    try:
        text = to_json(content, inf_nan_mode="constants")
    except ValueError as error:
        raise WrongData(f"no JSON: {error}") from error
    return parse(kind, text, finite)


def plain(value: Any) -> Any:
    """Dicts, lists, strings, numbers, booleans and None, as JSON has them."""
    return _adapter(type(value)).dump_python(value, mode="json", by_alias=True)


def line(value: Any) -> str:
    """Of a JSON Lines file, with its end."""
    return json.dumps(plain(value)) + "\n"


def schema(kind: Any) -> JsonSchemaValue:
    """The type's JSON schema (2020-12)."""
    return _adapter(kind).json_schema(mode="serialization", schema_generator=_AnyOf)


class _AnyOf(GenerateJsonSchema):
    """Of alternatives told apart by some keys, a value may fit more than one."""

    def tagged_union_schema(self, schema: TaggedUnionSchema) -> JsonSchemaValue:
        found = super().tagged_union_schema(schema)
        return {"anyOf" if key == "oneOf" else key: value for key, value in found.items()}


def read(kind: type[T], path: Path, remedy: str, finite: bool = True) -> T:
    """What the file holds. Raises OddgenError: what is wrong at which key, and the remedy."""
    try:
        return parse(kind, path.read_bytes(), finite)
    except PermissionError as error:
        raise OddgenError(f"{path}: {in_words(error)}; check the file's rights.") from error
    except OSError as error:
        raise OddgenError(f"{path}: {in_words(error)}; {remedy}.") from error
    except WrongData as error:
        raise OddgenError(f"{path}: {error}; {remedy}.") from error


def write(path: Path, value: Any, sort_keys: bool = True) -> None:
    """Whole, with sorted keys or in the order of the fields. Raises OSError."""
    text = json.dumps(plain(value), indent=1, sort_keys=sort_keys, allow_nan=False)
    write_text(path, text + "\n")


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _wrong(error: ValidationError) -> WrongData:
    """The first fault: `shards.0.sha256 should be a valid string`."""
    first = error.errors(include_url=False, include_input=False)[0]
    key = ".".join(str(part) for part in first["loc"]) or "the content"
    told, fault = first["msg"].removeprefix("Value error, "), first["type"]
    if fault == "missing":
        words = f"{key} is missing"
    elif fault == "unexpected_keyword_argument":
        words = f"{key} is not known here"
    elif told.startswith("Input should"):
        words = f"{key} {told.removeprefix('Input ')}"
    else:
        words = f"{key}: {told}"
    return WrongData(" ".join(words.split()), first["loc"], fault, told)
