"""Ports for proxies: free, different, and outside the range that the kernel hands out."""

import socket
from pathlib import Path

import pytest

from gameday.domain.errors import StartError
from gameday.supervisor.ports import answers, free_ports, require_free


def test_ports_are_different_and_below_the_ephemeral_range() -> None:
    ports = free_ports(7)
    assert len(set(ports)) == 7
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(ports) < lowest


def test_too_many_is_an_error_with_numbers() -> None:
    with pytest.raises(StartError, match="of 1000 free ports"):
        free_ports(1000)


def test_a_taken_port_is_said_with_its_number_and_what_it_was_for() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))  # not a number from free_port: another test may be quicker
        port = listener.getsockname()[1]
        assert not answers(port)
        listener.listen()
        assert answers(port)
        with pytest.raises(StartError, match=f"port {port}, wanted for Temporal, is taken"):
            require_free(port, "Temporal")
