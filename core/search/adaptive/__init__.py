"""The adaptive index: a coarse and a fine look at leading dimensions, then the stored vectors themselves."""
