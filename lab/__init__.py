"""A practice AI system on loopback, for drills and tests to break."""
