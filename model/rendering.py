"""The volume renderer R: colour, mask and features along rays (Sec. 3.2, Eq. 3 and 4)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from model.frame import Frame
from model.rays import Rays


@dataclass(frozen=True)
class Rendered:
    """Of R rays: colour (B, R, 3) over black, mask (B, R) in 0..1, depth (B, R) metres.

    features (B, R, d_f) or None. depth: mean along the ray, counted from the camera, 0 where
    nothing is hit.
    """

    colour: Tensor
    mask: Tensor
    depth: Tensor
    features: Tensor | None


def render(
    colour: Tensor,
    density: Tensor,
    features: Tensor | None,
    frame: Frame,
    rays: Rays,
    samples: int,
    generator: torch.Generator | None = None,
) -> Rendered:
    """Composite the volumes (B, C, Z, Y, X) along rays, in float32.

    colour: V_c; density: V_sigma, per voxel edge; features: V_f or None. samples equal steps
    between a ray's entry and exit; with a generator, each sample lies at random within its step,
    otherwise in its middle. Volumes are read trilinearly; the border voxels reach to the grid's
    faces. One set of weights serves colour, mask and features, but features send no gradient into
    it (Sec. 3.2: the teacher's features are not consistent between views and would harm the
    geometry).
    """
    with torch.autocast(colour.device.type, enabled=False):
        step, distance, where = _samples(frame, rays, samples, generator)
        optical = _read(density, where)[..., 0] * (step / frame.voxel[:, None])[..., None]
        weights = compositing_weights(optical)
        shown = torch.einsum("brs,brsc->brc", weights, _read(colour, where))
        mask = weights.sum(-1)
        depth = (weights * distance).sum(-1) / mask.clamp(min=1e-6)
        if features is None:
            return Rendered(shown, mask, depth, None)
        taught = torch.einsum("brs,brsc->brc", weights.detach(), _read(features, where))
        return Rendered(shown, mask, depth, taught)


def opacity(density: Tensor, frame: Frame, rays: Rays, samples: int) -> Tensor:
    """Share of the light (B, R) that density (B, 1, Z, Y, X) stops between near and far."""
    with torch.autocast(density.device.type, enabled=False):
        step, _, where = _samples(frame, rays, samples)
        passed = _read(density, where)[..., 0].sum(dim=-1)
        return -torch.expm1(-passed * step / frame.voxel[:, None])


def compositing_weights(optical: Tensor) -> Tensor:
    """Share of the ray's light from each sample: (..., S) optical depths to (..., S) weights."""
    passed = torch.cumsum(optical, dim=-1)
    before = torch.cat([torch.zeros_like(passed[..., :1]), passed[..., :-1]], dim=-1)
    return torch.exp(-before) * -torch.expm1(-optical)


def _samples(
    frame: Frame, rays: Rays, samples: int, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Metres between samples (B, R), metres along the ray (B, R, S), coordinates in -1..1."""
    step = (rays.far - rays.near) / samples
    along = torch.arange(samples, device=step.device) + _offsets(step, samples, generator)
    distance = rays.near[..., None] + along * step[..., None]
    points = rays.origin[..., None, :] + distance[..., None] * rays.direction[..., None, :]
    return step, distance, frame.normalised(points)


def _offsets(step: Tensor, samples: int, generator: torch.Generator | None) -> Tensor | float:
    """Where a sample lies within its step, 0..1: (B, R, S) at random, or the middle of all."""
    if generator is None:
        return 0.5
    drawn = torch.rand((*step.shape, samples), generator=generator, device=generator.device)
    return drawn.to(step)


def _read(volume: Tensor, where: Tensor) -> Tensor:
    """Volume (B, C, Z, Y, X) at points (B, R, S, 3) in -1..1: (B, R, S, C)."""
    grid = where.flatten(1, 2)[:, :, None, None]
    read = grid_sample(volume.float(), grid, align_corners=False, padding_mode="border")
    return torch.unflatten(read[..., 0, 0].transpose(1, 2), 1, where.shape[1:3])
