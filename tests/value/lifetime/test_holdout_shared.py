"""A hold-out told in rows that customers share says what it says customer by customer."""

from dataclasses import astuple

import numpy as np
import pytest

from eigenform.value.lifetime import holdout
from eigenform.value.lifetime.holdout_parts import by_decile
from eigenform.value.lifetime.past_counts import Told


def shared(expected, actual):
    pairs, weight = np.unique(np.stack([expected, actual], axis=1), axis=0, return_counts=True)
    return pairs[:, 0], pairs[:, 1], weight.astype(float)


def test_tenths_are_of_customers_whoever_shares_a_row():
    rng = np.random.default_rng(3)
    expected = rng.choice([0.1, 0.2, 0.5, 1.0, 4.0], size=997, p=[0.6, 0.2, 0.1, 0.07, 0.03])
    actual = rng.poisson(expected).astype(float)

    each, rows = by_decile(expected, actual, np.ones(997)), by_decile(*shared(expected, actual))

    assert len(each) == len(rows) == 10
    for one, other in zip(each, rows, strict=True):
        assert astuple(one) == pytest.approx(astuple(other), rel=1e-9)
    assert [one.customers for one in rows] == pytest.approx([99.7] * 10)
    assert rows[0].predicted == pytest.approx(0.1)
    assert rows[0].actual == pytest.approx(actual[expected == 0.1].mean())  # equals share what equals did
    assert rows[9].predicted == pytest.approx(np.sort(expected)[-100:] @ np.append(0.7, np.ones(99)) / 99.7)


def test_the_covered_share_of_a_shared_row_is_drawn_customer_by_customer():
    at_least, more = np.array([1.0, 0.95, 0.4, 0.05, 1.0]), np.array([0.3, 0.4, 0.05, 0.0, 0.0])
    told = Told(at_least, more, np.zeros(5), np.zeros(5, dtype=bool), np.arange(5))
    rng = np.random.default_rng(1)

    drawn = np.mean([holdout._covered(told, None, rng) for _ in range(20_000)], axis=0)
    shared = np.stack([holdout._covered(told, np.full(5, 9.0), rng) for _ in range(5_000)])
    expected = [6 / 7, 0.5 / 0.55, 0.3 / 0.35, 0.0, 0.8]

    np.testing.assert_allclose(shared * 9, np.rint(shared * 9), atol=1e-9)  # k of 9 customers
    np.testing.assert_allclose(drawn, expected, atol=0.012)
    np.testing.assert_allclose(shared.mean(axis=0), expected, atol=0.012)
    np.testing.assert_allclose(holdout._covered(told, np.full(5, 0.5), rng), expected, rtol=1e-12)  # no customers
