"""Ports for proxies: free, different, and outside the range that the kernel hands out."""

from pathlib import Path

import pytest

from gameday.domain.errors import StartError
from lab.quiet_ports import quiet_ports


def test_ports_are_different_and_below_the_ephemeral_range() -> None:
    ports = quiet_ports(7)
    assert len(set(ports)) == 7
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(ports) < lowest


def test_too_many_is_an_error_with_numbers() -> None:
    with pytest.raises(StartError, match="of 1000 free ports"):
        quiet_ports(1000)
