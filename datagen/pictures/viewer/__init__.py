"""`oddgen view`: a dataset in 3D in the browser (docs/viewer.md)."""
