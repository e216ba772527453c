"""Side by side with the originals: the same data, the same questions, one interleaved run. `make bench`."""
