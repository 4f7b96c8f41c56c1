"""Training of the paper's baselines: one trainer for all, on the same scenes as its detector."""
