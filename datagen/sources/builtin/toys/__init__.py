"""Toys on the ground, z up, about one unit long: one category a module (drawn.py)."""
