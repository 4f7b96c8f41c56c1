"""Mechanical parts, z up, about one unit long: one family a module (drawn.py)."""
