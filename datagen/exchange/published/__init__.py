"""The layout of the published ToysAD-8K and PartsAD-15K, read and written (docs/exchange.md)."""
