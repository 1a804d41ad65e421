"""The steps of a response, one file each. A kind is its file name."""
