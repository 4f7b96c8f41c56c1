"""Proves from the data itself that scenes and anomalies are good."""
