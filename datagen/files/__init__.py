"""Mesh and image files before anything loads them: kind, companions, faults."""
