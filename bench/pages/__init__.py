"""How large the pages are that people look at, and how soon a browser has them laid out."""
