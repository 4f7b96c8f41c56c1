"""Scene i from the settings and i alone: plan, build, drop, label, render, write."""
