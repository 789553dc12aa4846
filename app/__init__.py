"""The Qt frontend and the command line; the only place that may import Qt."""
