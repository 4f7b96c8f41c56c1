"""The losses (Eq. 3, 4 and 8) and one training step: two sets of views, each renders the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cosine_similarity, grid_sample

from model.config import DetectorConfig, TrainingConfig
from model.cross_scene_mixing import Labelled, mix_scenes, turned_objects
from model.detector import OddOneOutNetwork, Reconstruction
from model.frame import frame_of
from model.objects import Objects
from model.rays import cast
from model.rendering import Rendered, render
from model.scenes import Targets, Views


@dataclass(frozen=True)
class RaySample:
    """R pixels of each scene: number of the view (B, R), x and y of the middle (B, R, 2)."""

    view: Tensor
    pixels: Tensor


def draw_rays(
    masks: Tensor, rays: int, object_share: float, generator: torch.Generator
) -> RaySample:
    """`rays` pixels of masks (B, V, H, W) bool: object_share of them on objects, others anywhere.

    The generator lies on the CPU. The paper renders whole images; objects fill about a tenth of
    them, so a few rays say more when many of them meet an object.
    """
    batch, _, height, width = masks.shape
    flat = masks.flatten(1).cpu()
    wanted = round(rays * object_share)
    uniform = torch.rand((batch, rays), generator=generator)
    chosen = (uniform * flat.shape[1]).long().clamp(max=flat.shape[1] - 1)
    for scene in range(batch):
        on_object = flat[scene].nonzero()[:, 0]
        if len(on_object):
            picks = (uniform[scene, :wanted] * len(on_object)).long().clamp(max=len(on_object) - 1)
            chosen[scene, :wanted] = on_object[picks]
    inside = chosen % (height * width)
    pixels = torch.stack([inside % width, inside // width], dim=-1) + 0.5
    return RaySample((chosen // (height * width)).to(masks.device), pixels.to(masks.device))


@dataclass(frozen=True)
class RayTruth:
    """What rays should show.

    colour (B, R, 3) in 0..1, black off the objects; mask (B, R), 1 on one; features (B, R, d_f) of
    the teacher, or None.
    """

    colour: Tensor
    mask: Tensor
    features: Tensor | None


def look_up(views: Views, targets: Targets, rays: RaySample) -> RayTruth:
    """The images, masks and teacher features at the rays' pixels; targets: of the same views.

    The volume stands on the floor and holds objects only, so what is not on an object counts as
    black, in agreement with the mask. Teacher features (h_f x w_f) are read bilinearly at the
    pixel, so that the same rays serve colour, mask and features.
    """
    scene = torch.arange(len(rays.view), device=rays.view.device)[:, None]
    x, y = rays.pixels.long().unbind(-1)
    mask = targets.masks[scene, rays.view, y, x].float()
    colour = views.images[scene, rays.view, :, y, x] * mask[..., None]
    if targets.features is None:
        return RayTruth(colour, mask, None)
    features, count = targets.features.float(), targets.features.shape[1]
    size = rays.pixels.new_tensor([views.images.shape[-1], views.images.shape[-2]])
    level = (rays.view.float() + 0.5) / count * 2 - 1
    where = torch.cat([rays.pixels / size * 2 - 1, level[..., None]], dim=-1)
    read = grid_sample(
        features.transpose(1, 2), where[:, :, None, None], align_corners=False,
        padding_mode="border",
    )  # fmt: skip
    return RayTruth(colour, mask, read[..., 0, 0].transpose(1, 2))


def image_loss(rendered: Rendered, truth: RayTruth) -> Tensor:
    """First term of L_im (Eq. 3): squared error of the colour, mean over rays."""
    return ((rendered.colour - truth.colour) ** 2).sum(-1).mean()


def mask_loss(rendered: Rendered, truth: RayTruth) -> Tensor:
    """Second term of L_im (Eq. 3): squared error of the mask, mean over rays."""
    return ((rendered.mask - truth.mask) ** 2).mean()


def feature_loss(rendered: Rendered, truth: RayTruth) -> Tensor:
    """L_feat: cosine distance, mean over the rays that meet an object.

    Elsewhere the volume is empty, and what it renders has no direction.
    """
    assert rendered.features is not None and truth.features is not None
    distance = 1 - cosine_similarity(rendered.features, truth.features, dim=-1)
    return (distance * truth.mask).sum() / truth.mask.sum().clamp(min=1)


def classification_loss(logits: Tensor, labels: Tensor, present: Tensor) -> Tensor:
    """L_bce (Eq. 8) of logits (B, N): mean over all objects that are present.

    labels (B, N), 1 = odd; present (B, N) bool. The paper sums over a scene's objects; a mean keeps
    lambda_p's meaning for any N.
    """
    each = binary_cross_entropy_with_logits(logits.float(), labels.float(), reduction="none")
    return (each * present).sum() / present.sum().clamp(min=1)


def jittered(boxes: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Boxes (B, N, 2, 3), metres, with each face moved by up to `share` of its edge.

    The paper does not say which boxes it trains M with. Estimated ones do not say whose label
    they bear, so true ones are used, a little off as estimated ones are.
    """
    drawn = torch.rand(boxes.shape, generator=generator).to(boxes) * 2 - 1
    return boxes + drawn * share * (boxes[:, :, 1:] - boxes[:, :, :1])


class TrainingStep(nn.Module):
    """Losses of a batch (Eq. 3, 4 and 8); a module, so that a launcher can wrap it as a whole."""

    def __init__(self, detector: OddOneOutNetwork) -> None:
        super().__init__()
        self.detector = detector

    def forward(
        self, views: Views, targets: Targets, stage: int, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Terms and their weighted sum, "loss", averaged over the two sets of views.

        views: 2M views (an even number, at least 2). Stage 1 has the reconstruction loss alone,
        stage 2 the classification loss too. The generator lies on the CPU.
        """
        config = self.detector.config
        frame = frame_of(config.volume, views)
        half = views.images.shape[1] // 2
        sets = slice(0, half), slice(half, 2 * half)
        terms: list[dict[str, Tensor]] = []
        for own, other in (sets, sets[::-1]):
            scene = self.detector.reconstruct(views.select(own), frame)
            shown, truth = views.select(other), targets.select(other)
            found = reconstruction_terms(scene, shown, truth, config, generator)
            if stage == 2:
                boxes = jittered(targets.boxes, config.training.jitter, generator)
                objects = self.detector.objects(scene, boxes)
                found["classification"] = self._classification(objects, targets, generator)
            terms.append(found | {"loss": total(found, config.training)})
        return {key: (terms[0][key] + terms[1][key]) / 2 for key in terms[0]}

    def _classification(
        self, objects: Objects, targets: Targets, generator: torch.Generator
    ) -> Tensor:
        """L_bce of the objects, in training with the augmentations of the configuration."""
        choice = self.detector.config.training
        labelled = Labelled(objects, targets.labels, targets.present)
        if self.training and choice.foreign:
            labelled = mix_scenes(labelled, choice.foreign, generator)
        if self.training and choice.augment:
            labelled = replace(labelled, objects=turned_objects(labelled.objects, generator))
        logits = self.detector.matching(labelled.objects, labelled.present)
        return classification_loss(logits, labelled.labels, labelled.present)


def reconstruction_terms(
    scene: Reconstruction,
    views: Views,
    targets: Targets,
    config: DetectorConfig,
    generator: torch.Generator,
) -> dict[str, Tensor]:
    """image, mask and, with distillation, feature: L_r of rendering these views (Eq. 3 and 4).

    scene: what other views of the same scenes made; targets: of these views. The paper sums over
    views; here rays of all views are drawn together and averaged, which is that sum divided by M.
    """
    choice = config.rendering
    drawn = draw_rays(targets.masks, choice.rays, choice.object_share, generator)
    rays = cast(views, scene.frame, drawn.view, drawn.pixels)
    rendered = render(
        scene.colour, scene.density, scene.features, scene.frame, rays, choice.samples, generator
    )
    truth = look_up(views, targets, drawn)
    terms = {"image": image_loss(rendered, truth), "mask": mask_loss(rendered, truth)}
    if scene.features is not None:
        terms["feature"] = feature_loss(rendered, truth)
    return terms


def total(terms: dict[str, Tensor], config: TrainingConfig) -> Tensor:
    """L = L_bce + lambda_p L_r, with L_r = image + lambda_sigma mask + lambda_f feature.

    terms: by these names, classification (L_bce) and feature where there are any.
    """
    loss = terms["image"] + config.mask_weight * terms["mask"]
    if "feature" in terms:
        loss = loss + config.feature_weight * terms["feature"]
    loss = config.reconstruction_weight * loss
    return loss + terms["classification"] if "classification" in terms else loss
