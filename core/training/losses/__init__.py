"""Losses, one a file, all called in the same way (base.py). To add one: a file, and its line in registry.py."""
