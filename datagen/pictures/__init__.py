"""Galleries, before and after, portraits, the 3D viewer."""
