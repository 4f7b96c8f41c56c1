"""Files that appear whole, worker processes, progress, typed JSON: what knows nothing of scenes."""
