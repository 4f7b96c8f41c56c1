"""Training what judges objects."""
