"""HDRIs and floors, and the manifest of what can be drawn from."""
