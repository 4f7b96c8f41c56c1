"""Connected components of graphs and of surfaces."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from datagen.geometry.shape import Ints


def linked(pairs: Ints, count: int) -> Ints:
    """(count,) number of the component of every node; pairs (E, 2) of nodes are linked."""
    graph = coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), (count, count))
    found: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return found


def vertex_components(faces: Ints, count: int) -> Ints:
    """(count,) number of the component of every vertex; faces (F, 3) link their corners."""
    edges = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1)
    return linked(edges.reshape(-1, 2), count)


def face_components(faces: Ints) -> Ints:
    """(F,) number of the component of every face (F, 3); a shared vertex links.

    Components are numbered from 0 on in the order of their first faces.
    """
    label = vertex_components(faces, int(faces.max()) + 1)[faces[:, 0]]
    _, first, component = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbered: Ints = rank[component.reshape(-1)]
    return numbered
