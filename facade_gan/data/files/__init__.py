"""From the bytes of a file to the pixels of a photo."""
