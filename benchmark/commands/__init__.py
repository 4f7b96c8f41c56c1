"""The oddbench commands."""
