"""Shapes that look almost the same: features of views, nearest neighbours, Chamfer (App. A.1)."""
