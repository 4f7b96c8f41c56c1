"""Training of the finder: first silhouettes, then what stands behind them."""
