"""Durations, rates, factors and money as people write them: `20s`, `20/s`, `1.5x baseline`, `$2`.

Each parses from text and serialises back to text that parses to the same number, so a value
survives YAML, JSON and a Temporal payload unchanged.
"""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_UNIT_S = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600)}
_DURATION_S_MIN, _DURATION_S_MAX = 0.001, 7 * 86_400.0  # beyond, it is a slip of the pen
_RATE_PER_S_MIN, _RATE_PER_S_MAX = 0.001, 100_000.0
# [0-9], because \d takes the digits of every script; bounded, so that no number is infinite.
_NUMBER = r"([0-9]{1,12}(?:\.[0-9]{1,24})?)"
_DURATION = re.compile(_NUMBER + r" *(ms|s|m|h)")
_RATE = re.compile(_NUMBER + r" */ *(s|m)")
_FACTOR = re.compile(_NUMBER + r" *x(?: baseline)?")
_USD = re.compile(r"\$ *" + _NUMBER)


def parse_duration_s(text: Any) -> float:
    """Seconds in `text` (`250ms`, `20s`, `5m`, `1h`). Raises ValueError for anything else."""
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"expected a duration such as 20s, 500ms or 5m, found {text!r}")
    # Decimal, because 700 * 0.001 is not 0.7, and what was written must be read back the same.
    seconds = float(Decimal(match[1]) * _UNIT_S[match[2]])
    if not _DURATION_S_MIN <= seconds <= _DURATION_S_MAX:
        raise ValueError(f"expected a duration from 1ms to 168h, found {text!r}")
    return seconds


def parse_rate_per_s(text: Any) -> float:
    """Requests a second in `text` (`20/s`, `600/m`). Raises ValueError for anything else."""
    match = _RATE.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"expected a rate such as 20/s or 600/m, found {text!r}")
    per_s = float(Decimal(match[1]) / _UNIT_S[match[2]])
    if not _RATE_PER_S_MIN <= per_s <= _RATE_PER_S_MAX:
        raise ValueError(f"expected a rate from 0.001/s to 100000/s, found {text!r}")
    return per_s


def parse_factor(text: Any) -> float:
    """The multiple of the baseline in `text` (`1.5x baseline`). Raises ValueError otherwise."""
    match = _FACTOR.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or float(match[1]) == 0:
        raise ValueError(f"expected a factor such as '1.5x baseline', found {text!r}")
    return float(match[1])


def parse_usd(text: Any) -> float:
    """US dollars in `text` (`$0.002`). Raises ValueError for anything else."""
    match = _USD.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or float(match[1]) == 0:
        raise ValueError(f"expected US dollars such as $0.002, found {text!r}")
    return float(match[1])


def money_apart(raw: Any) -> Any:
    """A noun as it is written, with money under `at_most` moved to `usd_at_most`."""
    bound = raw.get("at_most") if isinstance(raw, dict) else None
    if not isinstance(bound, str) or not bound.lstrip().startswith("$"):
        return raw
    return {**{key: raw[key] for key in raw if key != "at_most"}, "usd_at_most": bound}


def plain(number: float) -> str:
    """`number` in the shortest decimal form that parses back to it, without an exponent."""
    return format(Decimal(repr(number)), "f").removesuffix(".0")


def write_duration(seconds: float) -> str:
    return f"{plain(seconds)}s"


def _quantity(parse: Any, write: Any, pattern: str, example: str) -> tuple[Any, ...]:
    return (
        BeforeValidator(parse),
        PlainSerializer(write, return_type=str),
        WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", "examples": [example]}),
    )


Seconds = Annotated[float, *_quantity(parse_duration_s, write_duration, _DURATION.pattern, "20s")]
Rate = Annotated[
    float, *_quantity(parse_rate_per_s, lambda r: f"{plain(r)}/s", _RATE.pattern, "20/s")
]
Factor = Annotated[
    float, *_quantity(parse_factor, lambda f: f"{plain(f)}x", _FACTOR.pattern, "1.5x baseline")
]
Usd = Annotated[float, *_quantity(parse_usd, lambda usd: f"${plain(usd)}", _USD.pattern, "$0.002")]
