"""Predictions against the truth: metrics, intervals, reports, comparisons."""
