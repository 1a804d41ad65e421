"""Gives a notice to the operator's hook, and says in a sentence why the hook did not take it."""

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from activities.connections import resolve_secret
from gameday.domain.errors import FileError, StartError
from gameday.domain.hook import Address
from gameday.serve.senders.standard import headers_for, why_no_secret
from gameday.store.redaction import redact

_WITHIN_S = 30.0
_SAID_MAX = 200  # characters of what a hook answered


async def give(hook: Address | None, folder: Path, document: dict[str, Any]) -> str:
    """Why the hook did not take it; '' when it did, or where there is none.

    One that signs is given the document as `data` of a webhook, whose type is the document's own.

    folder: where a command runs. document: JSON whose `notice` is the same whenever it is tried
    again.
    """
    if hook is not None and hook.post is not None:
        return await _post(hook.post, hook, document)
    if hook is not None and hook.command is not None:
        return await _run(hook.command, folder, json.dumps(document).encode())
    return ""


async def _post(url: str, hook: Address, document: dict[str, Any]) -> str:
    try:
        key, secret = resolve_secret(hook.key), resolve_secret(hook.sign)
        content = json.dumps(_webhook(document) if secret else document).encode()
        headers = {"content-type": "application/json", "idempotency-key": document["notice"]}
        headers |= {"authorization": f"Bearer {key}"} if key else {}
        if secret:
            headers |= headers_for(document["notice"], content, secret, datetime.now(UTC))
        async with httpx.AsyncClient(timeout=_WITHIN_S, trust_env=False) as http:
            answer = await http.post(url, content=content, headers=headers)
    except FileError as error:
        return error.sentence
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{url} does not answer: {str(error) or type(error).__name__}"
    return "" if answer.is_success else f"{url} answers {answer.status_code}"


def _webhook(document: dict[str, Any]) -> dict[str, Any]:
    """The document as Standard Webhooks wants its payloads."""
    kind = document.get("type", f"{document['kind']}.ended")
    return {"type": kind, "timestamp": document["at"], "data": document}


async def _run(command: Sequence[str], folder: Path, content: bytes) -> str:
    name = command[0]
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # so that all that it starts can be ended with it
        )
    except OSError as error:
        return f"{name} cannot be run: {error.strerror or error}"
    try:
        async with asyncio.timeout(_WITHIN_S):
            _, said = await process.communicate(content)
    except TimeoutError:
        return f"{name} did not end within {_WITHIN_S:g} s and was killed"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    words = redact(" ".join(said.decode(errors="replace").split()))[-_SAID_MAX:]
    return f"{name} ended with {process.returncode}: {words}" if process.returncode else ""


def require_hook(hook: Address | None, folder: Path) -> None:
    """Raise GamedayError for a hook that can take nothing, before anybody relies on it."""
    if hook is None or hook.command is None:
        resolve_secret(hook.key if hook else None)
        _require_signing(resolve_secret(hook.sign if hook else None))
        return
    name = hook.command[0]
    places = [folder] if os.sep in name else map(Path, os.get_exec_path())
    if not any(os.access(place / name, os.X_OK) for place in places):
        raise StartError(
            f"the hook {name} is no program here",
            next_step="name one that is on PATH, or its path from the target file's folder",
        )


def _require_signing(secret: str | None) -> None:
    if secret is not None and (why := why_no_secret(secret)):
        raise StartError(
            f"the hook cannot sign with what `sign` names: {why}",
            next_step="take the secret that the receiver has for this sender",
        )
