"""The load generator beside wrk, hey, Locust and aiohttp, in one run against the same servers."""
