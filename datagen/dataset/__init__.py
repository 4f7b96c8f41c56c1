"""What lies on the disk: settings, specifications, indices, HDF5, and reading them."""
