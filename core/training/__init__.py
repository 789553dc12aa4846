"""Learning from labels, and measuring how well an encoder knows them."""
