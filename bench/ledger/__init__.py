"""The digest of a large corpus: the first look, and the one after a hundredth has changed."""
