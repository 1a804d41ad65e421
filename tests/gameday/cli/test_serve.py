"""What `gameday serve` refuses before it receives anything, and what `gameday inbox` shows."""

import fcntl
import json

import pytest

from gameday.cli.main import main
from gameday.cli.serve import INBOX
from gameday.domain.sender import Occurrence
from gameday.serve.inbox import Arrival, Inbox
from tests.gameday.catalog.authored import spoil
from tests.gameday.serve.served import SERVE, folder_of
from tests.gameday.serve.told import AT


def served(folder, *more):
    return main(
        ["serve", str(folder / "serve.yaml"), "--target", str(folder / "gameday.yaml"),
         "--state", str(folder / ".gameday"), *more]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("environment: lab", "environment: eu-prod", "`production: true`"),
        ("kind: grafana", "kind: grafanna", "unknown sender 'grafanna'; did you mean 'grafana'?"),
        ("kind: grafana,", "kind: grafana, heder: X,", "unknown key 'heder'"),
        ("[alertmanager]", "[pager]", "there is no sender 'pager' (there is: alertmanager, "),
        ("    resolved: end", "    resolved: stop", "resolved"),
        ("when: {alertname: DrillDue}", "when: {}", "when"),
        ("environment: lab", "environment: moon", "has the environments lab; moon was named"),
        ("drill: drill.yaml", "drill: provider-outrage", "unknown drill 'provider-outrage'"),
        ('{kind: grafana, secret: "file:token"}', "{kind: grafana}", "secret"),
        ('grafana, secret: "file:token"', 'grafana, secret: "file:none"', "is not there"),
        ("kind: grafana", "kind: standard", "it is not whsec_ and base64"),
        ("serve: team", 'serve: team\nslack: {secret: "file:none"}', "file:none is not there"),
        ("serve: team", "serve: team\nslack: {}", "secret"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_of_before_anything_is_received(tmp_path, capsys, old, new, said):
    folder = folder_of(tmp_path, spoil(SERVE, old, new))
    assert served(folder) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert "next" in shown.err
    assert "Traceback" not in shown.err
    assert not (folder / ".gameday" / INBOX).exists()


@pytest.mark.parametrize("listen", ["here", ":8473", "127.0.0.1:x", "127.0.0.1:70000"])
def test_it_listens_at_an_address(tmp_path, capsys, listen):
    assert served(folder_of(tmp_path), "--listen", listen) == 2
    assert "expected HOST:PORT" in capsys.readouterr().err


def test_a_second_one_for_the_same_inbox_is_refused(tmp_path, capsys):
    folder = folder_of(tmp_path)
    lock = (folder / ".gameday" / INBOX).with_suffix(".lock")
    lock.parent.mkdir(parents=True)
    with lock.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert served(folder) == 2
    assert "another `gameday serve` empties the inbox" in capsys.readouterr().err


def test_the_inbox_shows_what_became_of_each(tmp_path, capsys):
    inbox = Inbox(tmp_path / INBOX)
    labels = {"alertname": "Drill\x1b[2JDue"}
    told = Occurrence(key="x", firing=True, began_at=AT, labels=labels)
    inbox.keep([Arrival("grafana", told, AT), Arrival("other", told, AT)])
    inbox.done([(1, "no entry matches it")], AT)
    inbox.close()
    assert main(["inbox", "--state", str(tmp_path)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.split() == [
        "2026-01-05",
        "02:00:00",
        "grafana",
        "firing",
        "Drill[2JDue",
        "no",
        "entry",
        "matches",
        "it",
    ]
    assert second.endswith("waits")
    assert main(["inbox", "--state", str(tmp_path), "--json", "--last", "1"]) == 0
    (alert,) = json.loads(capsys.readouterr().out)["alerts"]
    assert (alert["sender"], alert["outcome"], alert["occurrence"]["key"]) == (
        "other",
        "waits",
        "x",
    )


def test_an_inbox_that_never_was_is_no_empty_one(tmp_path, capsys):
    assert main(["inbox", "--state", str(tmp_path)]) == 2
    assert "no alert was ever received" in capsys.readouterr().err
