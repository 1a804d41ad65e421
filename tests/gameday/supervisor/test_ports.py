"""Ports for proxies: free, different, and outside the range that the kernel hands out."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gameday.domain.errors import StartError
from gameday.supervisor import ports as supervisor_ports
from gameday.supervisor.ports import answers, free_ports, require_free


def test_ports_are_different_and_below_the_ephemeral_range() -> None:
    ports = free_ports(7)
    assert len(set(ports)) == 7
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(ports) < lowest


def test_what_was_found_is_found_by_nobody_else_until_its_time_is_over(monkeypatch) -> None:
    (port,) = free_ports(1)
    monkeypatch.setattr(supervisor_ports, "_RANGE", range(port, port + 1))
    with pytest.raises(StartError, match="0 of 1"):
        free_ports(1)
    script = (
        "from gameday.supervisor import ports\n"
        f"ports._RANGE = range({port}, {port + 1})\n"
        "ports.free_ports(1)"
    )
    other = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert "0 of 1" in other.stderr
    monkeypatch.setattr(supervisor_ports, "_CLAIMED_S", 0.0)
    assert free_ports(1) == [port]


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
