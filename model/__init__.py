"""The paper's detector, a file a step; torch, and no files."""
