"""Views with known cameras to clouds of points, and clouds to objects (Sec. 4.3's COLMAP)."""
