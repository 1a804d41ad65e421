"""What an endpoint is taken for, by what it answers."""

import json

import pytest

from gameday.probes.sniff import sniff
from tests.gameday.loopback import Loopback, QuietHandler

OPENAI = {"choices": [{"message": {"content": "ready"}}]}
MESSAGE = {"type": "message", "content": [{"type": "text", "text": "ready"}]}
NO_KEY = {"error": {"message": "no key", "type": "invalid_request_error"}}
NO_KEY_THERE = {"type": "error", "error": {"type": "authentication_error", "message": "no key"}}


class Endpoint(Loopback):
    """Answers by path; everything else is a 404."""

    def __init__(self, answers, headers=None):
        self.asked = []
        outer = self

        class Handler(QuietHandler):
            def do_POST(self):  # noqa: N802 - what http.server looks for
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.asked.append((self.path, dict(self.headers.items()), body))
                status, answer = answers.get(self.path, (404, {"error": {"message": "no"}}))
                content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.answer(status, content, headers)

        super().__init__(Handler)


@pytest.mark.parametrize(
    ("path", "status", "answer", "dialect"),
    [
        ("/v1/chat/completions", 200, OPENAI, "openai"),
        ("/v1/chat/completions", 401, NO_KEY, "openai"),
        ("/v1/chat/completions", 429, NO_KEY, "openai"),
        ("/v1/messages", 200, MESSAGE, "anthropic"),
        ("/v1/messages", 401, NO_KEY_THERE, "anthropic"),
        ("/v1/chat/completions", 404, NO_KEY, ""),
        ("/v1/chat/completions", 405, NO_KEY, ""),
        ("/v1/chat/completions", 200, {"answer": "ready"}, ""),
        ("/v1/chat/completions", 200, b"<html>", ""),
        ("/v1/chat/completions", 200, [OPENAI], ""),
        ("/v1/chat/completions", 500, {"error": "boom"}, ""),
        ("/v1/chat/completions", 401, NO_KEY_THERE, ""),
    ],
)
async def test_what_it_speaks(path, status, answer, dialect):
    with Endpoint({path: (status, answer)}) as endpoint:
        seen = await sniff(f"{endpoint.url}/v1", key=None, model="m")
    assert seen.reached
    assert seen.dialect == dialect
    assert seen.base == f"{endpoint.url}/v1"
    assert len(endpoint.asked) == (1 if dialect == "openai" else 2)


@pytest.mark.parametrize("given", ["/v1", "/v1/", "/v1/chat/completions", "/v1/messages"])
async def test_the_url_may_be_the_whole_one(given):
    with Endpoint({"/v1/chat/completions": (200, OPENAI)}) as endpoint:
        seen = await sniff(f"{endpoint.url}{given}", key="k", model="m")
        assert (seen.dialect, seen.base) == ("openai", f"{endpoint.url}/v1")
        _, headers, body = endpoint.asked[0]
    assert headers["authorization"] == "Bearer k"
    assert body["model"] == "m"


async def test_who_served_is_found_in_the_headers_of_common_gateways():
    headers = {"x-portkey-provider": "openai"}
    with Endpoint({"/chat/completions": (200, OPENAI)}, headers) as endpoint:
        seen = await sniff(endpoint.url, key=None, model="m")
    assert seen.served_by_header == "x-portkey-provider"
    assert "tells who served in x-portkey-provider" in seen.sentence


async def test_what_speaks_something_of_its_own_is_described_by_its_keys():
    with Endpoint({"/chat/completions": (422, {"detail": [], "hint": "ask /ask"})}) as endpoint:
        seen = await sniff(endpoint.url, key=None, model="m")
    assert seen.keys == ("detail", "hint")
    assert "with the keys detail, hint: no dialect that is known" in seen.sentence


async def test_nobody_there():
    seen = await sniff("http://127.0.0.1:1/v1", key=None, model="m")
    assert not seen.reached
    assert "does not answer" in seen.sentence
