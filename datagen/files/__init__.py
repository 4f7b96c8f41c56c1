"""Whether a user's file is what it claims to be, before anything loads it."""
