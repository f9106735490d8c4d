"""What is open or lately decided is left alone, and what open decisions hold is not given out twice."""

from datetime import timedelta

import pytest

from eigenform.base.periods import period_ends_on
from eigenform.control.decisions import means_left, not_again
from tests.control.cases import AS_OF, candidate, means, past, rules

# (state, days since its last deed, may it be proposed again)
CASES = [
    ("waiting", 0, False),
    ("waiting", 400, False),
    ("approved", 0, False),
    ("approved", 400, False),
    *(
        (state, ago, again)
        for state in ("declined", "done", "failed", "held_out")
        for ago, again in ((0, False), (90, False), (91, True), (400, True))
    ),
]


@pytest.mark.parametrize(("state", "ago", "again"), CASES)
def test_may_it_be_proposed_again(state, ago, again):
    kept = not_again([candidate("customer:1")], [past(state=state, last_ago=ago)], as_of=AS_OF, rules=rules())

    assert (len(kept) == 1) is again


def test_another_subject_or_another_kind_is_not_concerned():
    wanted = [candidate("customer:2"), candidate("customer:1", kind="talk_to_partner")]

    assert not_again(wanted, [past("customer:1")], as_of=AS_OF, rules=rules()) == wanted


def test_who_was_withheld_stays_so_for_the_period_whatever_the_policy_says_meanwhile():
    """The hold-out is drawn by policy version: a new version must not reach for those withheld under the old one."""
    begins = period_ends_on(AS_OF, weeks=13) - timedelta(days=90)
    hasty = rules(repeat_after_days=0, policy_version=2)
    held = past(state="held_out", last_ago=(AS_OF - begins).days)
    before = past(state="held_out", last_ago=(AS_OF - begins).days + 1)
    done = past(state="done", last_ago=(AS_OF - begins).days)

    def kept(earlier, as_of=AS_OF):
        return not_again([candidate("customer:1")], [earlier], as_of=as_of, rules=hasty)

    assert [len(kept(p)) for p in (held, before, done)] == [0, 1, 1]
    assert len(kept(held, period_ends_on(AS_OF, weeks=13))) == 0
    assert len(kept(held, period_ends_on(AS_OF, weeks=13) + timedelta(days=1))) == 1


def test_an_old_decision_does_not_hide_a_later_one():
    both = [past(state="done", last_ago=400), past(state="declined", last_ago=10)]

    assert not_again([candidate("customer:1")], both, as_of=AS_OF, rules=rules()) == []


def test_open_decisions_hold_their_money_and_minutes_others_do_not():
    limits = means(budget_minor=10_000, minutes_by_channel={"phone": 100.0, "meeting": 50.0})
    open_ones = [past(state="waiting"), past(state="approved", channel="meeting", minutes=20.0, cost=4_000)]
    closed = [past(state=state, cost=9_000, minutes=99.0) for state in ("done", "declined", "failed", "held_out")]

    left = means_left(rules(means=limits), [*open_ones, *closed]).means

    assert left.budget_minor == 10_000 - 500 - 4_000
    assert left.minutes_by_channel == {"phone": 85.0, "meeting": 30.0}


def test_what_is_overdrawn_leaves_nothing_rather_than_less():
    limits = means(budget_minor=100, minutes_by_channel={"phone": 10.0})

    left = means_left(rules(means=limits), [past()]).means

    assert (left.budget_minor, left.minutes_by_channel) == (0, {"phone": 0.0})
