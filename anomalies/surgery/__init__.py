"""Splitting, cutting, capping and refining meshes."""
