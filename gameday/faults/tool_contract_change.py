"""The fault `tool_contract_change`: a tool answers otherwise than its callers were built for."""

import json
from collections.abc import Callable, Iterable
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.tool_contract import (
    answer_schemas,
    asked_schemas,
    holders,
    is_openapi,
    operations,
    owners,
    parameters,
    rename,
)
from gameday.domain.wire import Answer, Event, Hit, Send, Steps
from gameday.faults._answers import JSON
from gameday.faults._gate import Edits
from gameday.faults._service import FieldName, ServiceFault
from gameday.faults._streams import with_data

How = Literal["renamed", "narrowed", "redescribed", "error", "timeout"]
Scalar = str | int | float | bool
_NEEDS: dict[How, frozenset[str]] = {
    "renamed": frozenset({"field", "to"}),
    "narrowed": frozenset({"field", "values"}),
    "redescribed": frozenset({"to"}),
    "error": frozenset(),
    "timeout": frozenset(),
}
_MAY: dict[How, frozenset[str]] = {
    "renamed": frozenset(),
    "narrowed": frozenset(),
    "redescribed": frozenset({"field"}),
    "error": frozenset({"status", "code"}),
    "timeout": frozenset({"latency_ms"}),
}
_OWN = frozenset({"field", "to", "values", "status", "code", "latency_ms"})
_MCP_HEADERS = ("mcp-session-id", "mcp-protocol-version")


class ToolContractChange(ServiceFault):
    """Change what a tool answers, or what it says of itself, as a release of it might.

    On the wire: `renamed`, the `field` of each answer is called `to`. `narrowed`, a value of
    `field` that is none of `values` becomes null. `redescribed`, the description of `field`, or
    without one of the whole tool, is the text `to`; answers stay as they are. All three change
    the contract as well: the OpenAPI document where it passes, the answer to `tools/list` of an
    MCP server. `error` answers each call with `status` and the code `code`; an MCP tool says
    `isError`. `timeout` holds each call for `latency_ms`. `field` is a path of names with dots,
    from the outside in; lists are entered. `tool` is one of an MCP server's tools; of HTTP tools
    `routes` choose. What an answer has not stays out of it; only answers of JSON are changed.

    In reports: clients' requests that such calls were made for, by their ids; where ids do not
    get as far as the tool, answers that score worse than the baseline's.

    Source: the Model Context Protocol, revision 2025-06-18: a server may change its tools at any
    time (`notifications/tools/list_changed`), and errors of a tool come as results with `isError`;
    Invariant Labs, "Tool Poisoning Attacks" of April 2025: a description that is changed after
    somebody has approved the tool.
    """

    model_config = {
        "json_schema_extra": {"examples": [{"how": "renamed", "field": "status", "to": "state"}]}
    }
    sort: ClassVar[str] = "tool"
    edits: ClassVar[Edits] = Edits.BOTH
    reads_request: ClassVar[bool] = True
    legend: ClassVar[str] = "tool contract changed"

    how: Annotated[How, Field(examples=["renamed"])]
    field: FieldName | None = None
    to: Annotated[str, Field(min_length=1, max_length=2000, examples=["state"])] | None = None
    values: Annotated[
        tuple[Scalar, ...], Field(max_length=100, examples=[("packed", "delivered")])
    ] = ()
    status: Annotated[int, Field(ge=400, le=599)] = 422
    code: Annotated[str, Field(min_length=1, max_length=80, examples=["order_archived"])] = (
        "contract_changed"
    )
    latency_ms: Annotated[int, Field(ge=1, le=600_000)] = 30_000
    tool: Annotated[str, Field(min_length=1, max_length=200, examples=["get_order"])] | None = None

    @model_validator(mode="after")
    def _settings_are_of_this_change(self) -> Self:
        given = self.said(_OWN)
        if missing := sorted(_NEEDS[self.how] - given):
            raise ValueError(f"how: {self.how} needs {' and '.join(missing)}")
        if foreign := sorted(given - _NEEDS[self.how] - _MAY[self.how]):
            raise ValueError(f"how: {self.how} takes no {' and no '.join(foreign)}")
        if self.how == "renamed" and self.to == self._path[-1]:
            raise ValueError(f"{self.to} is the name that it has")
        return self

    # --- the whole call -----------------------------------------------------------------------

    def hold_s(self, hit: Hit) -> float:
        return self.latency_ms / 1000 if self.how == "timeout" and self._is_call(hit) else 0.0

    def instead(self, hit: Hit) -> Answer | None:
        if self.how != "error" or not self._is_call(hit):
            return None
        said = f"{self.code}: the call does not fit this version of the tool"
        if "jsonrpc" not in hit.request.body:
            return _json(self.status, {"error": {"code": self.code, "message": said}})
        content = [{"type": "text", "text": said}]
        # The revision of 2026-07-28 needs `resultType`; to earlier ones it is a key too many.
        result = {"resultType": "complete", "content": content, "isError": True}
        told = {"jsonrpc": "2.0", "id": hit.request.body.get("id"), "result": result}
        return _json(200, told)

    def _is_call(self, hit: Hit) -> bool:
        """Whether it calls a tool that is meant; an MCP client asks for other things as well."""
        body = hit.request.body
        if "jsonrpc" not in body:
            return not any(name in hit.request.headers for name in _MCP_HEADERS)
        return body.get("method") == "tools/call" and self._means(body.get("params"))

    def _means(self, named: Any) -> bool:
        return self.tool is None or (isinstance(named, dict) and named.get("name") == self.tool)

    # --- the answer ---------------------------------------------------------------------------

    def on_event(self, hit: Hit, event: Event) -> Steps:
        changed = self._changed(hit, event.data)
        return (Send(event.raw if changed is None else with_data(event, changed)),)

    def on_body(self, hit: Hit, body: bytes) -> Steps:
        changed = self._changed(hit, body)
        return (Send(body if changed is None else changed),)

    def _changed(self, hit: Hit, text: bytes) -> bytes | None:
        """`text` as it becomes; None when it stays, or is no JSON."""
        if self.how in ("error", "timeout") or not text.lstrip().startswith((b"{", b"[")):
            return None
        try:
            document: Any = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not self._change(hit, document):
            return None
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()

    def _change(self, hit: Hit, document: Any) -> bool:
        if is_openapi(document):
            return self._change_openapi(document)
        if not isinstance(document, dict) or "jsonrpc" not in document:
            return self._change_answer(document)
        result = document.get("result")
        if not isinstance(result, dict):
            return False
        if isinstance(listed := result.get("tools"), list):
            return _any_of(self._change_tool(tool) for tool in listed if self._means(tool))
        return self._means(hit.request.body.get("params")) and self._change_result(result)

    def _change_result(self, result: dict[str, Any]) -> bool:
        """Of an MCP tool: its structured content, and the same once more as text."""
        found = self._change_answer(result.get("structuredContent"))
        content = result.get("content")
        for item in content if isinstance(content, list) else ():
            text = item.get("text") if isinstance(item, dict) else None
            changed = self._rewritten(text) if isinstance(text, str) else None
            if changed is not None:
                item["text"] = changed
                found = True
        return found

    def _rewritten(self, text: str) -> str | None:
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return json.dumps(answer, ensure_ascii=False) if self._change_answer(answer) else None

    def _change_answer(self, answer: Any) -> bool:
        changes: dict[str, Callable[[dict[str, Any]], bool]] = {
            "renamed": self._rename,
            "narrowed": self._narrow,
        }
        change = changes.get(self.how)
        if change is None:
            return False
        return _any_of(change(holder) for holder in list(holders(answer, self._path)))

    @property
    def _path(self) -> list[str]:
        return (self.field or "").split(".")

    def _rename(self, names: dict[str, Any]) -> bool:
        assert self.to is not None
        rename(names, self._path[-1], self.to)
        return True

    def _narrow(self, holder: dict[str, Any]) -> bool:
        name = self._path[-1]
        # In JSON, true is not 1.
        allowed = [(type(one), one) for one in self.values]
        if holder[name] is None or (type(holder[name]), holder[name]) in allowed:
            return False
        holder[name] = None
        return True

    # --- the contract -------------------------------------------------------------------------

    def _change_openapi(self, document: dict[str, Any]) -> bool:
        answers = answer_schemas(document)
        if self.how != "redescribed":
            return self._change_schemas(owners(answers, self._path, document))
        if self.field is None:
            return _any_of(_describe(one, self.to) for one in operations(document))
        named = [one for one in parameters(document) if one.get("name") == self.field]
        described = [*answers, *asked_schemas(document)]
        found = self._change_schemas(owners(described, self._path, document))
        return _any_of(_describe(one, self.to) for one in named) or found

    def _change_tool(self, tool: dict[str, Any]) -> bool:
        if self.how == "redescribed" and self.field is None:
            return _describe(tool, self.to)
        sides = ["outputSchema"] + ["inputSchema"] * (self.how == "redescribed")
        schemas = [tool[side] for side in sides if isinstance(tool.get(side), dict)]
        # Each schema of an MCP tool is a document of its own.
        return self._change_schemas(
            [one for schema in schemas for one in owners([schema], self._path, schema)]
        )

    def _change_schemas(self, found: list[dict[str, Any]]) -> bool:
        name = self._path[-1]
        for owner in found:
            if self.how == "renamed":
                self._rename(owner["properties"])
                if isinstance(required := owner.get("required"), list):
                    owner["required"] = [self.to if one == name else one for one in required]
            elif self.how == "narrowed":
                owner["properties"][name] = {
                    **_schema(owner["properties"][name]),
                    "enum": [*self.values, None],
                }
            else:
                owner["properties"][name] = {
                    **_schema(owner["properties"][name]),
                    "description": self.to,
                }
        return bool(found)


def _any_of(changed: Iterable[bool]) -> bool:
    """Whether any has changed; each is done, also behind the first."""
    return True in list(changed)


def _describe(what: dict[str, Any], text: str | None) -> bool:
    if what.get("description") == text:
        return False
    what["description"] = text
    return True


def _schema(schema: Any) -> dict[str, Any]:
    """A schema may be `true`: anything."""
    return schema if isinstance(schema, dict) else {}


def _json(status: int, document: dict[str, Any]) -> Answer:
    return Answer(status, (JSON,), json.dumps(document).encode())
