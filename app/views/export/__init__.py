"""The page Export, one part a file."""
