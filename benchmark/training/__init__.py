"""Training the detector on a dataset, and going on after a kill."""
