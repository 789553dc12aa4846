"""What is taken away: one format a file. Writers get plain material and know nothing of the catalogue."""
