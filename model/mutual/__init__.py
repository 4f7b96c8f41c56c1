"""Objects of a scene that score each other, patch by patch: nothing is learnt."""
