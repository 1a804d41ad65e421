"""A twin: the operator's own gateway configuration, with its providers reached through the gate."""
