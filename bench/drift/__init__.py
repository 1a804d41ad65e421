"""How soon silent changes are noticed, and how often one is where there is none."""
