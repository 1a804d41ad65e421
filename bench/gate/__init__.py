"""The HTTP fault gate beside nginx, Envoy and mitmdump, in one run over one upstream."""
