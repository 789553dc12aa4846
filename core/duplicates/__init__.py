"""Finding duplicates and judging them."""
