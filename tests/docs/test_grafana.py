"""docs/grafana/gameday.json: every query of the dashboard, asked of a real Prometheus."""

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from gameday.domain.errors import StartError
from gameday.reporting.metrics import ABOUT
from gameday.supervisor.child import Child
from gameday.supervisor.ports import free_ports
from gameday.supervisor.programs import prometheus_server
from tests.gameday.exports.judged import judged_once
from tests.gameday.injector.rig import until
from tests.gameday.reporting.test_metrics import every_metric

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = json.loads((ROOT / "docs" / "grafana" / "gameday.json").read_text())
GUIDE = (ROOT / "docs" / "pages.md").read_text()
QUERIES = {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
}
# What may be nothing: that all is well.
MAY_BE_EMPTY = {"Checks that did not hold, or that nobody can decide A"}


def program():
    try:
        return prometheus_server()
    except StartError:
        return None


@contextmanager
def serving(text):
    """What a node exporter's textfile collector would show."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            body = text.encode()
            self.send_response(200)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Gives what Prometheus answers to a query, after it has scraped the file."""
    if program() is None:
        pytest.skip("no Prometheus here: make setup fetches it where there is apt")
    folder = tmp_path_factory.mktemp("prometheus")
    text = every_metric(judged_once("responding").result)
    (port,) = free_ports(1)
    with serving(text) as exporter:
        (folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s}\n"
            "scrape_configs:\n"
            f"  - {{job_name: node, static_configs: [{{targets: ['127.0.0.1:{exporter}']}}]}}\n"
        )
        server = Child(
            "prometheus",
            [
                program(),
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            log=folder / "prometheus.log",
        )
        server.start()

        def query(expression):
            url = f"http://127.0.0.1:{port}/api/v1/query"
            answer = httpx.get(url, params={"query": expression}, trust_env=False, timeout=10)
            document = answer.json()
            assert document["status"] == "success", (expression, document)
            return document["data"]["result"]

        def ready():
            """It listens before it can answer, and answers before it has scraped anything."""
            try:
                up = httpx.get(f"http://127.0.0.1:{port}/-/ready", trust_env=False, timeout=10)
            except httpx.HTTPError:
                return False
            return up.is_success and bool(query("gameday_metrics_written_time_seconds"))

        try:
            until(ready, "Prometheus has scraped the file", 60)
            yield query
        finally:
            server.stop()


def filled(expression):
    return re.sub(r"\$\{?(target|environment|drill)\b\}?", ".*", expression)


@pytest.mark.parametrize("title", QUERIES)
def test_each_query_has_an_answer(title, ask):
    expression = filled(QUERIES[title])
    assert "$" not in expression
    assert ask(expression) or title in MAY_BE_EMPTY


def test_every_metric_is_scraped_with_its_value(ask):
    for name in ABOUT:
        assert ask(name), name


def test_every_metric_is_on_the_dashboard_and_in_the_guide():
    shown = " ".join(QUERIES.values())
    for name in ABOUT:
        assert re.search(rf"\b{name}\b", shown), name
        assert f"`{name}`" in GUIDE, name


def test_its_variables_come_from_metrics_that_there_are():
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            metric = re.search(r"label_values\((\w+)", variable["query"]["query"])
            assert metric is not None
            assert metric[1] in ABOUT


def test_panels_have_ids_of_their_own_and_do_not_overlap():
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                 for y in range(at["y"], at["y"] + at["h"])}  # fmt: skip
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
