"""The HTTP tool that the assistant may call: it knows orders by their number."""
