"""The generator: from meshes to datasets."""
