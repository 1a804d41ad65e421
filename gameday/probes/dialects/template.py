"""The dialect `template`: a front door that is no model API, asked and read as its target says."""

from typing import Any
from urllib.parse import quote

from pydantic_core import from_json

from gameday.domain.filling import fill, fill_all
from gameday.domain.front_door import (
    AnswerTemplate,
    Extractor,
    FromHeader,
    FrontDoor,
    RequestTemplate,
)
from gameday.domain.json_path import look, split_path
from gameday.probes.answer import Answer
from gameday.probes.dialect import Asked, Wanted
from gameday.probes.head import Head
from gameday.probes.reading import NOT_IN_DIALECT, count, listed, text

Steps = tuple[str | int, ...]
_TEXTS = ("model", "version", "served_by", "fingerprint")
_COUNTS = ("tokens_in", "tokens_in_cached", "tokens_out", "tokens_out_reasoning")


class Template:
    """One front door with a request and an answer of its own."""

    def __init__(self, door: FrontDoor) -> None:
        assert door.request is not None
        self._request: RequestTemplate = door.request
        self._model = door.model
        answer = door.answer or AnswerTemplate()
        self._text = _steps(answer.text)
        self._event_text = _steps(answer.event_text) or self._text
        self._finish = _steps(answer.finish)
        self._error = _steps(answer.error)
        self._sources = _steps(answer.sources)
        self._end = None if answer.end is None else answer.end.encode()
        self._texts = [(name, _path(getattr(answer, name))) for name in _TEXTS]
        self._counts = [(name, _path(getattr(answer, name))) for name in _COUNTS]
        self._headers = [(name, _header(getattr(answer, name))) for name in _TEXTS]

    def ask(self, asked: Asked) -> Wanted:
        request, words = self._request, self._words(asked)
        document = request.form if request.json_ is None else request.json_
        return Wanted(
            path=fill(
                request.path, {name: quote(str(text), safe="") for name, text in words.items()}
            ),
            headers={name: fill(text, words) for name, text in request.headers.items()},
            document=None if document is None else fill_all(document, words),
            method=request.method,
            encoding="json" if request.form is None else "form",
        )

    def take_event(self, answer: Answer, name: bytes, data: bytes) -> bool:  # noqa: ARG002 - by data
        if self._end is not None and data.strip() == self._end:
            answer.ended = True
            return False
        return self._take(answer, data, self._event_text)

    def take_body(self, answer: Answer, body: bytes) -> None:
        self._take(answer, body, self._text)
        answer.ended = True
        answer.by_framing = self._finish is None

    def take_head(self, answer: Answer, headers: Head) -> None:
        for name, header in self._headers:
            if header is not None and (value := headers.get(header)) is not None:
                setattr(answer, name, value)

    def take_end(self, answer: Answer) -> None:
        answer.by_framing = self._finish is None
        # Where no mark is said to end a stream, its framing and its finish do.
        answer.ended = answer.ended or self._end is None

    def _words(self, asked: Asked) -> dict[str, Any]:
        return {
            "question": asked.question,
            "request_id": asked.request_id,
            "conversation_id": asked.conversation_id or asked.request_id,
            "turn": asked.turn,
            "history": [turn._asdict() for turn in asked.history],
            "stream": asked.stream,
            "model": self._model,
            "key": asked.key or "",
        }

    def _take(self, answer: Answer, data: bytes, where: Steps | None) -> bool:
        try:
            if where is None and not self._reads_documents():
                return answer.add(data.decode())
            return self._read(answer, from_json(data, allow_inf_nan=False), where)
        except (ValueError, TypeError):
            return answer.spoil(NOT_IN_DIALECT)

    def _reads_documents(self) -> bool:
        named = (path for _, path in (*self._texts, *self._counts))
        paths = (self._finish, self._error, self._sources, *named)
        return any(path is not None for path in paths)

    def _read(self, answer: Answer, document: Any, where: Steps | None) -> bool:
        """Take one document. Raises TypeError where something in it is of the wrong kind."""
        if self._error is not None and look(document, self._error):
            return answer.spoil("error in the answer")
        for name, path in self._texts:
            if path is not None and (found := look(document, path)) is not None:
                setattr(answer, name, text(found))
        for name, path in self._counts:
            if path is not None and (found := look(document, path)) is not None:
                setattr(answer, name, count(found))
        if self._sources is not None and (given := look(document, self._sources)) is not None:
            answer.sources = tuple(text(one) for one in listed(given))
        if self._finish is not None:
            answer.finish_reason = _finish(look(document, self._finish)) or answer.finish_reason
        return answer.add(text(look(document, where))) if where is not None else False


def _finish(value: Any) -> str:
    """A finish reason; of a flag that is true, `complete`."""
    if isinstance(value, bool):
        return "complete" if value else ""
    return text(value)


def _steps(path: str | None) -> Steps | None:
    return None if path is None else split_path(path)


def _path(extractor: Extractor | None) -> Steps | None:
    return split_path(extractor) if isinstance(extractor, str) else None


def _header(extractor: Extractor | None) -> str | None:
    return extractor.header if isinstance(extractor, FromHeader) else None
