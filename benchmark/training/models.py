"""What `oddbench train` knows by name: models, and the presets of each."""

from __future__ import annotations

CLOUDS = "colmap-dgcnn"
BASELINES = ("imvoxelnet", "detr3d", CLOUDS)
BASELINE_PRESETS = ("paper", "small", "nano")
VOXEL_PRESETS = ("paper", "voxel-small", "voxel-nano")
OWN_PRESETS = ("small", "nano", *VOXEL_PRESETS)
MODELS = {"odd-one-out": OWN_PRESETS} | dict.fromkeys(BASELINES, BASELINE_PRESETS)
