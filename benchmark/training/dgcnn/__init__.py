"""Training and use of the baseline colmap-dgcnn: clouds of objects, compared in pairs."""
