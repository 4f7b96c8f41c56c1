"""The page: a selector of scenes and views, switches for what is shown, and the scene in 3D."""

from __future__ import annotations

import functools
import io
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from datagen.dataset.reader import Dataset, Scene, with_images, with_labels
from datagen.errors import OddgenError
from datagen.pictures.viewer.content import (
    Box,
    Points,
    camera_poses,
    description,
    panel_image,
    predicted_boxes,
    scene_points,
    truth_boxes,
)

if TYPE_CHECKING:
    from viser import ViserServer

Floats = NDArray[np.float64]
Predicted = Mapping[str, tuple[Floats, Floats]]  # by scene: boxes (P, 2, 3) and scores (P,)

POINT_SIZE = 0.003
FRUSTUM = 0.05
CAMERA_COLOR = (90, 90, 90)
START = ((0.75, -0.75, 1.05), (0.0, 0.0, 0.0))


def open_dataset(out: Path, predicted: Predicted) -> Dataset:
    """The dataset in `out`, which has a scene for each of the predictions.

    Raises OddgenError where there is nothing to show, or predictions for no scene of it.
    """
    dataset = with_images(with_labels(Dataset(out)))
    if not dataset.names:
        raise OddgenError(f"{out}: holds no finished scene; run oddgen generate first.")
    strangers = sorted(set(predicted) - set(dataset.names))
    if strangers:
        raise OddgenError(
            f"{out}: has no {strangers[0]}, for which there are predictions; give the dataset "
            "that they were made for."
        )
    return dataset


@contextmanager
def serving(
    dataset: Dataset, predicted: Predicted, host: str = "127.0.0.1", port: int = 8080
) -> Iterator[str]:
    """Serve the page until left; yields the address. A port in use gives way to the next free one.

    Raises OddgenError where viser is not installed or the port cannot be had.
    """
    try:
        import viser
    except ImportError as error:
        raise OddgenError(
            "oddgen view: needs the package viser; run pip install 'odd-one-out[view]'."
        ) from error
    try:
        with _quiet():
            server = viser.ViserServer(host=host, port=port, verbose=False)
    except (OSError, RuntimeError) as error:
        raise OddgenError(f"--port {port}: cannot be served ({error}); choose another.") from error
    try:
        Page(server, dataset, predicted)
        yield f"http://{host}:{server.get_port()}"
    finally:
        with _quiet():
            server.stop()


@contextmanager
def _quiet() -> Iterator[None]:
    """viser announces its start and end on stdout whatever it is asked."""
    with redirect_stdout(io.StringIO()):
        yield


class Page:
    """The widgets and what they do. All browsers that are connected see the same."""

    def __init__(self, server: ViserServer, dataset: Dataset, predicted: Predicted) -> None:
        self._server, self._dataset, self._predicted = server, dataset, predicted
        self._lock = threading.Lock()
        self._scene: Scene | None = None
        self._points: Points | None = None
        self._cloud: Any = None
        self._nodes: dict[str, list[Any]] = {}
        self._build()
        self._load()

    def _build(self) -> None:
        server, names = self._server, self._dataset.names
        gui: Any = server.gui
        server.scene.set_up_direction("+z")
        server.initial_camera.position, server.initial_camera.look_at = START
        gui.configure_theme(control_width="large", show_logo=False, show_share_button=False)
        self._selector = gui.add_dropdown("Scene", names, initial_value=names[0])
        self._step = gui.add_button_group("Go to", ("previous", "next"))
        self._facts = gui.add_markdown("")
        self._view = gui.add_slider("View", min=0, max=1, step=1, initial_value=0)
        self._image = gui.add_image(np.zeros((8, 8, 3), np.uint8))
        self._look = gui.add_button("Look through this camera")
        self._switches = {
            kind: gui.add_checkbox(label, initial_value=True)
            for kind, label in (
                ("points", "Points"),
                ("cameras", "Cameras"),
                ("boxes", "Boxes (green normal, red anomalous)"),
                ("defects", "Defects in red"),
            )
        }
        if self._predicted:
            label = "Predictions (blue normal to magenta anomalous)"
            self._switches["predictions"] = gui.add_checkbox(label, initial_value=True)
        self._selector.on_update(lambda _: self._load())
        self._step.on_click(lambda _: self._go(1 if self._step.value == "next" else -1))
        self._view.on_update(lambda _: self._show_image())
        self._look.on_click(lambda event: self._look_through(event.client))
        for switch in self._switches.values():
            switch.on_update(lambda _: self._show())

    def _go(self, by: int) -> None:
        names = self._dataset.names
        index = (names.index(self._selector.value) + by) % len(names)
        self._selector.value = names[index]

    def _load(self) -> None:
        """The selected scene instead of the one before; a damaged one is told of."""
        with self._lock:
            name = self._selector.value
            try:
                scene = self._dataset.read(name)
            except OddgenError as error:
                self._facts.content = f"**{error}**"
                return
            self._scene, self._points = scene, scene_points(scene)
            boxes, scores = self._predicted.get(name, (None, None))
            with self._server.atomic():
                for node in [node for nodes in self._nodes.values() for node in nodes]:
                    node.remove()
                self._nodes = {"boxes": self._draw("truth", truth_boxes(scene), 3.0)}
                self._nodes["cameras"] = self._draw_cameras(scene)
                if boxes is not None and scores is not None:
                    shown = predicted_boxes(boxes, scores)
                    self._nodes["predictions"] = self._draw("predicted", shown, 2.0)
                self._draw_points()
            self._facts.content = description(scene, scores)
            self._view.max = max(len(scene.rgb) - 1, 1)
            self._view.value = min(self._view.value, len(scene.rgb) - 1)
        self._show()

    def _draw(self, name: str, boxes: list[Box], thickness: float) -> list[Any]:
        scene, nodes = self._server.scene, []
        for k, box in enumerate(boxes):
            lines = scene.add_line_segments(
                f"/{name}/{k}", box.edges, box.color, thickness=thickness, thickness_units="screen"
            )
            text = scene.add_label(f"/{name}/{k}/label", box.text, position=box.at)
            nodes += [text, lines]
        return nodes

    def _draw_cameras(self, scene: Scene) -> list[Any]:
        nodes = []
        for view, pose in enumerate(camera_poses(scene)):
            node = self._server.scene.add_camera_frustum(
                f"/cameras/{view}",
                pose.fov,
                pose.aspect,
                scale=FRUSTUM,
                thickness=1.0,
                thickness_units="screen",
                color=CAMERA_COLOR,
                image=scene.rgb[view],
                wxyz=pose.wxyz,
                position=pose.position,
            )
            node.on_click(functools.partial(self._choose_view, view))
            nodes.append(node)
        return nodes

    def _choose_view(self, view: int, _: object) -> None:
        self._view.value = view

    def _draw_points(self) -> None:
        assert self._points is not None
        colors = self._points.marked if self._switches["defects"].value else self._points.rgb
        self._cloud = self._server.scene.add_point_cloud(
            "/points",
            self._points.xyz,
            colors,
            point_size=POINT_SIZE,
            precision="float32",
            visible=self._switches["points"].value,
        )

    def _show(self) -> None:
        """As the switches say."""
        if self._points is None:
            return
        on = {kind: switch.value for kind, switch in self._switches.items()}
        self._cloud.visible = on["points"]
        self._cloud.colors = self._points.marked if on["defects"] else self._points.rgb
        for kind, nodes in self._nodes.items():
            for node in nodes:
                node.visible = on[kind]
        self._show_image()

    def _show_image(self) -> None:
        if self._scene is None:
            return
        view = min(int(self._view.value), len(self._scene.rgb) - 1)
        defects, boxes = self._switches["defects"].value, self._switches["boxes"].value
        self._image.image = panel_image(self._scene, view, defects, boxes)

    def _look_through(self, client: Any) -> None:
        if self._scene is None or client is None:
            return
        pose = camera_poses(self._scene)[min(int(self._view.value), len(self._scene.rgb) - 1)]
        with client.atomic():
            client.camera.wxyz, client.camera.position = pose.wxyz, pose.position
            client.camera.fov = pose.fov
