"""Has a running assistant read its corpus anew: python -m lab.reindex URL (its admin's /index).

It needs nothing but the standard library, so that it takes a moment only: it is run after every
change of the corpus.
"""

import sys
import urllib.error
import urllib.request

_TIMEOUT_S = 20.0
_NOT_NOW = 75  # EX_TEMPFAIL of sysexits.h: asking again may help


def reindex(url: str) -> int:
    """Returns the exit code; says what the assistant serves now, or why it does not."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    asked = urllib.request.Request(url, data=b"", method="POST")  # noqa: S310 - by the target file
    try:
        with direct.open(asked, timeout=_TIMEOUT_S) as answer:
            sys.stdout.write(answer.read().decode() + "\n")
    except urllib.error.HTTPError as error:
        sys.stderr.write(f"{url}: status {error.code}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{url}: {error}\n")
        return _NOT_NOW
    return 0


if __name__ == "__main__":
    sys.exit(reindex(sys.argv[1]))
