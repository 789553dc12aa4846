"""Vectors that were made elsewhere: files that hold them, read part by part, and what they fit."""
