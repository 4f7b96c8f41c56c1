"""The anomaly types, a file each (App. A.1), and what only they share.

A type's `draw` and `apply` take and give what anomalies.anomaly_type.AnomalyType says; the
docstring of a draw tells its parameters.
"""
