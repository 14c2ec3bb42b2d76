"""From photo files, or drawings, to batches on the device."""
