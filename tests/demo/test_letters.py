"""The demo's letters move nobody; measuring them must say so in 80 of 100 cases, and never that arms were steered."""

import numpy as np
import pytest

from eigenform.value.dynamics.plan import Plan
from eigenform.value.dynamics.world import simulate
from eigenform.value.response.effects import cuped
from eigenform.value.response.trial import Trial, drawn

WINDOW_DAYS = 91


def letters(seed):
    """Yield each letter's trial with spend in the window after as its outcome, and spend in the one before."""
    tables = simulate(Plan(), np.random.default_rng(seed)).tables
    orders, lines, log = tables["orders"], tables["order_lines"], tables["contact_log"]
    of_order = dict(zip(orders["order_no"], zip(orders["customer_no"], orders["ordered_on"], strict=True), strict=True))
    who, on = (np.array(column) for column in zip(*(of_order[n] for n in lines["order_no"]), strict=True))
    for name in np.unique(log["campaign"]):
        rows = log["campaign"] == name
        place = {customer: i for i, customer in enumerate(log["customer_no"][rows])}
        days = (on - log["sent_on"][rows][0]).astype(int)
        spent = []
        for window in ((days >= 0) & (days < WINDOW_DAYS), (days < 0) & (days >= -WINDOW_DAYS)):
            known = window & np.isin(who, list(place))
            spent.append(
                np.bincount([place[c] for c in who[known]], weights=lines["margin"][known], minlength=len(place))
            )
        treated = log["direction"][rows] == "out"
        own = log["propensity"][rows]
        yield Trial(spent[0], treated, np.where(treated, own, 1.0 - own)), spent[1]


def test_each_known_customer_got_the_letter_or_was_left_out():
    trials = list(letters(1))

    assert len(trials) == 3
    for trial, _before in trials:
        assert len(set(trial.propensity.round(9))) == 1
        assert trial.n_treated / len(trial.treated) == pytest.approx(trial.propensity[0], abs=0.08)


@pytest.mark.slow
def test_letters_that_move_nobody_are_seen_to_move_nobody():
    holds, sound, n = 0, 0, 0
    for seed in range(1, 41):
        for trial, before in letters(seed):
            found = cuped(trial, before)
            holds += found.low <= 0.0 <= found.high
            sound += drawn(trial, before).is_sound
            n += 1

    assert n == 120
    assert 0.70 <= holds / n <= 0.90
    assert sound >= n - 1
