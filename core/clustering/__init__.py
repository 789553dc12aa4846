"""Clusters of look-alikes: the density hierarchy of a neighbour graph, and names for what is in it."""
