"""What a target file says of its front door: how to ask it, and where its answers say what."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.filling import words_in
from gameday.domain.json_path import JsonPath
from gameday.domain.names import Name, SecretRef, Url
from gameday.domain.quantities import Seconds
from gameday.domain.synthetic import HeaderName, HeaderText
from gameday.domain.value import Value

# What a request can be filled with; `secret` belongs to a login, `key` to every other request.
WORDS = frozenset(
    {"question", "request_id", "conversation_id", "turn", "history", "stream", "model", "key"}
)
_FRAMING = frozenset({"content-length", "content-type", "host", "connection", "transfer-encoding"})


class Marker(Value):
    """How the drill's own requests are told from others' where they reach a provider.

    A header or a body field that the system passes on, or a key of its own: `key` is what the
    front door is asked with, `key_at_provider` what the system then uses there.
    """

    header: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,80}$")] | None = None
    body: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,120}$")] | None = None
    key: SecretRef | None = None
    key_at_provider: SecretRef | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if sum(form is not None for form in (self.header, self.body, self.key)) != 1:
            raise ValueError("expected exactly one of header, body and key")
        if self.key_at_provider is not None and self.key is None:
            raise ValueError("key_at_provider belongs to key")
        return self


class RequestTemplate(Value):
    """A request to a front door that speaks no model API.

    `{{question}}`, `{{request_id}}`, `{{conversation_id}}`, `{{turn}}`, `{{model}}` and `{{key}}`
    are filled in wherever they stand. A text in `json` that is `{{history}}`, `{{stream}}` or
    `{{turn}}` and nothing else becomes the list of earlier turns (`role`, `content`), a boolean
    or a number.
    """

    method: Literal["GET", "POST", "PUT", "PATCH"] = "POST"
    path: Annotated[str, Field(pattern=r"^/[\x21-\x7e]{0,800}$", examples=["/ask"])] = "/"
    headers: dict[HeaderName, HeaderText] = {}
    json_: Annotated[
        dict[str, Any] | None, Field(alias="json", examples=[{"question": "{{question}}"}])
    ] = None
    form: dict[str, str] | None = None

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _can_be_sent(self) -> Self:
        if self.json_ is not None and self.form is not None:
            raise ValueError("expected at most one of json and form")
        if self.method == "GET" and self.has_body:
            raise ValueError("a GET has no body; put the question into path, or choose POST")
        if taken := sorted(_FRAMING & self.headers.keys()):
            raise ValueError(f"the header {taken[0]} is worked out from the body")
        return self

    @property
    def has_body(self) -> bool:
        return self.json_ is not None or self.form is not None

    def refuse_words(self, known: frozenset[str]) -> None:
        """Raise ValueError for a placeholder that nothing fills."""
        for word in sorted({*words_in([self.path, self.headers, self.json_, self.form])} - known):
            raise ValueError(f"unknown {{{{{word}}}}}; expected one of {', '.join(sorted(known))}")

    def asks(self) -> bool:
        """Whether the question is in it."""
        return "question" in words_in([self.path, self.headers, self.json_, self.form])


class FromHeader(Value):
    """A header of the answer, for what is not in its body."""

    header: HeaderName


Extractor = JsonPath | FromHeader


class AnswerTemplate(Value):
    """Where an answer says what. Paths lead into its body, or into the data of stream events.

    Without `text` the whole body, or the data of every event, is text. Without `finish` an answer
    counts as ended when its body has come to the end that its framing says.
    """

    text: JsonPath | None = None
    event_text: JsonPath | None = None  # in stream events; as `text` unless said
    finish: JsonPath | None = None  # a finish reason, or a flag that is true in the end
    end: Annotated[str, Field(max_length=200, examples=["[DONE]"])] | None = None  # of a stream
    error: JsonPath | None = None  # there in answers that are none
    model: Extractor | None = None
    version: Extractor | None = None
    served_by: Extractor | None = None
    fingerprint: Extractor | None = None
    sources: JsonPath | None = None  # a list of the ids of the documents that it was given
    tokens_in: JsonPath | None = None
    tokens_in_cached: JsonPath | None = None
    tokens_out: JsonPath | None = None
    tokens_out_reasoning: JsonPath | None = None

    @model_validator(mode="after")
    def _text_has_its_place(self) -> Self:
        """A body that is taken apart is JSON, and that as a whole is no text for a user."""
        headers_only = all(
            isinstance(value, FromHeader)
            for name, value in self
            if value is not None and name not in ("text", "end")
        )
        if self.text is None and not headers_only:
            raise ValueError("answer: expected text, where in the JSON body the answer's text is")
        return self


class Login(Value):
    """A request made before the load, whose answer has what every other request must carry.

    It is made again when the token's time is nearly over, and when an answer has status 401.
    """

    request: RequestTemplate  # `{{secret}}` stands for the secret
    at: Url | None = None  # what the request's path is below; the front door unless said
    secret: SecretRef | None = None
    token: Extractor | None = None
    cookie: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$")] | None = None
    header: HeaderName = "authorization"  # what carries the token; a cookie is sent as one
    carried_as: Annotated[HeaderText, Field(alias="as")] = "Bearer {{token}}"
    lasts: Seconds | None = None  # the token's time, or
    expires_in: JsonPath | None = None  # where the answer has it, in seconds

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _says_what_it_is_for(self) -> Self:
        if (self.token is None) == (self.cookie is None):
            raise ValueError("expected exactly one of token and cookie")
        if self.lasts is not None and self.expires_in is not None:
            raise ValueError("expected at most one of lasts and expires_in")
        if "{{token}}" not in self.carried_as:
            raise ValueError("as: expected {{token}} in it, such as 'Bearer {{token}}'")
        self.request.refuse_words(frozenset({"secret"}))
        return self


class FrontDoor(Value):
    """How to ask the system a question, and where it says who answered.

    `openai` asks at /chat/completions and `anthropic` at /messages below the environment's
    `front_door`; `template` asks as `request` says.
    """

    dialect: Literal["openai", "anthropic", "template"] = "openai"
    model: str = "assistant"
    max_tokens: Annotated[int, Field(ge=1)] | None = None  # anthropic's 1024 unless said
    request: RequestTemplate | None = None
    answer: AnswerTemplate | None = None
    login: Login | None = None
    key: SecretRef | None = None
    marker: Marker | None = None
    timeout: Seconds = 30.0  # for a whole answer, from when the request is sent
    ca_file: str | None = None  # certificates to trust besides the host's own; an absolute path
    served_by_header: str = "x-served-by"
    # The system's own words for its providers, where they are not ours: `config.targets[0]`.
    served_as: dict[Annotated[str, Field(min_length=1, max_length=200)], Name] = {}
    attempts_header: str = "x-attempts"
    version_header: str = "x-assistant-version"
    sources_header: str | None = None  # ids of the documents that it was given, with commas
    # What an answer costs: what it tells in `usage.cost`, in US dollars; or by our own `prices:`,
    # as are those that tell nothing.
    costs: Literal["priced", "told"] = "priced"

    @model_validator(mode="after")
    def _template_has_its_parts(self) -> Self:
        if self.dialect != "template":
            if self.request is not None or self.answer is not None:
                raise ValueError("request and answer belong to dialect: template")
            return self
        if self.costs == "told":
            raise ValueError("costs: told belongs to the dialects openai and anthropic")
        if self.request is None:
            raise ValueError("dialect template needs request: how the front door is asked")
        self.request.refuse_words(WORDS)
        if not self.request.asks():
            raise ValueError("request: {{question}} is nowhere in it, so nothing would be asked")
        if self.marker is not None and self.marker.body is not None and not self.request.has_body:
            raise ValueError("marker: the request has no body to mark; choose marker header or key")
        return self

    def provider_named(self, said: str | None) -> str | None:
        """The provider that the system calls `said`."""
        return self.served_as.get(said, said) if said else None

    @property
    def tells_its_end(self) -> bool:
        """Whether answers say that they are complete, or only their framing does."""
        return self.dialect != "template" or bool(self.answer and self.answer.finish)
