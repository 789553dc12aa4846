"""The page Compare: two maps side by side, what became of neighbours, and the images that tell most of it."""
