"""Finding objects by their silhouettes, seen from above (not in the paper)."""
