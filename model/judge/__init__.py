"""Judging objects by cut-outs of them, beside their siblings' (not in the paper)."""
