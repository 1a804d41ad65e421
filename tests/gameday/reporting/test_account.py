from gameday.domain.record import Event
from gameday.domain.sample import Outcome
from gameday.domain.samples import Samples
from gameday.domain.tally import LOAD_ENDED
from gameday.domain.validity import Validity
from gameday.reporting.account import make_account
from gameday.reporting.write import write_reports
from tests.gameday.reporting.runs import at, passing_run

RUN = passing_run()


def ended(seq, **facts):
    return Event(author="probes", seq=seq, at=at(60), what="load_ended", facts=facts)


def test_every_scheduled_request_is_in_exactly_one_place():
    outcomes = [Outcome.OK] * 5 + [Outcome.TIMEOUT, Outcome.CUT, Outcome.LEFT, Outcome.UNSENT]
    samples = [
        sample.changed(outcome=outcome, send_lag_ms=10.1 if n in (0, 8) else 10.0, generator=n % 2)
        for n, (sample, outcome) in enumerate(zip(RUN.samples, outcomes, strict=False))
    ]
    events = [ended(1, scheduled=7, not_asked=2), ended(3, scheduled=5, not_asked=0)]
    load = make_account(Samples.of(samples), events, Validity())
    assert load.scheduled == load.sent + load.unsent + load.not_asked == 11
    assert load.sent == load.answered + load.failed + load.left == 8
    assert (load.answered, load.failed, load.left) == (5, 2, 1)
    assert (load.generators, load.late, load.unsent, load.not_asked) == (2, 1, 1, 2)
    assert load.unaccounted == 1, "the generators say that they had twelve"


def test_a_report_says_how_the_generator_kept_up(tmp_path):
    cut_off = [
        sample.changed(outcome=Outcome.LEFT, detail=LOAD_ENDED) for sample in RUN.samples[-2:]
    ]
    folder = RUN.store(tmp_path)
    result = write_reports(folder, RUN.record, (*RUN.samples[:-2], *cut_off))
    assert result.load.left == 2
    assert result.hung_up == 0, "nobody told them to"
    for report in (folder.markdown_file, folder.html_file):
        text = report.read_text()
        assert "1,240 of 1,240 scheduled requests were sent" in text
        assert "of their time" in text
