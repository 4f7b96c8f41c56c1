"""Objects that share a defect, in the spirit of CoDeGraph, of objects instead of images.

Two objects with the same defect hide each other from mutual scoring. So the objects become a graph,
linked by how well the cells that most siblings lack match one another, and a community of few
objects loses its own support where it is suspicious.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import torch
from networkx.algorithms.community import greedy_modularity_communities
from numpy.typing import NDArray
from torch import Tensor

from model.judge.cells import Cells
from model.judge.compare import Compared, median_of

TELLING = 0.1  # of an object's cells, those most unlike the median sibling's: they make the links
SUSPICIOUS = 0.25  # of an object's cells, those that lose the support of their community
LINKED = 3.0  # times the mean affinity of a scene's pairs of objects


@torch.no_grad()
def outside_support(cells: Cells, compared: Compared) -> Tensor:
    """(P, N) bool: objects that may score a cell. Those of its community may not, if suspicious."""
    unlike = median_of(compared.distances[..., :1], compared.beside)[:, 0]
    groups = communities(_affinity(cells, compared, unlike).double().numpy())
    suspicious = _most(unlike, cells, SUSPICIOUS)
    allowed = compared.beside.clone()
    for group in groups:
        members = torch.zeros(cells.objects, dtype=torch.bool)
        members[sorted(group)] = True
        allowed &= ~((members[cells.owner] & suspicious)[:, None] & members)
    return torch.where(allowed.any(dim=1, keepdim=True), allowed, compared.beside)


def communities(affinity: NDArray[np.float64]) -> list[set[int]]:
    """Of affinity (N, N), symmetric: groups of two objects or more, and of less than half of all.

    Pairs of LINKED times the mean affinity are linked; communities maximise modularity, greedily.
    """
    count = len(affinity)
    pairs = np.triu_indices(count, 1)
    least = LINKED * affinity[pairs].mean() if count > 1 else 0.0
    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_weighted_edges_from(
        (int(one), int(other), float(affinity[one, other]))
        for one, other in zip(*pairs, strict=True)
        if affinity[one, other] > least
    )
    if not graph.number_of_edges():
        return []
    found = greedy_modularity_communities(graph, weight="weight")
    return [set(group) for group in found if 2 <= len(group) < count / 2]


def _affinity(cells: Cells, compared: Compared, unlike: Tensor) -> Tensor:
    """(N, N), symmetric: how much nearer the telling cells of two objects are to each other than
    to the median sibling's, `unlike` (P,). Only those that are each other's most similar count.
    """
    number = torch.arange(len(cells.owner))
    mutual = compared.nearest[compared.nearest, cells.owner[:, None]] == number[:, None]
    gap = (unlike[:, None] - compared.distances[..., 0]).clamp(min=0)
    gap = gap * (mutual & compared.beside)
    telling = _most(unlike, cells, TELLING)
    towards = gap.new_zeros(cells.objects, cells.objects)
    towards.index_add_(0, cells.owner[telling], gap[telling])
    count = torch.bincount(cells.owner[telling], minlength=cells.objects).clamp(min=1)
    towards = towards / count[:, None]
    return torch.minimum(towards, towards.T)


def _most(values: Tensor, cells: Cells, share: float) -> Tensor:
    """(P,) bool: the given share, at least one, of each object's cells with the largest values."""
    chosen = torch.zeros_like(values, dtype=torch.bool)
    for number in range(cells.objects):
        mine = (cells.owner == number).nonzero()[:, 0]
        few = min(len(mine), max(1, int(share * len(mine))))
        chosen[mine[values[mine].topk(few).indices]] = True
    return chosen
