"""The focal loss of detectors that are taught at many places of which few are objects."""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

ALPHA, GAMMA = 0.25, 2.0
PRIOR = -math.log((1 - 0.01) / 0.01)  # logit that makes a class as rare as objects are


def focal_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Of each logit, the same shape; targets 0 or 1 (Lin et al., Focal Loss, Eq. 5)."""
    probability = logits.sigmoid()
    wrong = probability + targets - 2 * probability * targets
    weight = ALPHA * targets + (1 - ALPHA) * (1 - targets)
    entropy = binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return weight * wrong**GAMMA * entropy


def focal_cost(logits: Tensor) -> Tensor:
    """What it costs to make each logit's target 1 instead of 0, the same shape."""
    probability = logits.sigmoid()
    as_one = ALPHA * (1 - probability) ** GAMMA * -logsigmoid(logits)
    as_zero = (1 - ALPHA) * probability**GAMMA * -logsigmoid(-logits)
    return as_one - as_zero
