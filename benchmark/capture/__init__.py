"""Real photographs: poses, floor and scale, answers for them."""
