"""A run as a whole: jobs, worker pool, collecting into shards, going on."""
