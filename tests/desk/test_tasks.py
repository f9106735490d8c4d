"""Dated work lists, and the tokens of programs."""

from datetime import timedelta

import pytest

from eigenform.desk import actions, queries
from eigenform.desk.contracts import NoSuchAssignee, NoSuchTask, NoSuchToken, TaskClosed, TokenNameTaken
from eigenform.desk.models import ApiToken, Task
from eigenform.staff.models import Staff
from tests.loop.firm import AS_OF, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return Staff.objects.create_user("ada")


def assign(person, number=1, due_on=AS_OF, **changes):
    return actions.assign(
        **{
            "noun": "decision",
            "noun_key": str(number),
            "title": f"Task {number}",
            "because": "Why.",
            "assignee_id": person.pk,
            "due_on": due_on,
            "now": NOW,
            **changes,
        }
    )


def test_a_work_list_is_one_persons_by_due_day(ada):
    bea = Staff.objects.create_user("bea")
    late = assign(ada, 1, AS_OF + timedelta(days=5))
    soon = assign(ada, 2, AS_OF)
    theirs = assign(bea, 3, AS_OF)

    assert [t.id for t in queries.work_list(assignee_id=ada.pk)] == [soon.id, late.id]
    assert [t.id for t in queries.work_list()] == [soon.id, theirs.id, late.id]
    assert [t.id for t in queries.work_list(assignee_id=ada.pk, due_until=AS_OF)] == [soon.id]
    assert (queries.open_count(ada.pk), queries.open_count(bea.pk)) == (2, 1)


def test_a_closed_task_leaves_the_list_and_is_not_closed_twice(ada):
    task = assign(ada)
    closed = actions.close(task.id, outcome="done", reason="", now=NOW)

    assert (closed.state, closed.closed_at) == ("done", NOW)
    assert queries.work_list(assignee_id=ada.pk) == []
    with pytest.raises(TaskClosed, match="done already"):
        actions.close(task.id, outcome="failed", reason="x", now=NOW)
    assert queries.task(task.id).state == "done"


def test_a_task_that_is_not_there():
    with pytest.raises(NoSuchTask):
        actions.close(9, outcome="done", reason="", now=NOW)
    with pytest.raises(NoSuchTask):
        queries.task(9)


def test_nobody_is_no_assignee(ada):
    with pytest.raises(NoSuchAssignee, match=str(ada.pk + 1)):
        assign(ada, assignee_id=ada.pk + 1)

    assert not Task.objects.exists()


def test_a_token_is_shown_once_and_kept_as_its_hash(ada):
    token = actions.issue_token("till", username="ada", actor=ada.actor, now=NOW)

    assert queries.token_owner_id(token) == ada.pk
    assert token not in str(list(ApiToken.objects.values()))
    assert queries.token_owner_id(queries.sha256_of(token)) is None
    assert [(t.name, t.person, t.revoked_at) for t in queries.tokens()] == [("till", "ada", None)]


def test_a_revoked_token_is_worthless_and_its_name_is_free_again(ada):
    old = actions.issue_token("till", username="ada", actor=ada.actor, now=NOW)
    with pytest.raises(TokenNameTaken):
        actions.issue_token("till", username="ada", actor=ada.actor, now=NOW)

    actions.revoke_token("till", username="ada", actor=ada.actor, now=NOW)

    assert queries.token_owner_id(old) is None
    with pytest.raises(NoSuchToken):
        actions.revoke_token("till", username="ada", actor=ada.actor, now=NOW)
    new = actions.issue_token("till", username="ada", actor=ada.actor, now=NOW)
    assert new != old
    assert queries.token_owner_id(new) == ada.pk
