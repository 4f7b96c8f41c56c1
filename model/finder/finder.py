"""The finder: views of a scene to the boxes of its objects, and to their silhouettes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from model.efficientnet import CHANNELS, FrozenTrunk
from model.finder.birds_eye import BirdsEyeNetwork, FoundBoxes, peaks
from model.finder.closer_look import CloserLook, distinct
from model.finder.config import FinderConfig
from model.finder.silhouettes import SilhouetteHead
from model.finder.volume import MEASURES, region_of, silhouette_volume
from model.scenes import Views

SURE = 0.5  # a probability
FEW_VIEWS = 3
TAPS = tuple(CHANNELS)


@dataclass(frozen=True)
class FoundScene:
    """What was found in a scene of V views.

    silhouettes (V, 1, h, w): 0..1, probability. hull: the most that the least of them reaches in
    any cell of the volume, 0..1.
    """

    found: FoundBoxes
    silhouettes: Tensor
    hull: float

    def why_nothing(self) -> str:
        """Why there are no boxes, in words, with what to do."""
        if self.silhouettes.max() < SURE:
            return "no view shows anything that looks like an object; move closer, or light it"
        if len(self.silhouettes) < FEW_VIEWS:
            return f"{len(self.silhouettes)} views are too few; give 3 or more, from all round"
        if self.hull < SURE:
            return (
                "the silhouettes of the views do not meet in space; check the cameras, the floor "
                "and the scale"
            )
        return "what the silhouettes enclose does not look like objects that stand on the floor"


class Finder(nn.Module):
    """Silhouettes in every view, the volume they leave, and what stands in it.

    The trunk is pretrained and stays as it is; it is no part of the finder's weights.
    """

    def __init__(self, config: FinderConfig) -> None:
        super().__init__()
        self.config = config
        self.head = SilhouetteHead(tuple(CHANNELS.values()), config.head)
        self.birds_eye = BirdsEyeNetwork(MEASURES * len(config.levels), config.width)
        self.closer_look = CloserLook(config)

    @torch.no_grad()
    def find(
        self, trunk: FrozenTrunk, views: Views, silhouettes: Tensor | None = None
    ) -> list[FoundScene]:
        """The objects of B scenes. Views have `image` pixels a side.

        silhouettes (B, V, 1, h, w): 0..1, where they are known; else they are looked for.
        """
        found = []
        for number, images in enumerate(views.images):
            seen = self.silhouettes(trunk, images) if silhouettes is None else silhouettes[number]
            boxes, hull = self._stand(seen, views.intrinsics[number], views.world_to_camera[number])
            found.append(FoundScene(boxes, seen, hull))
        return found

    @torch.no_grad()
    def silhouettes(self, trunk: FrozenTrunk, images: Tensor) -> Tensor:
        """(V, 1, h, w) probabilities of square images (V, 3, H, W) in 0..1, one view at a time.

        Images are brought to `image` pixels a side; h and w are half of that.
        """
        size = (self.config.image, self.config.image)
        if images.shape[-2:] != size:
            images = interpolate(images, size=size, mode="bilinear", antialias=True)
        logits = [self.head(image[None], trunk.maps(image[None], TAPS)) for image in images]
        return torch.cat(logits)[:, :1].sigmoid()

    @torch.no_grad()
    def stand(self, silhouettes: Tensor, intrinsics: Tensor, world_to_camera: Tensor) -> FoundBoxes:
        """What stands behind silhouettes (V, 1, h, w) of views with `image` pixels a side.

        intrinsics (V, 3, 3), world_to_camera (V, 4, 4).
        """
        return self._stand(silhouettes, intrinsics, world_to_camera)[0]

    def _stand(
        self, silhouettes: Tensor, intrinsics: Tensor, world_to_camera: Tensor
    ) -> tuple[FoundBoxes, float]:
        """The boxes, and FoundScene.hull."""
        region = region_of(world_to_camera, self.config)
        volume = silhouette_volume(
            silhouettes, intrinsics, world_to_camera, self.config.image, region, self.config
        )
        hull = float(volume[: len(self.config.levels)].max())
        candidates = peaks(self.birds_eye(volume[None])[0], region, self.config.candidate)
        if not len(candidates.boxes):
            return candidates, hull
        closer = self.closer_look(
            candidates.boxes, silhouettes, intrinsics, world_to_camera, self.config.image
        )
        boxes = closer.boxes
        sure = closer.fit.sigmoid() * candidates.sure.sqrt()
        kept = distinct(boxes, sure, self.config.apart)
        kept = kept[sure[kept] > self.config.least]
        return FoundBoxes(boxes[kept], sure[kept]), hull
