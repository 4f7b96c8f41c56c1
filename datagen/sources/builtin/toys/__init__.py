"""Toys on the ground, z up, about one unit long: one category a module, each with make(rng)."""
