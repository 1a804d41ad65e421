"""Incidents are kept for all who share a state folder, each once."""

import threading

import pytest

from gameday.domain.errors import FileError
from gameday.store.incidents import Incidents
from tests.gameday.domain.test_incident import LATER, incident


def test_each_is_kept_once_and_found_by_another(tmp_path):
    kept = Incidents(tmp_path).open(incident())
    assert Incidents(tmp_path).open(incident(what="told again")) == kept
    assert Incidents(tmp_path).all() == [kept]
    assert Incidents(tmp_path).get("INC-12") == kept
    assert Incidents(tmp_path / "elsewhere").all() == []


def test_those_without_an_id_get_one_that_nobody_has(tmp_path):
    incidents = Incidents(tmp_path)
    incidents.open(incident(id="INC-2"))
    ids = [incidents.open(incident(id="")).id for _ in range(3)]
    assert ids == ["INC-1", "INC-3", "INC-4"]


def test_only_open_ones_of_the_target_are_in_the_way(tmp_path):
    incidents = Incidents(tmp_path)
    incidents.open(incident(id="here", environment="production"))
    incidents.open(incident(id="elsewhere", target="other"))
    incidents.open(incident(id="over"))
    incidents.change("over", lambda one: one.closed("dana", LATER))
    assert [one.id for one in incidents.open_on("shop")] == ["here"]


def test_the_end_of_a_run_ends_its_incident_and_no_other(tmp_path):
    incidents = Incidents(tmp_path)
    incidents.open(incident(id="mine", run="7Q2K"))
    incidents.open(incident(id="other", run="9B3M"))
    incidents.open(incident(id="none"))
    incidents.run_ended("7Q2K", "resolved", LATER)
    incidents.run_ended("", "resolved", LATER)
    assert [one.id for one in incidents.open_on("shop")] == ["other", "none"]


def test_what_many_say_at_once_is_all_kept(tmp_path):
    """Each through an object of its own, as processes do: the lock is the file's."""
    Incidents(tmp_path).open(incident())

    def tell(number):
        Incidents(tmp_path).change("INC-12", lambda one: one.told_of(f"a {number}"))

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Incidents(tmp_path).get("INC-12").alerts) == 8


def test_a_line_that_cannot_be_read_is_named_and_hides_nothing(tmp_path):
    incidents = Incidents(tmp_path)
    incidents.open(incident())
    incidents.file.write_text(incidents.file.read_text() + "{}\n")
    with pytest.raises(FileError, match=r"incidents.jsonl:2  not a Incident"):
        incidents.open_on("shop")
    with pytest.raises(FileError, match="there is no incident INC-9"):
        Incidents(tmp_path / "new").get("INC-9")
