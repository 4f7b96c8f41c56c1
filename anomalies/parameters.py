"""What an anomaly type draws, stores with an odd shape and makes it from."""

from __future__ import annotations

from typing import Any

Parameters = dict[str, Any]
"""JSON-able, the type's own: only its draw and its apply know the keys."""
