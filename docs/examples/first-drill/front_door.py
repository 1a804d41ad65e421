"""A help desk of its own kind, before Portkey's gateway: `python front_door.py PORT CONFIG`.

It is no LLM API: POST /ask with {"question": "..."} gives {"reply": "...", "by": ..., ...}; `by` is
the gateway's own word for the provider that answered.
CONFIG is Portkey's, as a file. The gateway is at PORTKEY_URL, else on port 8787 here.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

GATEWAY = os.environ.get("PORTKEY_URL", "http://127.0.0.1:8787") + "/v1/chat/completions"
FACTS = """\
Answer with what stands in the context, in at most 1 sentence.
<context>
# Shipping
A parcel within the country arrives after 2 to 4 days.
# Returns
Goods can be sent back within 30 days.
# Payment
We take cards, invoices and bank transfers.
</context>"""


def ask_gateway(question: str, mark: dict[str, str], config: str) -> tuple[int, dict[str, object]]:
    """The status and body of our own answer."""
    messages = [{"role": "system", "content": FACTS}, {"role": "user", "content": question}]
    body = {"model": "gpt-4.1-mini", "max_tokens": 200, "messages": messages}
    headers = {"content-type": "application/json", "x-portkey-config": config, **mark}
    try:
        request = Request(GATEWAY, json.dumps(body).encode(), headers)
        with urlopen(request, timeout=20) as response:
            answer = json.load(response)
            target = response.headers.get("x-portkey-last-used-option-index", "")
    except HTTPError as error:
        return 502, {"problem": f"the gateway said {error.code}"}
    except (URLError, TimeoutError, ValueError) as error:
        return 504, {"problem": type(error).__name__}
    return 200, {
        "reply": answer["choices"][0]["message"]["content"],
        "by": target,
        "model": answer["model"],
        "tokens": answer["usage"],
        "release": "desk-7",
    }


class Desk(BaseHTTPRequestHandler):
    """One request of a customer."""

    protocol_version = "HTTP/1.1"
    config = ""

    def do_POST(self) -> None:
        """Answer a question."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        # The drill's mark goes on to the gateway, which is told to hand it on too.
        mark = self.headers.get("x-gameday")
        marked = {"x-gameday": mark} if mark else {}
        status, answer = ask_gateway(asked["question"], marked, self.config)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    # On one line, because it travels in a header.
    Desk.config = json.dumps(json.loads(Path(sys.argv[2]).read_text()))
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Desk).serve_forever()
