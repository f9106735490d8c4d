"""Pareto/NBD against published numbers: CDNOW (1/10 sample and full log, first 39 weeks) and the apparel cohort.

Fader, Hardie and Lee (2005), Marketing Science 24(2) 275-284, table 2; the BTYD walkthrough's customer 1516; the tests
and results of CLVTools 0.12.1 (standard errors, apparel).
"""

import csv
import gzip
from datetime import date

import numpy as np
import pytest

from eigenform.value.lifetime import Summary, pareto_nbd
from eigenform.value.lifetime.cells import collapse


def daily_summary(purchases, until):
    """Count one purchase a customer a day, up to and including a day; weeks from each customer's first."""
    ids, days = (np.array(column) for column in zip(*purchases, strict=True))
    of_customer = np.unique(ids, return_inverse=True)[1]
    customer, day = np.unique(np.stack([of_customer, days]), axis=1)
    customer, day = customer[day <= until], day[day <= until]
    _, begin, events = np.unique(customer, return_index=True, return_counts=True)
    first, last = day[begin], day[begin + events - 1]
    return Summary(events - 1, (last - first) / 7, (until - first) / 7)


def compact(text):
    return date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal()


CALIBRATED = compact("19970930")


@pytest.fixture(scope="module")
def cdnow(shared_data):
    rows = [line.split() for line in (shared_data / "cdnow" / "CDNOW_sample.txt").read_text().splitlines()]
    return daily_summary([(row[1], compact(row[2])) for row in rows], CALIBRATED)


@pytest.fixture(scope="module")
def cdnow_fit(cdnow):
    return pareto_nbd.fit(cdnow)


def vector(p):
    return [p.r, p.alpha_weeks, p.s, p.beta_weeks]


def test_cdnow_sample_equals_the_paper(cdnow_fit):
    np.testing.assert_allclose(vector(cdnow_fit.parameters), [0.5533, 10.5777, 0.6062, 11.6688], atol=1e-4)
    assert cdnow_fit.log_likelihood == pytest.approx(-9594.9762, abs=5e-5)
    assert cdnow_fit.status == "converged"
    assert cdnow_fit.customers == 2357


def test_cdnow_standard_errors_equal_the_published_ones(cdnow_fit):
    np.testing.assert_allclose(cdnow_fit.standard_errors, [0.0476264, 0.8427222, 0.1872594, 6.2105448], rtol=3e-4)


def test_customer_1516_and_a_new_customer(cdnow_fit):
    p, frequent = cdnow_fit.parameters, Summary([26], [216 / 7], [31.0])

    assert pareto_nbd.probability_alive(p, frequent)[0] == pytest.approx(0.99787, abs=5e-6)
    assert pareto_nbd.expected_purchases(p, frequent, 52.0)[0] == pytest.approx(25.456, abs=1e-3)
    assert float(pareto_nbd.expected_new(p, 52.0)) == pytest.approx(1.4734, abs=5e-5)


def test_hold_out_of_the_sample_is_predicted_as_by_every_maximum_likelihood_program(cdnow, cdnow_fit):
    predicted = pareto_nbd.score(cdnow_fit, cdnow, weeks=39.0).expected_purchases.sum()

    assert predicted == pytest.approx(1666, abs=0.5)  # 1,882 happened


def test_full_cdnow_log(shared_data):
    with gzip.open(shared_data / "cdnow" / "CDNOW_master.txt.gz", "rt") as file:
        rows = [line.split() for line in file][1:]
    summary = daily_summary([(row[0], compact(row[1])) for row in rows], CALIBRATED)

    fit = pareto_nbd.fit(summary)

    assert len(summary) == 23_570
    np.testing.assert_allclose(vector(fit.parameters), [0.5974, 11.5857, 0.5222, 8.8278], atol=6e-5)
    assert fit.log_likelihood == pytest.approx(-95415.119, abs=5e-4)


def test_apparel_cohort_equals_clvtools(shared_data):
    with (shared_data / "apparel" / "apparel_transactions.csv").open(encoding="utf-8") as file:
        rows = [(row["Id"], date.fromisoformat(row["Date"]).toordinal()) for row in csv.DictReader(file)]
    summary = daily_summary(rows, min(day for _, day in rows) + 104 * 7)

    fit = pareto_nbd.fit(summary)

    np.testing.assert_allclose(vector(fit.parameters), [1.448977, 48.63608, 0.5612598, 46.88436], rtol=2e-3)
    assert fit.log_likelihood == pytest.approx(-5848.098, abs=5e-4)


def test_cells_cost_and_say_the_same_as_customers(cdnow, cdnow_fit):
    cells = collapse(cdnow)

    assert len(cells) < 0.45 * len(cdnow)
    np.testing.assert_allclose(
        pareto_nbd.log_likelihood(cdnow_fit.parameters, cells)[cells.of],
        pareto_nbd.log_likelihood(cdnow_fit.parameters, cdnow),
    )
