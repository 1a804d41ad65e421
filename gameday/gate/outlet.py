"""Hands bytes to the kernel at once, and what it does not take to the event loop.

The loop would write at the end of its turn, after its own bookkeeping: on a short answer that is a
tenth of what the whole request costs.
"""

import asyncio
import os

ENCRYPTED = -1  # the descriptor of a connection whose bytes only its transport can write


def descriptor(transport: asyncio.Transport) -> int:
    """What `write` may write to directly."""
    if transport.get_extra_info("sslcontext") is not None:
        return ENCRYPTED
    return int(transport.get_extra_info("socket").fileno())


def write(transport: asyncio.Transport, number: int, data: bytes) -> None:
    """Write `data` after all that was written before; nothing to a connection that closes.

    number: from `descriptor`.
    """
    if transport.is_closing():
        return
    if number != ENCRYPTED:
        if transport.get_write_buffer_size():
            transport.write(data)
            return
        try:
            taken = os.write(number, data)
        except OSError:  # it takes nothing now, or never again: its transport finds out which
            taken = 0
        if taken == len(data):
            return
        data = data[taken:]
    transport.write(data)
