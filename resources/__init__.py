"""Icons, themes, constants and texts that ship, read through importlib.resources."""
