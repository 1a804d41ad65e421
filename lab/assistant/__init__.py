"""The assistant: retrieves, asks the order tool, fills its prompt and routes over a chain."""
