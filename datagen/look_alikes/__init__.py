"""Shapes that look almost the same: features, index, distance, thresholds."""
