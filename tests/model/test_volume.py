"""The grid, back-projection, rendering, boxes and RoIs against what geometry says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from datagen.geometry.cameras import project
from model.backprojection import back_project, voxel_centres
from model.boxes import estimate_boxes, pad_boxes
from model.config import NANO, PAPER, BoxConfig
from model.frame import frame_of
from model.rays import cast
from model.rendering import compositing_weights, render
from model.roi import pool
from model.scenes import Views
from tests.support.detectors import cameras, some_views, world_frame

pytestmark = pytest.mark.usefixtures("one_thread")

SHAPE, VOXEL = (24, 24, 8), 0.04
LOW, HIGH = np.array([-0.20, -0.12, 0.0]), np.array([0.12, 0.20, 0.24])  # on voxel faces
COLOUR = torch.tensor([0.8, 0.3, 0.1])


def box_volumes() -> tuple[torch.Tensor, torch.Tensor]:
    """Colour (1, 3, Z, Y, X) and density (1, 1, Z, Y, X) of one opaque coloured box."""
    centres = voxel_centres(world_frame(SHAPE, VOXEL))[0].numpy()
    inside = torch.from_numpy(((centres > LOW) & (centres < HIGH)).all(-1))
    colour = COLOUR.view(1, 3, 1, 1, 1).expand(1, 3, *inside.shape)
    return colour, inside.float()[None, None] * 20


def box_entry(origin: np.ndarray, direction: np.ndarray, grow: float) -> np.ndarray:
    """Distance (R,) at which rays enter the box grown by so many metres, inf where they miss."""
    with np.errstate(divide="ignore"):
        first = (LOW - grow - origin) / direction
        second = (HIGH + grow - origin) / direction
    near, far = np.minimum(first, second).max(-1), np.maximum(first, second).min(-1)
    return np.where((near < far) & (far > 0), near, np.inf)


def pixel_grid(views: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    y, x = torch.meshgrid(torch.arange(size) + 0.5, torch.arange(size) + 0.5, indexing="ij")
    pixels = torch.stack([x, y], dim=-1).reshape(1, -1, 2).repeat(1, views, 1)
    return torch.arange(views).repeat_interleave(size * size)[None], pixels


def test_a_coloured_box_is_rendered_where_and_as_it_is() -> None:
    """Mask and colour to .01 but for a voxel of edge, the surface to half a voxel."""
    views, frame = some_views(1, 3, 40), world_frame(SHAPE, VOXEL)
    colour, density = box_volumes()
    rays = cast(views, frame, *pixel_grid(3, 40))
    shown = render(colour, density, None, frame, rays, samples=256)
    origin, direction = rays.origin[0].double().numpy(), rays.direction[0].double().numpy()
    core, hull = box_entry(origin, direction, -VOXEL), box_entry(origin, direction, VOXEL)
    hit, miss = np.isfinite(core), np.isinf(hull)
    assert hit.sum() > 150 and miss.sum() > 1500
    assert shown.mask[0][hit].min() > 0.99
    assert shown.mask[0][miss].max() < 0.01
    assert (shown.colour[0][hit] - COLOUR).abs().max() < 0.01
    assert shown.colour[0][miss].max() < 0.01
    depth = shown.depth[0][hit].numpy()
    assert (depth > box_entry(origin, direction, VOXEL / 2)[hit]).all()
    assert (depth < box_entry(origin, direction, -VOXEL / 2)[hit]).all()


def test_light_through_an_even_fog_fades_as_physics_says() -> None:
    """Opacity is 1 - exp(-density x voxels crossed), however many samples there are."""
    frame = world_frame(SHAPE, VOXEL)
    rays = cast(some_views(1, 2, 16), frame, *pixel_grid(2, 16))
    fog = torch.full((1, 1, 8, 24, 24), 0.3)
    expected = 1 - torch.exp(-0.3 * (rays.far - rays.near) / VOXEL)
    for samples in (4, 64):
        shown = render(fog.expand(1, 3, -1, -1, -1), fog, None, frame, rays, samples)
        assert torch.allclose(shown.mask, expected, atol=1e-5)
    drawn = render(fog, fog, None, frame, rays, 16, torch.Generator().manual_seed(0))
    assert torch.allclose(drawn.mask, expected, atol=1e-5)
    assert (expected > 0.5).any() and (expected == 0).any()


def test_weights_are_shares_of_the_light() -> None:
    weights = compositing_weights(torch.rand((50, 9), generator=torch.Generator().manual_seed(0)))
    assert (weights >= 0).all() and (weights.sum(-1) <= 1).all()
    opaque = compositing_weights(torch.tensor([0.0, 50.0, 50.0]))
    assert torch.allclose(opaque, torch.tensor([0.0, 1.0, 0.0]))


def test_back_projection_reads_each_view_where_the_voxel_is_seen() -> None:
    """Features that hold their own pixel's position come back as the mean of the projections."""
    views, frame = some_views(1, 4, 64), world_frame((6, 6, 4), 0.05)
    ramp = (torch.arange(32) + 0.5) * 2
    x, y = ramp.expand(32, 32), ramp[:, None].expand(32, 32)
    features = torch.stack([x, y]).expand(1, 4, 2, 32, 32)
    volume = back_project(features, views, frame)[0].permute(1, 2, 3, 0).reshape(-1, 2)
    points = voxel_centres(frame)[0].reshape(-1, 3).double().numpy()
    matrix, poses = cameras(4, 64)
    pixels = np.stack([project(points, pose, matrix)[0] for pose in poses])
    assert ((pixels > 1) & (pixels < 63)).all()
    assert np.abs(volume.numpy() - pixels.mean(0)).max() < 1e-3


def test_only_views_that_see_a_voxel_count() -> None:
    """A view that looks away, or has the voxel behind it, changes nothing."""
    views, frame = some_views(1, 2, 32), world_frame((6, 6, 4), 0.05)
    away = views.world_to_camera.clone()
    away[:, 1] = torch.diag(torch.tensor([1.0, -1.0, -1.0, 1.0])) @ away[:, 1]
    turned = Views(views.images, views.intrinsics, away)
    features = torch.rand((1, 2, 3, 16, 16), generator=torch.Generator().manual_seed(0))
    both = back_project(features, turned, frame)
    alone = back_project(features[:, :1], turned.select(slice(0, 1)), frame)
    assert torch.allclose(both, alone, atol=1e-6) and alone.abs().min() > 0
    none = back_project(features[:, 1:], turned.select(slice(1, 2)), frame)
    assert (none == 0).all()


def test_the_colours_of_a_box_meet_in_its_voxels() -> None:
    """Images of a coloured box, rendered analytically, give its surface its colour again."""
    size, count = 64, 5
    views, frame = some_views(1, count, size), world_frame(SHAPE, VOXEL)
    rays = cast(views, frame, *pixel_grid(count, size))
    origin, direction = rays.origin[0].double().numpy(), rays.direction[0].double().numpy()
    hit = np.isfinite(box_entry(origin, direction, 0.0)).reshape(count, size, size)
    images = torch.from_numpy(hit)[None, :, None] * COLOUR.view(3, 1, 1)
    volume = back_project(images.float(), views, frame)[0].permute(1, 2, 3, 0)
    centres = voxel_centres(frame)[0].numpy()
    core = ((centres > LOW + VOXEL) & (centres < HIGH - VOXEL)).all(-1)
    assert core.sum() > 50
    assert (volume[core] - COLOUR).abs().max() < 0.02


def test_the_papers_grid_stands_on_the_floor() -> None:
    frame = frame_of(PAPER.volume, some_views(2, 3, 32))
    assert torch.allclose(frame.origin, torch.tensor([[-1.92, -1.92, 0.0]] * 2))
    assert torch.allclose(frame.size(), torch.tensor([[3.84, 3.84, 0.64]] * 2))


@pytest.mark.parametrize("seed", range(5))
def test_the_fitted_grid_holds_what_all_cameras_see(seed: int) -> None:
    for count in (1, 3, 10):
        frame = frame_of(NANO.volume, some_views(1, count, 64, seed))
        low, high = frame.origin[0], frame.origin[0] + frame.size()[0]
        assert (low[:2] < -0.35).all() and (high[:2] > 0.35).all() and high[2] > 0.25
        assert low[2] == 0 and frame.size()[0, 0] < 2


def test_the_fitted_grid_follows_the_scene_and_its_unit() -> None:
    views = some_views(1, 3, 64)
    before = frame_of(NANO.volume, views)
    poses = views.world_to_camera.clone()
    shift = torch.tensor([0.4, -0.7, 0.0])
    poses[..., :3, 3] -= torch.einsum("...ij,j->...i", poses[..., :3, :3], shift)
    moved = frame_of(NANO.volume, Views(views.images, views.intrinsics, poses))
    assert torch.allclose(moved.origin, before.origin + shift, atol=1e-5)
    poses = views.world_to_camera.clone()
    poses[..., :3, 3] *= 10
    larger = frame_of(NANO.volume, Views(views.images, views.intrinsics, poses))
    assert torch.allclose(larger.voxel, before.voxel * 10, rtol=1e-3)


def density_of(*boxes: tuple[slice, slice, slice]) -> torch.Tensor:
    """(1, 1, 8, 24, 24) with density 1 in boxes given as x, y, z slices."""
    density = torch.zeros((1, 1, 8, 24, 24))
    for x, y, z in boxes:
        density[0, 0, z, y, x] = 1.0
    return density


def test_two_objects_a_voxel_apart_get_a_box_each() -> None:
    config = BoxConfig(threshold=0.2, reach=1.75, neighbours=5, refine=1)
    density = density_of(
        (slice(2, 6), slice(3, 9), slice(0, 4)), (slice(7, 11), slice(3, 9), slice(0, 5))
    )
    found = estimate_boxes(density, world_frame(SHAPE, VOXEL), config)[0]
    expected = torch.tensor(
        [[[-0.40, -0.36, 0.0], [-0.24, -0.12, 0.16]], [[-0.20, -0.36, 0.0], [-0.04, -0.12, 0.20]]]
    )
    assert torch.allclose(found, expected, atol=1e-5)


def test_an_empty_scene_and_specks_give_no_box() -> None:
    config = BoxConfig(threshold=0.2, reach=1.75, neighbours=5, refine=1)
    speck = density_of((slice(2, 4), slice(3, 4), slice(0, 1)))
    for density in (torch.zeros_like(speck), speck):
        assert estimate_boxes(density, world_frame(SHAPE, VOXEL), config)[0].shape == (0, 2, 3)


def test_finer_reading_puts_faces_between_voxels() -> None:
    config = BoxConfig(threshold=0.5, reach=1.75, neighbours=18, refine=2)
    density = density_of((slice(4, 10), slice(4, 10), slice(0, 5)))
    density[0, 0, 0:5, 4:10, 10] = 0.6
    box = estimate_boxes(density, world_frame(SHAPE, VOXEL), config)[0][0]
    assert box[1, 0] > -0.48 + 10 * VOXEL + 0.01


def test_densities_that_run_together_are_cut_between_the_objects() -> None:
    """Two soft balls whose densities never fall to the threshold between them."""
    z, y, x = np.meshgrid(*[np.arange(n) for n in (12, 24, 24)], indexing="ij")
    middles = [(5, 12, 7), (5, 12, 16)]
    squared = [(z - c) ** 2 + (y - b) ** 2 + (x - a) ** 2 for c, b, a in middles]
    density = torch.from_numpy(sum(2 * np.exp(-square / 14) for square in squared)).float()
    assert density[5, 12, 7:17].min() > 0.5
    frame = world_frame((24, 24, 12), 0.04)
    whole = BoxConfig(threshold=0.5, reach=1.75, neighbours=5, refine=1)
    assert len(estimate_boxes(density[None, None], frame, whole)[0]) == 1
    found = estimate_boxes(density[None, None], frame, replace(whole, seeds=1.2))[0]
    assert len(found) == 2
    voxels = (found - frame.origin[0]) / 0.04
    assert torch.allclose(voxels.mean(dim=1)[:, 0], torch.tensor([7.5, 16.5]), atol=1.5)
    assert (voxels[0, 1, 0] - voxels[1, 0, 0]).abs() <= 1
    nothing = estimate_boxes(torch.full((1, 1, 12, 24, 24), 1.0), frame, replace(whole, seeds=1.2))
    assert nothing[0].shape == (0, 2, 3)


def test_padded_boxes_are_told_apart() -> None:
    boxes, present = pad_boxes([torch.ones((2, 2, 3)), torch.zeros((0, 2, 3))])
    assert boxes.shape == (2, 2, 2, 3)
    assert present.tolist() == [[True, True], [False, False]]
    assert pad_boxes([torch.zeros((0, 2, 3))])[0].shape == (1, 1, 2, 3)


def test_a_region_is_read_at_the_middle_of_its_cells() -> None:
    """A volume that holds its own positions gives those of the cells back."""
    frame = world_frame(SHAPE, VOXEL)
    volume = voxel_centres(frame).permute(0, 4, 1, 2, 3)
    box = torch.tensor([[[[-0.30, -0.10, 0.04], [0.02, 0.30, 0.28]]]])
    cells = pool(volume, box, frame, 4)[0, 0]
    share = (torch.arange(4) + 0.5) / 4
    assert torch.allclose(cells[0], (-0.30 + 0.32 * share).expand(4, 4, 4), atol=1e-5)
    assert torch.allclose(cells[1], (-0.10 + 0.40 * share)[:, None].expand(4, 4, 4), atol=1e-5)
    assert torch.allclose(cells[2], (0.04 + 0.24 * share)[:, None, None].expand(4, 4, 4), atol=1e-5)
