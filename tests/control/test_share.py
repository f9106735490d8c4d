"""What a turn chooses keeps every limit, never loses, and is withheld by chance alone."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenform.base.periods import period_ends_on
from eigenform.control.decisions import share_means
from eigenform.value.response.holdout import withheld
from tests.control.cases import AS_OF, KINDS, candidate, contacts, means, rules

CHANNELS = ("phone", "meeting", "post")
wishes = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 900),
        st.integers(0, 3000),
        st.sampled_from([0.0, 15.0, 60.0]),
        st.sampled_from(CHANNELS),
    ),
    max_size=25,
)
limits = st.fixed_dictionaries(
    {
        "budget_minor": st.integers(0, 4000),
        "minutes_by_channel": st.fixed_dictionaries({"phone": st.floats(0, 200), "meeting": st.floats(0, 200)}),
        "per_kind_max": st.fixed_dictionaries(dict.fromkeys(KINDS, st.integers(0, 6))),
    }
)


@settings(max_examples=100, deadline=None)
@given(wishes=wishes, limits=limits, share=st.sampled_from([0.0, 0.1, 0.5]))
def test_no_limit_is_ever_exceeded_and_no_loser_chosen(wishes, limits, share):
    candidates = [
        candidate(f"{kind}:{i}", kind=kind, cost=cost, gain=float(gain), minutes=minutes, channel=channel)
        for i, (kind, cost, gain, minutes, channel) in enumerate(wishes)
    ]
    done, held = share_means(candidates, as_of=AS_OF, rules=rules(means=means(**limits), holdout_share=share))

    assert sum(c.cost_minor for c in done) <= limits["budget_minor"]
    minutes = defaultdict(float)
    for c in done:
        minutes[c.channel] += c.minutes
    assert all(minutes[channel] <= most + 1e-6 for channel, most in limits["minutes_by_channel"].items())
    by_kind = Counter(c.kind for c in done)
    assert all(by_kind[kind] <= most for kind, most in limits["per_kind_max"].items())
    assert all(c.gain_mean > c.cost_minor for c in (*done, *held))
    assert {c.kind for c in held} <= {"contact_customer"}
    subjects = [c.subject for c in (*done, *held)]
    assert len(subjects) == len(set(subjects))
    assert share > 0 or not held


def test_among_equal_costs_the_best_are_chosen_best_first():
    done, held = share_means(
        contacts(9)[::-1], as_of=AS_OF, rules=rules(means=means(budget_minor=2000), holdout_share=0.0)
    )

    assert [c.subject for c in done] == [f"customer:{i}" for i in range(4)]
    assert held == []


def test_a_kind_without_a_cap_of_its_own_is_never_chosen():
    done, _ = share_means(contacts(3), as_of=AS_OF, rules=rules(means=means(per_kind_max={"talk_to_partner": 5})))

    assert done == []


def unlimited(**changes):
    many = means(budget_minor=10**9, minutes_by_channel={}, per_kind_max={"contact_customer": 10**6})
    return rules(means=many, **changes)


def test_chance_withholds_a_tenth_and_everybody_is_either_done_or_withheld():
    done, held = share_means(contacts(5000), as_of=AS_OF, rules=unlimited())

    assert len(done) + len(held) == 5000
    assert len(held) / 5000 == pytest.approx(0.10, abs=0.013)  # three standard deviations


def held_on(day, **changes):
    _, held = share_means(contacts(4000), as_of=day, rules=unlimited(**changes))
    return {c.subject for c in held}


def test_who_is_withheld_stays_so_for_the_period_and_is_drawn_anew_in_the_next():
    last = period_ends_on(AS_OF, weeks=13)
    now, at_the_end, after = held_on(AS_OF), held_on(last), held_on(last + timedelta(days=1))

    assert now == at_the_end
    assert after != now
    assert len(now & after) / 4000 == pytest.approx(0.01, abs=0.005)  # independent: a tenth of a tenth
    assert held_on(AS_OF, policy_version=2) != now
    assert held_on(AS_OF, holdout_weeks=26) != now


def test_who_is_withheld_does_not_depend_on_who_else_there_is():
    everybody = held_on(AS_OF)
    some = contacts(4000)[::7]
    _, held = share_means(some, as_of=AS_OF, rules=unlimited())

    assert {c.subject for c in held} == everybody & {c.subject for c in some}


def test_the_means_set_free_go_to_the_next_best():
    many = contacts(300)
    tight = rules(means=means(budget_minor=40 * 500), holdout_share=0.2)
    apart = withheld(1, _period(), [c.subject for c in many], share=0.2)

    done, held = share_means(many, as_of=AS_OF, rules=tight)

    free = [c for c, out in zip(many, apart, strict=True) if not out]
    assert done == free[:40]
    last = many.index(done[-1])
    assert held == [c for c, out in zip(many[:last], apart[:last], strict=True) if out]
    assert len(held) >= 3


def _period():
    from eigenform.base.periods import period_of

    return period_of(AS_OF, weeks=13)


def test_only_customers_are_withheld():
    others = [candidate(f"partner:{i}", kind="talk_to_partner", channel="post") for i in range(200)]
    many = replace(means(), per_kind_max={"talk_to_partner": 200})

    done, held = share_means(others, as_of=AS_OF, rules=rules(means=many, holdout_share=0.5))

    assert (len(done), held) == (200, [])


def test_of_two_reasons_to_change_one_attribute_one_is_chosen():
    same = [candidate("attribute:a|b|", kind="change_attribute", channel="meeting", gain=g) for g in (900.0, 1200.0)]

    done, _ = share_means(same, as_of=AS_OF, rules=rules())

    assert [c.gain_mean for c in done] == [1200.0]
