"""What the assistant's process is told when it starts."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gameday.domain.value import Value
from lab.assistant.failure import FailureKind
from lab.prompt import PACKAGED


class Upstream(Value):
    """One provider of the fallback chain, as the assistant reaches it: through its proxy."""

    name: str
    dialect: Literal["openai", "anthropic"]
    url: str
    model: str


class Patience(Value):
    """How long one attempt may take, and what one request may spend on attempts.

    None bounds nothing; a healthy assistant bounds everything.
    """

    connect_s: float | None = 0.3
    begin_s: float | None = 0.4  # until an answer has begun: two pieces of it, or all
    begin_at_last_s: float | None = 0.8  # at the last of the chain: nobody stands by
    idle_s: float | None = 1.0  # between two pieces of an answer, whatever else is sent
    total_s: float | None = 4.0
    # The retry budget: one request never costs the providers more than this.
    attempts_max: int = 2
    attempts_s: float | None = 1.5


class Caution(Value):
    """When a provider is left alone, and for how long."""

    failures_to_open: int = 3
    of_last: int = 10  # a provider that fails now and then is left alone too
    cooldown_s: float = 0.5
    # A provider's own Retry-After is believed up to here: it may be back long before.
    retry_after_s_max: float = 5.0
    returns_to_primary: bool = True  # False: once the primary was left it is never tried again
    closes: bool = True  # False: trials are let through, and their success changes nothing
    uncounted: frozenset[FailureKind] = frozenset()  # what is not taken for a failure at all


class Retries(Value):
    """What is asked of the same provider again. A healthy assistant has another and never does."""

    tries: dict[FailureKind, int] = {}  # how often in all, where it is more than once
    waits_s_max: float = 0.0  # how much of a Retry-After is waited out before the next try


class AliasSettings(Value):
    """The assistant's table of model names: what customers' questions are answered with."""

    name: str = "answers"
    replicas: Annotated[int, Field(ge=1)] = 2
    replicas_left_out: int = 0  # so many never hear of a change
    # A change counts so much later: as where every copy was read just before it.
    cache_s: float = 0.0
    ignores_changes: bool = False  # a change is answered with 200, and nothing comes of it


class CanarySettings(Value):
    """How a model that is offered is tried before everybody gets it."""

    share: Annotated[float, Field(gt=0, lt=1)] = 0.3  # of the requests that it answers meanwhile
    lasts_s: float = 15.0  # at the least
    # Passed questions of its own: how much worse than the present model it may be.
    worse_max: float = 0.10
    waves_through: bool = False  # promotes whatever it has seen


class Gullibility(Value):
    """What a document can make the assistant do. A healthy one takes documents for data."""

    obeys: bool = False  # it says what a document orders it to say
    leaks: bool = False  # it gives away internal lines when a document orders it to
    calls: bool = False  # it calls a tool that a document orders it to call


class AssistantSettings(Value):
    """Settings of the assistant. Passed as one JSON argument."""

    port: int
    chain: Annotated[tuple[Upstream, ...], Field(min_length=1)]
    order_tool: str
    verifier: str | None = None  # asked before each answer; None: nothing is verified
    verifier_fails_open: bool = False  # answers all the same where the verifier does not
    swallows_tool_errors: bool = False  # makes up what a tool did not say
    content: Path = PACKAGED  # the folder that has corpus/ and prompts/
    # How long a prompt's label is taken for what it was: 0 asks anew for each request.
    prompt_cache_s: Annotated[float, Field(ge=0)] = 0.0
    trusts_known_indexes: bool = False  # a corpus that was indexed before is not served again
    input_chars_max: Annotated[int, Field(ge=1)] = 4000  # of a question, that the model is given
    cuts_input_at: Annotated[int, Field(ge=1)] | None = None  # cut more than that, in silence
    index_cache_s: Annotated[float, Field(ge=0)] = (
        0.0  # another index is loaded at most once in so long
    )
    patience: Patience = Patience()
    caution: Caution = Caution()
    retries: Retries = Retries()
    switch_over_s: float = 0.0  # the first fallback answer is held back for so long
    invents_fallback: bool = False  # answers by itself and names the fallback as who served
    invents_end: bool = False  # an answer that was cut is ended as if it were whole
    at_once_max: Annotated[int, Field(ge=1)] | None = None  # the others wait; None bounds nothing
    outlives_client: bool = False  # goes on with a request whose client has left
    tools_always_act: bool = False  # opens real tickets, also for those who ask for the sandbox
    keeps_synthetic: bool = False  # keeps synthetic conversations beside the customers'
    aliases: AliasSettings = AliasSettings()  # of the model that the first of the chain is asked
    canary: CanarySettings = CanarySettings()
    keeps_first_prompt: bool = False  # a conversation goes on with the prompt that it began with
    gullibility: Gullibility = Gullibility()
    answers_kept_s: Annotated[float, Field(gt=0)] | None = None  # for who asks the same; on average
