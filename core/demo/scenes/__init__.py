"""The scenes of the demo images: one function for each family."""
