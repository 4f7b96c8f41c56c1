"""A dataset in 3D in the browser."""
