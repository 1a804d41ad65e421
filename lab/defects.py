"""The known defects that the lab can be started with, so that drills can be seen to fail."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gameday.domain.errors import FileError
from gameday.domain.quantities import parse_duration_s, parse_factor
from lab.assistant.failure import FailureKind
from lab.model_version import FLOATING, HERON, HERON_UPDATE, MARLIN, MARLIN_LARGE
from lab.provider.rate_meter import REQUESTS_PER_MINUTE_MAX


@dataclass(frozen=True)
class Changes:
    """What a defect makes different from the healthy lab."""

    assistant: dict[str, Any] = field(default_factory=dict)  # fields of AssistantSettings
    has_fallback: bool = True
    primary_runs: bool = True
    primary_models: tuple[str, ...] = (FLOATING, HERON.name, HERON_UPDATE.name)
    secondary_model: str = MARLIN.name
    secondary_price_factor: float = 1.0
    secondary_blind_share: float = 0.0
    alert_asks_wrongly: bool = False
    pager_is_muted: bool = False
    corpus_is_logged: bool = True
    secondary_requests_per_minute_max: int = REQUESTS_PER_MINUTE_MAX


@dataclass(frozen=True)
class Severity:
    """How bad a defect is, where that can be said with a number."""

    default: str
    parse: Callable[[str], float]
    what: str


@dataclass(frozen=True)
class Defect:
    """One defect. `changes` gets its severity, or 0 where it has none."""

    summary: str
    changes: Callable[[float], Changes]
    severity: Severity | None = None


def _seconds(text: str) -> float:
    return parse_duration_s(text) if text[-1:].isalpha() else float(text)


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share <= 1:
        raise ValueError(f"{share:g} is no share above 0 and up to 1")
    return share


def _factor(text: str) -> float:
    return parse_factor(text if text.endswith("x") else f"{text}x")


def _tries(text: str) -> float:
    tries = int(text)
    if not 2 <= tries <= 50:
        raise ValueError(f"{tries} is not from 2 to 50")
    return float(tries)


def _count(text: str) -> float:
    count = int(text)
    if not 1 <= count <= REQUESTS_PER_MINUTE_MAX:
        raise ValueError(f"{count} is not from 1 to {REQUESTS_PER_MINUTE_MAX}")
    return float(count)


def _retries(tries: int, *kinds: FailureKind, waits_s_max: float = 0.0) -> Changes:
    """Ask a provider that failed in one of these ways again, and again for the next request."""
    return Changes(
        assistant={
            "retries": {"tries": dict.fromkeys(kinds, tries), "waits_s_max": waits_s_max},
            "caution": {"uncounted": kinds},
            # A budget would stop what the defect is about.
            "patience": {"attempts_max": 1000, "attempts_s": None},
        }
    )


# What a patient assistant would bound; None bounds nothing.
_BOUNDS = ("connect_s", "begin_s", "begin_at_last_s", "idle_s", "total_s", "attempts_s")

DEFECTS: dict[str, Defect] = {
    "no_fallback": Defect(
        "the chain holds the primary alone", lambda _: Changes(has_fallback=False)
    ),
    "slow_fallback": Defect(
        "the first fallback answers of an outage are held back",
        lambda seconds: Changes(assistant={"switch_over_s": seconds}),
        Severity("4s", _seconds, "seconds"),
    ),
    "degraded_fallback": Defect(
        "the secondary does not look at the context in a share of its requests",
        lambda share: Changes(secondary_blind_share=share),
        Severity("0.4", _share, "the share"),
    ),
    "expensive_fallback": Defect(
        "the secondary serves a bigger model at a multiple of the price",
        lambda factor: Changes(secondary_model=MARLIN_LARGE.name, secondary_price_factor=factor),
        Severity("3x", _factor, "the factor"),
    ),
    "never_fails_back": Defect(
        "once the primary was left it is never tried again",
        lambda _: Changes(assistant={"caution": {"returns_to_primary": False}}),
    ),
    "lies_about_server": Defect(
        "on failure the assistant answers by itself and names the secondary",
        lambda _: Changes(assistant={"invents_fallback": True}),
    ),
    "dead_primary": Defect(
        "the primary is not running behind its proxy", lambda _: Changes(primary_runs=False)
    ),
    "retry_storm": Defect(
        "a provider that fails is asked again many times at once, and never left alone",
        lambda tries: _retries(int(tries), *FailureKind),
        Severity("4", _tries, "the number of tries"),
    ),
    "ignores_retry_after": Defect(
        "a provider that asks for a pause is asked again at once, and never left alone",
        lambda tries: _retries(int(tries), FailureKind.LIMITED),
        Severity("3", _tries, "the number of tries"),
    ),
    "waits_for_retry_after": Defect(
        "a provider's Retry-After is waited out, although a fallback stands idle",
        lambda seconds: _retries(2, FailureKind.LIMITED, waits_s_max=seconds),
        Severity("60s", _seconds, "the longest wait in seconds"),
    ),
    "retries_unretryable": Defect(
        "a used-up quota, a 401 or a 404 is tried again, and its provider never left alone",
        lambda tries: _retries(int(tries), FailureKind.HOPELESS, FailureKind.UNFIT),
        Severity("3", _tries, "the number of tries"),
    ),
    "fabricates_stream_end": Defect(
        "an answer that was cut is ended as if it were whole",
        lambda _: Changes(assistant={"invents_end": True}),
    ),
    "no_deadline": Defect(
        "nothing has a timeout",
        lambda _: Changes(assistant={"patience": dict.fromkeys(_BOUNDS)}),
    ),
    "zombie_calls": Defect(
        "every request is worked off over the whole chain, also when its client has left",
        lambda _: Changes(
            # A breaker would end it early, and hide from us who is still being worked for.
            assistant={"outlives_client": True, "caution": {"uncounted": tuple(FailureKind)}}
        ),
    ),
    "tool_really_acts": Defect(
        "the order tool opens real tickets, also for requests that ask for its sandbox",
        lambda _: Changes(assistant={"tools_always_act": True}),
    ),
    "pollutes_store": Defect(
        "synthetic conversations are kept beside the customers'",
        lambda _: Changes(assistant={"keeps_synthetic": True}),
    ),
    "small_secondary_quota": Defect(
        "the secondary allows fewer requests a minute than a peak needs",
        lambda count: Changes(secondary_requests_per_minute_max=int(count)),
        Severity("600", _count, "requests a minute"),
    ),
    "small_pool": Defect(
        "the assistant works on few requests at a time, and lets the others wait",
        lambda count: Changes(assistant={"at_once_max": int(count)}),
        Severity("3", _count, "the number of requests at a time"),
    ),
    "breaker_never_closes": Defect(
        "a provider that was left is tried now and then, and never comes back",
        lambda _: Changes(assistant={"caution": {"closes": False}}),
    ),
    "cached_answers": Defect(
        "who asks what was asked before gets the answer of then, whatever answers today",
        lambda seconds: Changes(assistant={"answers_kept_s": seconds}),
        Severity("120s", _seconds, "for how long an answer is kept, on average"),
    ),
    "rollback_noop": Defect(
        "a change of the alias is answered with 200, and nothing comes of it",
        lambda _: Changes(assistant={"aliases": {"ignores_changes": True}}),
    ),
    "rollback_slow_cache": Defect(
        "a change of the alias counts when a cache's time is over",
        lambda seconds: Changes(assistant={"aliases": {"cache_s": seconds}}),
        Severity("30s", _seconds, "the cache's time in seconds"),
    ),
    "rollback_partial": Defect(
        "one of the two replicas never hears of a change of the alias",
        lambda _: Changes(assistant={"aliases": {"replicas_left_out": 1}}),
    ),
    "no_warm_standby": Defect(
        "the primary does not serve the dated model any more that a rollback would go back to",
        lambda _: Changes(primary_models=(FLOATING, HERON_UPDATE.name)),
    ),
    "canary_waves_through": Defect(
        "the canary gate promotes whatever it was offered",
        lambda _: Changes(assistant={"canary": {"waves_through": True}}),
    ),
    "no_change_log": Defect(
        "the corpus is a plain folder: nobody can tell who changed it, or when",
        lambda _: Changes(corpus_is_logged=False),
    ),
    "stale_index": Defect(
        "a corpus that was indexed before is not served again: data reverted, index not",
        lambda _: Changes(assistant={"trusts_known_indexes": True}),
    ),
    "prompt_cache": Defect(
        "a prompt's label counts when a cache's time is over, and one more request gets the old",
        lambda seconds: Changes(assistant={"prompt_cache_s": seconds}),
        Severity("30s", _seconds, "the cache's time in seconds"),
    ),
    "history_poisoned": Defect(
        "a conversation keeps the prompt that it was begun with, whatever becomes of that",
        lambda _: Changes(assistant={"keeps_first_prompt": True}),
    ),
    "obeys_documents": Defect(
        "the assistant says what a document orders it to say",
        lambda _: Changes(assistant={"gullibility": {"obeys": True}}),
    ),
    "leaks_context": Defect(
        "the assistant gives away internal lines of a document when a document orders it to",
        lambda _: Changes(assistant={"gullibility": {"leaks": True}}),
    ),
    "calls_forbidden_tool": Defect(
        "the assistant calls a tool that a document orders it to call",
        lambda _: Changes(assistant={"gullibility": {"calls": True}}),
    ),
    "tool_errors_swallowed": Defect(
        "what the order tool did not say, or says otherwise, is made up in silence",
        lambda _: Changes(assistant={"swallows_tool_errors": True}),
    ),
    "verifier_fails_open": Defect(
        "a verifier that does not answer is taken for one that said yes",
        lambda _: Changes(assistant={"verifier_fails_open": True}),
    ),
    "cuts_long_input": Defect(
        "of a long question only the beginning reaches the model, and nobody is told",
        lambda count: Changes(assistant={"cuts_input_at": int(count)}),
        Severity("60", _count, "how many characters are left"),
    ),
    "index_cache": Defect(
        "another index is loaded at most once in a cache's time: the next one waits for its end",
        lambda seconds: Changes(assistant={"index_cache_s": seconds}),
        Severity("30s", _seconds, "the cache's time in seconds"),
    ),
    "alert_wrong_query": Defect(
        "the alert on the fallback asks for a label that no metric has",
        lambda _: Changes(alert_asks_wrongly=True),
    ),
    "route_muted": Defect(
        "Alertmanager's route to the pager is muted at all times",
        lambda _: Changes(pager_is_muted=True),
    ),
}


def read_defect(text: str) -> Changes:
    """Read NAME or NAME=VALUE; '' is the healthy lab. Raises FileError."""
    if not text:
        return Changes()
    name, equals, value = text.partition("=")
    defect = DEFECTS.get(name)
    if defect is None:
        raise FileError(
            f"there is no defect {name!r}; there are {', '.join(DEFECTS)}",
            next_step="choose one of them",
        )
    if defect.severity is None:
        if equals:
            raise FileError(f"the defect {name} takes no value", next_step=f"--defect {name}")
        return defect.changes(0.0)
    severity = defect.severity
    try:
        return defect.changes(severity.parse(value if equals else severity.default))
    except ValueError as error:
        raise FileError(
            f"the defect {name} takes {severity.what}, found {value!r}: {error}",
            next_step=f"--defect {name}={severity.default}",
        ) from error
