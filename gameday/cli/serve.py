"""`gameday serve`: an alert starts a drill, or the runbook of an incident."""

import asyncio
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gameday.catalog.files import load_serving
from gameday.catalog.kinds import senders
from gameday.cli.identity import TOKEN_PROOF, KeyFile, Signer
from gameday.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STATE,
    DEFAULT_TARGET,
    RunsFolder,
    StateFolder,
    TargetFile,
)
from gameday.cli.presses import take_press
from gameday.cli.run_starter import RunStarter
from gameday.cli.session import target_file
from gameday.domain.errors import FileError, StartError
from gameday.domain.serving import Serving
from gameday.reporting.inert import inert_line
from gameday.serve.dispatcher import Dispatcher
from gameday.serve.inbox import Inbox
from gameday.serve.receiver import Believed, receiver_app
from gameday.serve.responding import Responding
from gameday.serve.serving import bound
from gameday.serve.serving import serve as serve_until_told
from gameday.serve.slack_door import SlackPresses
from gameday.store.incidents import Incidents
from gameday.supervisor.secrets import read_secret

INBOX = Path("serve") / "inbox.db"  # in the state folder


def serve(
    file: Annotated[
        Path, typer.Argument(help="Which alerts start what; see docs/serve.md.")
    ] = Path("serve.yaml"),
    listen: Annotated[str, typer.Option(help="HOST:PORT; port 0 takes any.")] = "127.0.0.1:8473",
    target: TargetFile = DEFAULT_TARGET,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
    key: KeyFile = None,
) -> None:
    """Receive alerts by webhook, and start the drills and runbooks that a file names for them.

    Example:  gameday serve serve.yaml --listen 127.0.0.1:8473

    Until Ctrl-C. Each alert is on disk before its sender hears yes, and starts at most one run.
    What needs approval waits for it as always. `gameday inbox` shows what became of each.
    """
    serving = load_serving(file)
    believed, presses = _believed(serving, file), _presses(serving, file, state)
    signer = Signer.of(serving.serve, key, None, TOKEN_PROOF)
    with target_file(target, state, runs, lab=False) as found, _only_one(state):
        starter = RunStarter(file.resolve().parent, found, state, runs, signer)
        for trigger in serving.start:
            starter.try_out(trigger)  # a wrong file is told of now, not by night
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(serving, believed, starter, listen, state, presses))
        _say("ended; what waits in the inbox is dealt with when this runs again")


async def _serve(
    serving: Serving,
    believed: dict[str, Believed],
    starter: RunStarter,
    listen: str,
    state: Path,
    presses: SlackPresses | None,
) -> None:
    host, port = _address(listen)
    inbox = Inbox(state / INBOX)
    responding = Responding(Incidents(state), starter, _say)
    dispatcher = Dispatcher(serving, inbox, starter, responding, _say)
    beside = [presses.route()] if presses else []
    app = receiver_app(believed, inbox, arrived=dispatcher.wake, beside=beside)
    with bound(host, port) as listening:
        for name in believed:
            _say(f"receives {name} at http://{host}:{listening.getsockname()[1]}/{name}")
        if presses:
            _say(f"hears buttons at http://{host}:{listening.getsockname()[1]}/slack")
        for trigger in serving.start:
            _say(f"may start {trigger.name}")
        try:
            await serve_until_told(app, dispatcher, listening)
        finally:
            inbox.close()


def _believed(serving: Serving, file: Path) -> dict[str, Believed]:
    """Each sender with its secret. Raises FileError where one is missing or cannot be one."""
    believed = {}
    for name, spec in serving.senders.items():
        sender = senders.make(spec)
        secret = read_secret(sender.secret, beside=file.resolve().parent)
        if why := sender.why_no_secret(secret):
            raise FileError(
                f"{file}: the secret {sender.secret} cannot be that of {name} ({spec.kind}): {why}",
                next_step="take the secret that the sender signs with",
            )
        believed[name] = Believed(sender, secret)
    return believed


def _presses(serving: Serving, file: Path, state: Path) -> SlackPresses | None:
    """What hears buttons, where the file says that they are heard. Raises FileError."""
    if serving.slack is None:
        return None
    secret = read_secret(serving.slack.secret, beside=file.resolve().parent)
    return SlackPresses(serving.slack, secret, partial(take_press, state), _say)


@contextmanager
def _only_one(state: Path) -> Iterator[None]:
    """Two that empty one inbox would each count the other's starts too late."""
    file = state / INBOX
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel frees it with its holder
        except BlockingIOError as error:
            raise StartError(
                f"another `gameday serve` empties the inbox of {state}",
                next_step="end that one, or choose another --state",
            ) from error
        yield


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise FileError(
            f"{text!r} is no address; expected HOST:PORT", next_step="for example 127.0.0.1:8473"
        )
    return host, int(port)


def _say(line: str) -> None:
    print(inert_line(line), flush=True)  # names of alerts come from elsewhere
