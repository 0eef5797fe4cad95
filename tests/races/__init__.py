"""Two at the same time: exactly one wins."""
