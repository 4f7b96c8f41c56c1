"""What a detector is, what it observes and answers, and those that learn nothing."""
