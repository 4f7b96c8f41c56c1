"""One file an anomaly."""
