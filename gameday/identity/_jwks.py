"""An issuer's public keys, kept a while: read from a file, or asked for at its address."""

import asyncio
import time
from pathlib import Path

import httpx
import jwt

from gameday.domain.errors import SourceError

_KEPT_S = 300.0
_ASK_AGAIN_S = 10.0  # for a key that is not among them: the issuer may have a new one
_WITHIN_S = 5.0
_BYTES_MAX = 262_144


class IssuerKeys:
    """The keys of one issuer. An unknown key id makes it look again, but not all the time."""

    def __init__(self) -> None:
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_s = float("-inf")
        self._reading = asyncio.Lock()

    async def of(self, key_id: str, where: str, folder: Path) -> jwt.PyJWK | None:
        """The key of that id; None when the issuer has none. Raises SourceError."""
        async with self._reading:
            age_s = time.monotonic() - self._read_s
            if age_s > (_KEPT_S if key_id in self._keys else _ASK_AGAIN_S):
                self._keys = _parsed(await _content(where, folder), where)
                self._read_s = time.monotonic()
        return self._keys.get(key_id)


async def _content(where: str, folder: Path) -> bytes:
    try:
        if not where.startswith(("http://", "https://")):
            return (folder / where).read_bytes()
        async with (
            httpx.AsyncClient(timeout=_WITHIN_S, trust_env=False) as http,
            http.stream("GET", where) as answer,
        ):
            answer.raise_for_status()
            content = b""
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > _BYTES_MAX:
                    raise SourceError(f"the keys at {where} are over {_BYTES_MAX:,} bytes")
            return content
    except (OSError, httpx.HTTPError) as error:
        why = str(error) or type(error).__name__
        raise SourceError(f"the issuer's keys at {where} cannot be read: {why}") from error


def _parsed(content: bytes, where: str) -> dict[str, jwt.PyJWK]:
    try:
        keys = jwt.PyJWKSet.from_json(content.decode()).keys
    except (jwt.PyJWTError, ValueError, AttributeError, TypeError) as error:
        raise SourceError(f"what is at {where} is no set of keys (JWKS): {error}") from error
    return {key.key_id: key for key in keys if key.key_id}
