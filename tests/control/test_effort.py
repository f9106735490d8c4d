"""What a turn's means are worth: prices, the bound, other budgets, and nobody promised who is left alone."""

import pytest

from eigenform.control.contracts import Cost, Effect, Offer
from eigenform.control.decisions import share_means
from eigenform.control.decisions.contacts import Whom, contact_candidates
from eigenform.control.decisions.effort import effort
from tests.control.cases import AS_OF, candidate, contacts, means, rules, worth_of

MAIL = Offer("e-mail", Cost(20, 2.0, "email"))


def both(customers=150, **changes):
    """Return rules, plan and effort of a turn with calls and e-mails, calls short of time unless told otherwise."""
    limits = {"budget_minor": 20_000, "minutes_by_channel": {"phone": 240.0, "email": 60.0}, **changes}
    its = rules(offers=(MAIL,), effects={**rules().effects, "e-mail": Effect(0.004, 0.006)}, means=means(**limits))
    worth = worth_of([90_000 - 300 * i for i in range(customers)])
    found, _ = contact_candidates(worth, whom=Whom(), as_of=AS_OF, rules=its)
    done, held = share_means(found, as_of=AS_OF, rules=its)
    return its, found, done, held, effort(found, done, held, as_of=AS_OF, rules=its)


def test_a_customer_gets_one_offer_and_calls_go_where_they_add_most():
    _its, _found, done, held, told = both()

    subjects = [c.subject for c in (*done, *held)]
    assert len(subjects) == len(set(subjects))
    by_channel = {line.channel: line.n for line in told.plan}
    assert by_channel == {"phone": 16, "email": 30}  # 240 / 15 minutes and 60 / 2
    assert sum(line.withheld for line in told.plan) == len(held)
    called = [float(c.subject.partition(":")[2]) for c in done if c.channel == "phone"]
    mailed = [float(c.subject.partition(":")[2]) for c in done if c.channel == "email"]
    assert max(called) < min(mailed)  # the lower the number the higher the worth


def test_the_price_of_a_minute_is_what_the_next_call_would_add():
    its, _found, done, _held, told = both()
    phone = next(c for c in told.channels if c.name == "phone")
    longer = {**its.means.minutes_by_channel, "phone": 255.0}
    more = both(minutes_by_channel=longer)[4]

    assert phone.used == phone.most == 240.0
    assert more.net_minor - told.net_minor == pytest.approx(15 * phone.price_minor, rel=0.1)
    assert told.gap == 0.0
    assert told.bound_minor == pytest.approx(told.net_minor)
    assert told.net_minor == pytest.approx(sum(c.gain_mean - c.cost_minor for c in done))


def test_a_budget_that_binds_has_a_price_and_a_tenth_more_adds_about_that():
    told = both(budget_minor=4_000, minutes_by_channel={"phone": 1200.0})[4]
    less, more = told.what_if

    assert told.budget.price_minor > 0
    assert (less.factor, less.budget_minor, more.factor, more.budget_minor) == (0.9, 3_600, 1.1, 4_400)
    assert less.net_minor < told.net_minor < more.net_minor
    assert more.net_minor - told.net_minor == pytest.approx(400 * told.budget.price_minor, rel=0.3)


def test_the_curve_begins_at_nothing_never_falls_and_holds_the_plan():
    _its, _found, done, _held, told = both(budget_minor=4_000)

    assert [s.factor for s in told.curve] == [0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.5, 2.0]
    net = [s.net_minor for s in told.curve]
    assert net == sorted(net)
    plan = told.curve[5]
    assert (plan.used_minor, plan.contacts) == (sum(c.cost_minor for c in done), len(done))
    assert all(s.used_minor <= s.budget_minor for s in told.curve)


def test_no_other_budget_counts_on_somebody_who_is_left_alone():
    its = rules(means=means(budget_minor=10**6, minutes_by_channel={}), holdout_share=0.5)
    pool = contacts(40)
    done, held = share_means(pool, as_of=AS_OF, rules=its)
    told = effort(pool, done, held, as_of=AS_OF, rules=its)

    assert len(held) > 5
    assert max(s.contacts for s in told.curve) == len(done)


def test_a_plan_of_nothing_has_no_prices():
    told = effort([], [], [], as_of=AS_OF, rules=rules())

    assert told.plan == ()
    assert (told.net_minor, told.bound_minor, told.gap, told.budget.price_minor) == (0.0, 0.0, 0.0, 0.0)


def test_kinds_share_the_budget_but_only_contacts_use_up_the_number_of_contacts():
    pool = [*contacts(6), candidate("partner:x", kind="talk_to_partner", cost=5_000, gain=9e5, channel="meeting")]
    its = rules(means=means(per_kind_max={"contact_customer": 3, "talk_to_partner": 5}), holdout_share=0.0)
    done, held = share_means(pool, as_of=AS_OF, rules=its)
    told = effort(pool, done, held, as_of=AS_OF, rules=its)

    assert sorted(line.kind for line in told.plan) == ["contact_customer", "talk_to_partner"]
    assert (told.contacts.used, told.contacts.most) == (3, 3)
    assert told.contacts.price_minor == pytest.approx(100_000 - 3 - 500, abs=2)
