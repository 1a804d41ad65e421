"""The control process, for real: leases, the ends that are meant, and starts that cannot be."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gameday.domain.errors import InjectorRefusedError
from gameday.domain.lease import ClearedBy, FaultState
from gameday.injector.journal import read_journal
from gameday.supervisor.ports import free_port
from tests.gameday.injector.rig import (
    InjectorProcess,
    Proxied,
    ToxiproxyServer,
    cleared,
    injection,
    soon,
    until,
)


async def test_without_renewal_it_restores_by_itself(injector: InjectorProcess, primary: Proxied):
    await injector.client.arm("f1", injection(lease_s=1.0))
    record = await cleared(injector.client, "f1")
    assert primary.is_clean()
    assert record.cleared_by is ClearedBy.LEASE
    assert record.cleared_because == "the lease of 1 s was not renewed"
    lived_s = (record.cleared_at - record.armed_at).total_seconds()
    assert lived_s > 0.5


async def test_renewed_without_end_the_deadline_ends_it(
    injector: InjectorProcess, primary: Proxied
):
    await injector.client.arm("f1", injection(lease_s=1.5, deadline_s=3.0))

    async def over() -> bool:
        return (await injector.client.renew("f1")).state is FaultState.CLEARED

    await soon(over, "the deadline")
    record = await injector.client.get("f1")
    assert primary.is_clean()
    assert record.cleared_because == "the deadline of 3 s was over"


async def test_a_fault_removed_behind_its_back_is_seen_at_the_renewal(
    injector: InjectorProcess, primary: Proxied
):
    await injector.client.arm("f1", injection("latency"))
    primary.server.remove("primary", "gameday-f1-downstream")
    assert (await injector.client.renew("f1")).cleared_by is ClearedBy.VANISHED


async def test_toxiproxy_that_lost_everything_clears_as_vanished(tmp_path: Path):
    server = ToxiproxyServer(tmp_path / "toxiproxy.log")
    server.start()
    server.create("primary", "127.0.0.1:9")
    injector = InjectorProcess(tmp_path, server.url)
    injector.start()
    await injector.client.arm("f1", injection("latency"))
    server.child.kill()
    record = await injector.client.clear("f1", ClearedBy.RESTORE)
    assert record.state is FaultState.STUCK
    server.start()  # its proxies were in memory only
    record = await cleared(injector.client, "f1")
    assert record.cleared_by is ClearedBy.VANISHED
    injector.end()
    server.child.stop()


async def test_stop_survives_kill_9_of_everything(injector: InjectorProcess, primary: Proxied):
    await injector.client.arm("f1", injection())
    (record,) = await injector.client.stop()
    assert record.cleared_by is ClearedBy.STOP
    for role in ("watchdog", "control"):
        os.kill(injector.pid(role), signal.SIGKILL)
    until(injector.is_gone, "both are dead")
    injector.start()
    with pytest.raises(InjectorRefusedError, match="stopped"):
        await injector.client.arm("f2", injection())
    assert primary.is_clean()


@pytest.mark.parametrize("role", ["watchdog", "control"])
async def test_sigterm_to_either_restores_and_ends_both(
    injector: InjectorProcess, primary: Proxied, role: str
):
    await injector.client.arm("f1", injection("blackhole"))
    os.kill(injector.pid(role), signal.SIGTERM)
    until(injector.is_gone, "both have ended")
    assert primary.is_clean()
    assert until(lambda: injector.child.exit_code() is not None, "the first one ended")
    assert injector.child.exit_code() == 0
    memory = read_journal(injector.state / "undo.jsonl")
    assert memory.cleared["f1"].cleared_by is ClearedBy.STOP
    assert memory.cleared["f1"].cleared_because == "the injector was asked to end"
    assert not memory.stopped
    left = {file.name for file in injector.state.iterdir()}
    assert left == {"undo.jsonl", "token", "control.lock", "watchdog.lock"}


async def test_killed_while_ending_it_still_restores(injector: InjectorProcess, primary: Proxied):
    await injector.client.arm("f1", injection())
    os.kill(injector.pid("control"), signal.SIGKILL)
    os.kill(injector.pid("watchdog"), signal.SIGTERM)
    until(injector.is_gone, "both have ended")
    until(lambda: injector.child.exit_code() is not None, "the first one ended")
    assert primary.is_clean()


async def test_it_ends_with_its_parent_though_the_watchdog_was_replaced(
    tmp_path: Path, primary: Proxied
):
    injector = InjectorProcess(tmp_path, primary.server.url)
    argv = [*injector.child.argv, "--with-parent"]
    start = f"import subprocess, sys, time; subprocess.Popen({argv!r}); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", start]) as parent:  # noqa: ASYNC220 - nothing else runs here
        until(injector.answers, "it serves")
        first = until(lambda: injector.pid("watchdog"), "the watchdog is named")
        await injector.client.arm("f1", injection())
        os.kill(first, signal.SIGKILL)
        until(lambda: injector.pid("watchdog") not in (None, first), "a new watchdog")
        parent.kill()
    until(injector.is_gone, "both have left with the parent")
    assert primary.is_clean()


def test_its_address_and_token_are_in_the_state_folder(injector: InjectorProcess):
    address = json.loads((injector.state / "injector.json").read_text())
    assert address["url"] == injector.url
    assert address["watchdog_pid"] == injector.child.pid
    assert address["control_pid"] != injector.child.pid
    assert (injector.state / "token").stat().st_mode & 0o777 == 0o600


async def test_a_full_disk_refuses_a_new_fault_and_lets_an_old_one_go(
    injector: InjectorProcess, primary: Proxied
):
    primary.server.create("secondary", primary.upstream.address)
    await injector.client.arm("f1", injection())
    control = injector.pid("control")
    resource.prlimit(control, resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
    with pytest.raises(InjectorRefusedError, match="journal cannot be written"):
        await injector.client.arm("f2", injection(proxy="secondary"))
    record = await injector.client.clear("f1", ClearedBy.RESTORE)
    assert record.cleared_by is ClearedBy.RESTORE
    assert primary.is_clean()
    assert primary.server.is_clean("secondary")
    primary.server.delete("secondary")
    infinity = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(control, resource.RLIMIT_FSIZE, infinity)
    until(
        lambda: "f1" in read_journal(injector.state / "undo.jsonl").cleared,
        "it is written once there is room",
    )


# --- starts that cannot be --------------------------------------------------------------------


def _try(argv: list[str]) -> tuple[int, str]:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


def _says_one_sentence(outcome: tuple[int, str], says: str) -> None:
    code, words = outcome
    assert code == 2
    assert says in words
    assert "Traceback" not in words
    assert len(words.strip().splitlines()) == 1


def test_a_second_injector_on_one_folder_is_refused(injector: InjectorProcess):
    _says_one_sentence(_try(injector.child.argv), "an injector already runs")
    assert injector.answers()


def test_a_taken_port_is_a_sentence(injector: InjectorProcess, tmp_path: Path):
    second = InjectorProcess(tmp_path, injector.toxiproxy_url)
    second.state = tmp_path / "other"
    second.port = injector.port
    _says_one_sentence(_try(second._child().argv), f"port {injector.port}")
    assert second.is_gone()


def test_no_toxiproxy_is_a_sentence(tmp_path: Path):
    injector = InjectorProcess(tmp_path, f"http://127.0.0.1:{free_port()}")
    _says_one_sentence(_try(injector.child.argv), "does not answer")
    assert injector.is_gone()


def test_a_bad_port_is_told(tmp_path: Path):
    injector = InjectorProcess(tmp_path, "http://127.0.0.1:1")
    injector.port = 0
    code, words = _try(injector.child.argv[:5] + injector._child().argv[5:])
    assert code == 2
    assert "expected a port from 1 to 65535" in words


def test_a_bad_policy_is_a_sentence(tmp_path: Path, toxiproxy: ToxiproxyServer):
    injector = InjectorProcess(tmp_path, toxiproxy.url, policy="policy: x\nalow: []\n")
    code, words = _try(injector.child.argv)
    assert code == 2
    assert "policy.yaml:2" in words
    assert "Traceback" not in words


async def test_without_toxiproxy_it_starts_when_something_is_outstanding(tmp_path: Path):
    server = ToxiproxyServer(tmp_path / "toxiproxy.log")
    server.start()
    server.create("primary", "127.0.0.1:9", listen=f"127.0.0.1:{free_port()}")
    injector = InjectorProcess(tmp_path, server.url)
    injector.start()
    await injector.client.arm("f1", injection())
    for role in ("watchdog", "control"):
        os.kill(injector.pid(role), signal.SIGKILL)
    until(injector.is_gone, "both are dead")
    server.child.kill()
    injector.start()
    assert (await injector.client.get("f1")).state is FaultState.STUCK
    server.start()
    assert (await cleared(injector.client, "f1")).cleared_by is ClearedBy.VANISHED
    injector.end()
    server.child.stop()
