"""A model provider: one process that serves the engine in the dialect of a real one."""
