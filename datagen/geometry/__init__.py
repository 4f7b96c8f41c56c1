"""Shapes, cameras, boxes, rays, and the shape cache."""
