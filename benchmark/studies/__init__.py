"""What things cost and how well they do: one measurement a file."""
