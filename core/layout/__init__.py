"""Two-dimensional projections of an embedding. One method a file."""
