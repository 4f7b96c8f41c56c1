"""What counts as a part, and how one comes off."""
