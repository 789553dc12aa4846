"""What is put beside the images of a batch before they are compared, one a file, all called alike (base.py)."""
