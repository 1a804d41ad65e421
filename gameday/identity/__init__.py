"""How it is known who says something: one file for each proof."""
