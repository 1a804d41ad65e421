"""The console entry point of `gameday`. It imports nothing heavy before an abort has acted.

Loading Temporal's client takes longer than the second within which an abort promises to have the
fault gone. So `gameday abort RUN` first asks the injector of this machine, with the standard
library alone, to clear the run's faults; the command itself then stops the run in the usual way.
Where no injector runs here, that way is the only one.
"""

import http.client
import json
import os
import sys
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote, urlsplit

_CALL_S_MAX = 3.0


def run_and_leave() -> NoReturn:
    """Run the command and leave without the interpreter's own end.

    The Temporal SDK's threads may abort that end after all work is done
    (temporalio/sdk-python#300), which would turn a verdict into exit code 134.
    """
    given = sys.argv[1:]
    if given[:1] == ["abort"]:
        clear_here(given[1:])
    from gameday.cli.main import main  # noqa: PLC0415 - the reason for this file

    code = main(given)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def clear_here(arguments: list[str]) -> int:
    """Clear the faults of the run that is named; how many there were.

    Best effort: whatever fails here is done, and told, by the abort that follows.
    """
    run_id, options = _parse(arguments)
    if not run_id:
        return 0
    state = Path(options.get("--state") or os.environ.get("GAMEDAY_STATE") or ".gameday")
    try:
        injector = _Injector(state / "injector")
        faults = [fault["id"] for fault in injector.ask("GET", f"/faults?run_id={quote(run_id)}")]
        for fault_id in faults:
            injector.ask("DELETE", f"/faults/{fault_id}?by=stop")
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return 0
    return len(faults)


def _parse(arguments: list[str]) -> tuple[str, dict[str, str]]:
    """The run's id, and the options with their values; every option of `abort` has one."""
    run_id, options = "", {}
    words = iter(arguments)
    for word in words:
        if word.startswith("-"):
            name, _, value = word.partition("=")
            options[name] = value or next(words, "")
        else:
            run_id = run_id or word
    return run_id, options


class _Injector:
    """As little of the injector's client as clearing a fault needs."""

    def __init__(self, folder: Path) -> None:
        url = json.loads((folder / "injector.json").read_text())["url"]
        token = os.environ.get("GAMEDAY_INJECTOR_TOKEN") or (folder / "token").read_text().strip()
        self._host = urlsplit(url).netloc
        self._headers = {"authorization": f"Bearer {token}"}

    def ask(self, method: str, where: str) -> list[dict[str, str]]:
        connection = http.client.HTTPConnection(self._host, timeout=_CALL_S_MAX)
        try:
            connection.request(method, where, headers=self._headers)
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return answer if isinstance(answer, list) else [answer]
