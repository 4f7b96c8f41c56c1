"""What a detector is, what it is shown and answers, and those that learn nothing."""
