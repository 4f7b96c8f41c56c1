"""`oddbench similar`: what an index finds is counted against the true neighbours."""

from __future__ import annotations

import numpy as np

from benchmark.studies.similar import dimensions, features, measure


def test_the_benchmark_counts_true_neighbours() -> None:
    data = np.concatenate(list(features(1000, 32, dimensions=12)))
    assert dimensions(data) <= 12
    flat, *others = measure(data, 20)
    assert flat.kind == "flat" and flat.found == flat.found_unranked == 1
    assert all(0.7 < cost.found_unranked <= cost.found for cost in others)
