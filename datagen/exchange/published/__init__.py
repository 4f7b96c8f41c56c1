"""The published datasets' own layout, read and written."""
