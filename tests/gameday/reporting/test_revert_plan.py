"""A plan in words, on the screen, in the reports and in the summary for on-call."""

from gameday.cli.screen import response_lines
from gameday.domain.revert_plan import Changed, Left, Revert, RevertPlan
from gameday.reporting.revert_plan import MEASURE, plan_lines
from gameday.reporting.write import write_reports
from tests.gameday.reporting.runs import responding_run


def changed(name, **more):
    return Changed(component=name, before="old", now="new", user_cost="low", **more)


PLAN = RevertPlan(
    steps=(
        Revert(changed=changed("model", by="anna"), chance=0.91, reason="shows in long questions"),
        Revert(changed=changed("corpus"), chance=0.2, reason="shows in retrieval questions"),
    ),
    left=(Left(changed=changed("prompt"), chance=0.01, reason="it would show in short questions"),),
    undecided="not known yet: tool questions (3 answers)",
    unexplained=("tool", ""),
)
UNEXPLAINED = "tool questions and questions without a group"
NOTHING = RevertPlan(left=(Left(changed=changed("prompt"), chance=0, reason="nothing shows"),))


def by_plan(*plans):
    run = responding_run()
    drill = run.record.request.drill.model_copy(update={"respond_by": "plan"})
    request = run.record.request.model_copy(update={"drill": drill})
    return run.with_record(request=request, plans=plans)


def test_what_to_do_comes_first_then_what_is_left_and_what_is_open():
    assert plan_lines(PLAN) == [
        f"  put back one after the other; {MEASURE}",
        "  1  model, from old to new by anna",
        "     likely (91%): shows in long questions",
        "  2  corpus, from old to new",
        "     possible (20%): shows in retrieval questions",
        "  leave prompt, from old to new: it would show in short questions",
        "  not known yet: tool questions (3 answers)",
        f"  no recorded change that can be put back explains {UNEXPLAINED}",
    ]
    assert plan_lines(NOTHING)[0] == "  nothing is to be put back"


def test_reports_have_each_plan_with_its_reasons(tmp_path):
    run = by_plan(PLAN, NOTHING)
    folder = run.store(tmp_path)
    result = write_reports(folder, run.record, run.samples)
    assert result.response.plans == (PLAN, NOTHING)
    for text in (folder.markdown_file.read_text(), folder.html_file.read_text()):
        assert "What each plan would put back, in what order, and why" in text
        assert "put back, likely (91%)" in text
        assert "it would show in short questions" in text
    assert "| 2 | prompt, from old to new | leave alone | nothing shows |" in (
        folder.markdown_file.read_text()
    )


def test_the_summary_says_what_was_proposed_first_and_what_came_of_all(tmp_path):
    run = by_plan(PLAN, NOTHING)
    result = write_reports(run.store(tmp_path), run.record, run.samples)
    assert "Proposed: put back model first, likely (91%) (cost to users: low)." in result.summary
    assert "Done here: model; then quality was 0.9" in result.summary
    assert " before." in result.summary


def test_a_plan_that_puts_nothing_back_is_said(tmp_path):
    run = by_plan(NOTHING)
    result = write_reports(run.store(tmp_path), run.record, run.samples)
    assert result.summary.endswith(
        "Proposed: nothing; no recorded change that can be put back explains it."
    )


def test_the_screen_shows_what_was_called_and_by_which_reason():
    record = by_plan(PLAN, NOTHING).record
    assert response_lines(record) == [
        ["pin_model on component/model, by plan: shows in long questions"]
    ]
    in_order = responding_run().record
    assert response_lines(in_order) == [
        ["pin_model on component/model, to previous (answers-2026-07); answered after 100 ms"]
    ]
    assert response_lines(in_order.model_copy(update={"respond": None})) == []
