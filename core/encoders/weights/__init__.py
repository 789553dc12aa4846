"""Getting weights: what a name wants, asking a model hub, fetching, and what is on this machine."""
