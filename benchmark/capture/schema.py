"""What captures are read from and answered with: one type each file.

Those of other programs hold more keys than are told here, which are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from benchmark.detectors.predictions import ProtocolName
from datagen.base.typed import LEFT_OUT

Point: TypeAlias = tuple[float, float, float]
Row: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True)
class FoundBox:
    """odd: whether the score is the threshold or more. box: lowest and highest corner.

    box: in the detector's world. corners: 8 in the scene's or the capture's own coordinates.
    """

    score: float
    odd: bool
    box: tuple[Point, Point]
    corners: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class BoxesFile:
    """boxes.json; docs/captures.md tells every key.

    shown: digest of what the detector was given. threshold: of the scores, from which on an object
    is odd. floor, scale, model_from_capture: of a capture.
    """

    format: Literal["odd-one-out boxes"]
    version: Literal[1]
    detector: str
    detector_version: str | None
    protocol: ProtocolName
    shown: str
    source: str
    views: tuple[str, ...]
    threshold: float = 0.5
    floor: Annotated[Row | None, LEFT_OUT] = None
    scale: Annotated[float | None, LEFT_OUT] = None
    model_from_capture: Annotated[tuple[Row, Row, Row, Row] | None, LEFT_OUT] = None
    boxes: tuple[FoundBox, ...]


@dataclass(frozen=True, kw_only=True)
class CameraFacts:
    """Of transforms.json: of all its images or of one. Pixels; angles of view in radians."""

    camera_model: str | None = None
    is_fisheye: bool | int | None = None
    w: float | None = None
    h: float | None = None
    fl_x: float | None = None
    fl_y: float | None = None
    camera_angle_x: float | None = None
    camera_angle_y: float | None = None
    cx: float | None = None
    cy: float | None = None
    k1: float | None = None
    k2: float | None = None
    k3: float | None = None
    k4: float | None = None
    p1: float | None = None
    p2: float | None = None


@dataclass(frozen=True, kw_only=True)
class FrameFacts(CameraFacts):
    """An image of transforms.json. transform_matrix: camera to world, OpenGL axes."""

    file_path: str
    transform_matrix: Annotated[tuple[Row, ...], Field(min_length=3, max_length=4)]


@dataclass(frozen=True, kw_only=True)
class TransformsFile(CameraFacts):
    """transforms.json. ply_file_path: of a cloud of points."""

    frames: tuple[FrameFacts, ...] = ()
    ply_file_path: str | None = None


@dataclass(frozen=True)
class PolycamCamera:
    """A camera of Polycam's raw export. t_*: rows of camera to world, OpenGL axes; else pixels."""

    t_00: float
    t_01: float
    t_02: float
    t_03: float
    t_10: float
    t_11: float
    t_12: float
    t_13: float
    t_20: float
    t_21: float
    t_22: float
    t_23: float
    fx: float
    fy: float
    cx: float
    cy: float
    width: float | None = None
    height: float | None = None

    @property
    def rows(self) -> tuple[Row, Row, Row]:
        """(3, 4) camera to world."""
        return (
            (self.t_00, self.t_01, self.t_02, self.t_03),
            (self.t_10, self.t_11, self.t_12, self.t_13),
            (self.t_20, self.t_21, self.t_22, self.t_23),
        )
