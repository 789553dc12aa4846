"""What turns pictures into vectors. One encoder family a file."""
