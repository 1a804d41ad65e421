"""The wire client is tried on uvloop, as in the generator, and on asyncio's own loop."""

import asyncio

import uvloop

ON_BOTH = {"test_connection.py", "test_front_door.py"}


def pytest_asyncio_loop_factories(config, item):
    """A preflight asks on whatever loop its worker has, which also starts the generator."""
    factories = {"asyncio": asyncio.new_event_loop}
    return factories | ({"uvloop": uvloop.new_event_loop} if item.path.name in ON_BOTH else {})
