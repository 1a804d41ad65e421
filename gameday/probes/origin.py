"""Where a front door listens, and whom its certificate must be from."""

import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

from gameday.domain.errors import FileError


class Origin(NamedTuple):
    """One host and port; `tls` is None for plain HTTP."""

    host: str
    port: int
    tls: ssl.SSLContext | None


def origin_of(url: str, ca_file: str | None) -> Origin:
    """The origin of an http or https URL. Raises FileError for a `ca_file` without certificates."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    return Origin(parts.hostname or "", port, trust(ca_file) if secure else None)


def trust(ca_file: str | None) -> ssl.SSLContext:
    """Verify certificates by the host's authorities and those in `ca_file`. Raises FileError."""
    context = ssl.create_default_context()
    if ca_file is None:
        return context
    try:
        context.load_verify_locations(ca_file)
    except (OSError, ssl.SSLError) as error:
        raise FileError(
            f"{ca_file}  is no file of certificates: {error}",
            next_step="let front_door.ca_file name a PEM file with the authority's certificate",
        ) from error
    return context
