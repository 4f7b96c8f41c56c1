"""The benchmark: detectors, scores, training, captures, studies."""
