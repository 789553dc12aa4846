"""The page Duplicates: pairs to be judged, groups, the threshold, and what is to be removed."""
