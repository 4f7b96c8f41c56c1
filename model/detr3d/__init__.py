"""DETR3D (Wang et al., CoRL 2021), a baseline of Sec. 4.3: queries that look into the views."""
