"""Models with covariates on 600 customers of an apparel retailer, against CLVTools 0.12.1 (R) on the same data.

Two years of purchases are fitted. The static numbers are peaks of the likelihood; the time-varying ones are not: the
likelihood still rises as leaving in the high season goes to nothing, so those are tried as a point, and the peak apart.
"""

import csv
import gzip
from datetime import date, timedelta

import numpy as np
import pytest

from eigenform.value.lifetime import Summary
from eigenform.value.lifetime.covariates import Rows, bg_nbd, calendar, histories, pareto_nbd, varying, with_rows

START = date(2005, 1, 2)
END = START + timedelta(weeks=104)
COVARIATES = ("High.Season", "Gender", "Channel")


@pytest.fixture(scope="module")
def apparel(shared_data):
    folder = shared_data / "apparel"
    days = {}
    with (folder / "apparel_transactions.csv").open() as file:
        for row in csv.DictReader(file):
            bought = date.fromisoformat(row["Date"])
            days.setdefault(int(row["Id"]), set()).add((bought - START).days / 7.0)
    with (folder / "apparel_static_covariates.csv").open() as file:
        facts = {int(row["Id"]): (float(row["Gender"]), float(row["Channel"])) for row in csv.DictReader(file)}
    with gzip.open(folder / "apparel_dynamic_covariates.csv.gz", "rt") as file:
        season = {row["Cov.Date"]: float(row["High.Season"]) for row in csv.DictReader(file)}
    return days, facts, season


@pytest.fixture(scope="module")
def observed(apparel):
    days, facts, _ = apparel
    seen = {who: sorted(week for week in weeks if week <= 104.0) for who, weeks in sorted(days.items())}
    assert all(weeks[0] == 0.0 for weeks in seen.values())
    repeats = np.array([len(weeks) - 1 for weeks in seen.values()], float)
    last_week = np.array([weeks[-1] for weeks in seen.values()])
    rows = Rows(COVARIATES[1:], np.array([facts[who] for who in seen]))
    later = np.array([len([week for week in days[who] if 104.0 < week <= 156.0]) for who in seen])
    purchases = [(position, week) for position, weeks in enumerate(seen.values()) for week in weeks[1:]]
    return Summary(repeats, last_week, np.full(len(seen), 104.0)), rows, purchases, later


@pytest.fixture(scope="module")
def dated(apparel, observed):
    summary, rows, purchases, _ = observed
    season = apparel[2]
    begins = [(date.fromisoformat(day) - START).days / 7.0 for day in season]
    common = calendar(COVARIATES[:1], np.array(begins), np.array(list(season.values()))[:, None], len(begins))
    known, track = with_rows(common, rows)
    customer, week = map(np.array, zip(*purchases, strict=True))
    return histories(summary, known, born_week=np.zeros(len(summary)), customer=customer, week=week, track=track)


@pytest.fixture(scope="module")
def peers_point():
    return varying.parameters(
        r=1.977741,
        alpha_weeks=115.1779,
        s=2.012733,
        beta_weeks=158.1818,
        life=[-2.482672, -0.5124722, 0.5057316],
        trans=[0.7182713, 0.2649019, 0.6137395],
    )


def test_the_data_are_the_published_ones(observed):
    summary = observed[0]
    assert len(summary) == 600
    assert summary.repeats.sum() == 1266


@pytest.mark.parametrize(
    ("model", "base", "log_likelihood"),
    [
        (pareto_nbd, [1.448977, 48.63608, 0.5612598, 46.88436], -5848.098),
        (bg_nbd, [0.6073108, 20.95673, 1.275543, 8.860816], -5857.020),
    ],
    ids=["Pareto/NBD", "BG/NBD"],
)
def test_without_covariates_the_fit_is_the_plain_one(observed, model, base, log_likelihood):
    fit = model.fit(observed[0])

    assert fit.status == "converged"
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=6e-4)
    np.testing.assert_allclose(fit.parameters.base, base, rtol=1e-4)


def test_pareto_nbd_with_gender_and_channel(observed):
    summary, rows, _, _ = observed

    fit = pareto_nbd.fit(summary, trans=rows, life=rows)

    assert fit.status == "converged"
    assert fit.log_likelihood == pytest.approx(-5821.063, abs=6e-4)
    np.testing.assert_allclose(fit.parameters.base, [1.837843, 92.91235, 0.5919985, 49.62273], rtol=3e-3)
    np.testing.assert_allclose(fit.parameters.coefficients[0], [0.285874, 0.6241241], atol=5e-4)
    np.testing.assert_allclose(fit.parameters.coefficients[1], [-0.6429934, 0.7906789], atol=2e-3)
    assert fit.names[4:] == ("buying: Gender", "buying: Channel", "leaving: Gender", "leaving: Channel")


def test_the_time_varying_likelihood_is_the_peers(dated, peers_point):
    each = varying.log_likelihood(peers_point, dated, trans=COVARIATES, life=COVARIATES)

    assert each.sum() == pytest.approx(-5752.937, abs=6e-4)


def test_a_purchase_on_the_day_a_week_begins_belongs_to_it(dated, observed, peers_point):
    """The convention decides: counted to the week before, the log-likelihood would be -5762.274."""
    customer, week = map(np.array, zip(*observed[2], strict=True))
    on_the_day = np.isclose(week % 1.0, 0.0)
    assert on_the_day.sum() > 50
    runs = dated.calendar.run_at(dated.track[customer], np.where(on_the_day, week - 0.01, week))
    before = dated.calendar.values[runs].sum(axis=0)
    lead = (before - dated.at_purchases.sum(axis=0)) @ peers_point.coefficients[0]

    total = varying.log_likelihood(peers_point, dated, trans=COVARIATES, life=COVARIATES).sum()

    assert total + lead == pytest.approx(-5762.274, abs=6e-4)


def test_the_time_varying_climb_goes_beyond_the_peer_and_says_that_there_is_no_peak(dated):
    fit = varying.fit(dated, trans=COVARIATES, life=COVARIATES)

    assert fit.log_likelihood == pytest.approx(-5752.623, abs=6e-4)
    assert "leaving: High.Season" in fit.status
    assert not fit.converged
    assert fit.parameters.coefficients[1][0] < -5


def test_season_on_buying_alone_has_a_peak_and_predicts_the_year_after(dated, observed):
    fit = varying.fit(dated, trans=COVARIATES, life=COVARIATES[1:])
    scores = varying.score(fit, dated, weeks=52.0, trans=COVARIATES, life=COVARIATES[1:])

    assert fit.status == "converged"
    assert fit.log_likelihood == pytest.approx(-5753.326, abs=6e-4)
    assert observed[3].sum() == 389
    assert scores.expected_purchases.sum() == pytest.approx(401.8, abs=0.1)
    without = pareto_nbd.score(pareto_nbd.fit(observed[0]), observed[0], weeks=52.0).expected_purchases
    assert without.sum() == pytest.approx(438.0, abs=0.1)
    off, off_without = np.abs(scores.expected_purchases - observed[3]), np.abs(without - observed[3])
    assert off.mean() == pytest.approx(0.626, abs=1e-3)
    assert off_without.mean() == pytest.approx(0.658, abs=1e-3)
