"""BG/NBD and Gamma-Gamma against the numbers that their authors printed.

Fader, Hardie and Lee (2005), Marketing Science 24(2) 275-284; Fader and Hardie, brucehardie.com/notes/025
and /027. CDNOW: 1/10 sample, first 39 weeks.
"""

import csv

import numpy as np
import pytest
from scipy.special import hyp2f1

from eigenform.value.lifetime import Summary, bg_nbd, gamma_gamma
from eigenform.value.lifetime.worth import worth

PRINTED = bg_nbd.Parameters(r=0.243, alpha_weeks=4.414, a=0.793, b=2.426)
ONE_CUSTOMER = Summary(repeats=[2], last_week=[30.43], age_weeks=[38.86])


def columns(path, *names):
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [np.array([float(row[name]) for row in rows]) for name in names]


@pytest.fixture(scope="module")
def cdnow(shared_data):
    return Summary(*columns(shared_data / "cdnow" / "cdnow_customers_summary.csv", "frequency", "recency", "T"))


@pytest.fixture(scope="module")
def cdnow_spend(shared_data):
    path = shared_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv"
    repeats, last_week, age_weeks, mean_spend = columns(path, "x", "t_x", "T", "zbar")
    return Summary(repeats, last_week, age_weeks, np.where(repeats > 0, mean_spend, np.nan))


@pytest.mark.parametrize(
    ("repeats", "last_week", "expected"),
    [(0, 0, -0.59947382), (200, 38, 100.7957)],
    ids=["never came back", "came back 200 times: the naive form overflows"],
)
def test_log_likelihood_equals_hardie_note_027(repeats, last_week, expected):
    published = bg_nbd.Parameters(r=0.25, alpha_weeks=4.0, a=0.80, b=2.50)

    got = bg_nbd.log_likelihood(published, Summary([repeats], [last_week], [40.0]))

    np.testing.assert_allclose(got, [expected], atol=5e-5)


def test_bg_nbd_fit_equals_the_paper(cdnow):
    fit = bg_nbd.fit(cdnow)

    p = fit.parameters
    np.testing.assert_allclose([p.r, p.alpha_weeks, p.a, p.b], [0.243, 4.414, 0.793, 2.426], atol=5e-4)
    assert fit.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert fit.status == "converged"
    assert fit.customers == 2357
    assert (cdnow.repeats > 0).sum() == 946
    assert cdnow.repeats.sum() == 2457


def test_customer_of_the_paper_is_alive_with_73_per_cent_and_buys_1_2_times():
    assert bg_nbd.probability_alive(PRINTED, ONE_CUSTOMER)[0] == pytest.approx(0.7266, abs=5e-5)
    assert bg_nbd.expected_purchases(PRINTED, ONE_CUSTOMER, 39.0)[0] == pytest.approx(1.226, abs=5e-4)


def test_frequent_customer_and_new_customer_equal_the_published_walkthrough(cdnow):
    p = bg_nbd.fit(cdnow).parameters
    frequent = Summary([26], [30.86], [31.0])
    new = Summary([0], [0], [0])

    assert bg_nbd.probability_alive(p, frequent)[0] == pytest.approx(0.96885, abs=1e-4)
    assert bg_nbd.expected_purchases(p, frequent, 52.0)[0] == pytest.approx(
        25.757, abs=5e-3
    )  # the data are rounded to hundredths of a week
    assert bg_nbd.expected_purchases(p, new, 52.0)[0] == pytest.approx(1.4440, abs=1e-3)


def test_expected_purchases_equal_the_printed_hypergeometric_form(cdnow):
    p, horizon_weeks = PRINTED, 39.0
    x, age = cdnow.repeats, cdnow.age_weeks
    share = horizon_weeks / (p.alpha_weeks + age + horizon_weeks)
    series = hyp2f1(p.r + x, p.b + x, p.a + p.b + x - 1, share)
    printed = (p.a + p.b + x - 1) / (p.a - 1) * (1 - (1 - share) ** (p.r + x) * series)

    got = bg_nbd.expected_purchases(p, cdnow, horizon_weeks)

    np.testing.assert_allclose(got, printed * bg_nbd.probability_alive(p, cdnow), rtol=1e-8)


def test_points_where_other_programs_return_nan(shared_data):
    with (shared_data / "hard_points" / "hard_points.csv").open(encoding="utf-8") as file:
        points = [row for row in csv.DictReader(file) if row["model"] == "bg-nbd"]
    assert len(points) == 11
    for point in points:
        p = bg_nbd.Parameters(*(float(point[name]) for name in ("p1", "p2", "p3", "p4")))
        history = Summary([float(point["x"])], [float(point["t_x"])], [float(point["T"])])
        got = [
            bg_nbd.log_likelihood(p, history)[0],
            bg_nbd.probability_alive(p, history)[0],
            bg_nbd.expected_purchases(p, history, float(point["t"]))[0],
        ]
        wanted = [float(point[name]) for name in ("log_likelihood", "p_alive", "expected_purchases")]
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-300, err_msg=point["what"])


def test_gamma_gamma_fit_equals_the_note(cdnow_spend):
    fit = gamma_gamma.fit(cdnow_spend.repeats, cdnow_spend.spend)

    p = fit.parameters
    np.testing.assert_allclose([p.p, p.q, p.gamma], [6.25, 3.74, 15.44], atol=8e-3)
    assert fit.log_likelihood == pytest.approx(-4055.92, abs=0.01)
    assert fit.customers == 946
    assert fit.excluded == 0
    assert p.population_mean == pytest.approx(35.17, abs=5e-3)


def test_expected_spend_equals_the_note():
    p = gamma_gamma.Parameters(p=6.25, q=3.74, gamma=15.44)

    got = gamma_gamma.expected_spend(p, np.array([2.0]), np.array([22.35]))

    assert got[0] == pytest.approx(24.66, abs=5e-3)


def test_hold_out_purchases_of_cdnow_lie_near_the_published_prediction(cdnow_spend):
    """1,653 purchases are predicted for weeks 40-78 by every maximum-likelihood program; 1,882 happened."""
    purchases = bg_nbd.fit(cdnow_spend)

    got = worth(
        cdnow_spend,
        purchases=purchases,
        spend=None,
        horizon_weeks=39.0,
        discount_per_year=0.0,
        rng=np.random.default_rng(1),
    )

    assert bg_nbd.expected_purchases(purchases.parameters, cdnow_spend, 39.0).sum() == pytest.approx(1653, abs=2)
    assert got.unit == "purchases"
    assert got.total_mean == pytest.approx(1653, rel=0.01)
    assert got.total_low < got.total_mean < got.total_high
