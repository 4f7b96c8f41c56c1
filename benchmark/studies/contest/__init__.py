"""oddbench study: the paper's experiments and more, cell by cell, by one command."""
