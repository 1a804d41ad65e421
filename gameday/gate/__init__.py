"""The HTTP fault gate: a reverse proxy before each provider that can break its answers."""
