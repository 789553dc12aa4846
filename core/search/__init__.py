"""Vectors on disk, nearest neighbours, and every kind of query."""
