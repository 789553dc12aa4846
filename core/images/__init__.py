"""From files to pixels: scanning folders, decoding, thumbnails, fingerprints."""
