"""Numbers and times read the same in every form of the report."""

from gameday.reporting import wording as say
from tests.gameday.reporting.runs import at


def test_times():
    assert say.clock_time(at(0.4129)) == "10:00:00.412"
    assert say.date_time(at(61)) == "2026-11-21 10:01:01 UTC"
    assert say.after(at(20.41), at(20)) == "+0.41 s"
    assert say.after(at(19.999), at(20)) == "+0.00 s"
    assert say.after(at(0), at(20)) == "-20.00 s"
    assert say.seconds(30) == "30.0 s"
    assert say.seconds(150) == "2.5 min"


def test_figures():
    assert say.milliseconds(1234.4) == "1,234 ms"
    assert say.share(1, 3) == "33.3 %"
    assert say.dollars(0) == "$0.00"
    assert say.dollars(0.00021) == "$0.000210"
    assert say.dollars(1234.5) == "$1,234.50"


def test_what_is_not_known_is_a_dash_and_never_a_zero():
    assert {
        say.clock_time(None),
        say.after(None, at(0)),
        say.seconds(None),
        say.milliseconds(None),
        say.share(0, 0),
    } == {say.NONE}
