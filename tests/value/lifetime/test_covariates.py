"""Covariates that hold for life: what they do to the plain models, and what is refused."""

import numpy as np
import pytest

from eigenform.value.lifetime import Summary
from eigenform.value.lifetime import bg_nbd as plain_bg
from eigenform.value.lifetime import pareto_nbd as plain_pareto
from eigenform.value.lifetime.covariates import ImpossibleCovariates, Rows, bg_nbd, pareto_nbd

PARETO = pareto_nbd.parameters(r=0.8, alpha_weeks=8.0, s=0.7, beta_weeks=12.0, trans=[0.5, -0.4], life=[0.6, 0.3])
BG = bg_nbd.parameters(r=0.8, alpha_weeks=8.0, a=0.9, b=3.0, trans=[0.5, -0.4], life=[[0.6, 0.3]])


def rows(n, rng):
    return Rows(("member", "distance"), np.stack([rng.integers(0, 2, n), rng.normal(2.0, 1.5, n)], axis=1))


def simulated_pareto(n, seed):
    rng = np.random.default_rng(seed)
    facts, age_weeks = rows(n, rng), rng.uniform(20, 120, n)
    faster, sooner = facts.values @ PARETO.coefficients[0], facts.values @ PARETO.coefficients[1]
    rate = rng.gamma(0.8, 1 / 8.0, n) * np.exp(faster)
    left_week = rng.exponential(size=n) / (rng.gamma(0.7, 1 / 12.0, n) * np.exp(sooner))
    until = np.minimum(left_week, age_weeks)
    repeats = rng.poisson(rate * until).astype(float)
    last_week = np.where(repeats > 0, until * rng.uniform(size=n) ** (1 / np.maximum(repeats, 1)), 0.0)
    return Summary(repeats, last_week, age_weeks), facts, left_week > age_weeks, rate


def simulated_bg(n, seed):
    rng = np.random.default_rng(seed)
    facts, age_weeks = rows(n, rng), rng.uniform(20, 120, n)
    effect = facts.values @ BG.coefficients[1]
    histories = [
        plain_bg.simulate(
            plain_bg.Parameters(0.8, 8.0 * np.exp(-faster), 0.9 * np.exp(d / 2), 3.0 * np.exp(-d / 2)), [age], rng
        ).summary
        for faster, d, age in zip(facts.values @ BG.coefficients[0], effect, age_weeks, strict=True)
    ]
    columns = [[getattr(one, name)[0] for one in histories] for name in ("repeats", "last_week", "age_weeks")]
    return Summary(*columns), facts


@pytest.mark.parametrize(
    ("model", "p", "plain", "base"),
    [
        (pareto_nbd, PARETO, plain_pareto, lambda t, d: (0.8, 8.0 * np.exp(-t), 0.7, 12.0 * np.exp(-d))),
        (bg_nbd, BG, plain_bg, lambda t, d: (0.8, 8.0 * np.exp(-t), 0.9 * np.exp(d / 2), 3.0 * np.exp(-d / 2))),
    ],
    ids=["Pareto/NBD", "BG/NBD"],
)
def test_each_customer_is_the_plain_model_at_parameters_of_their_own(model, p, plain, base):
    history = Summary([0, 3, 12], [0, 20.5, 50], [40, 40, 60])
    facts = Rows(("member", "distance"), [[0, 1.0], [1, 2.5], [1, 0.0]])
    kinds = {"trans": facts, "life": facts}
    for i in range(3):
        one = history.rows(np.arange(3) == i)
        own = plain.Parameters(*base(facts.values[i] @ p.coefficients[0], facts.values[i] @ p.coefficients[1]))
        got = [
            model.log_likelihood(p, history, **kinds)[i],
            model.probability_alive(p, history, **kinds)[i],
            model.expected_purchases(p, history, 26.0, **kinds)[i],
        ]
        want = [
            plain.log_likelihood(own, one)[0],
            plain.probability_alive(own, one)[0],
            plain.expected_purchases(own, one, 26.0)[0],
        ]
        np.testing.assert_allclose(got, want, rtol=1e-9)
        scores = model.score(p, history, weeks=26.0, **kinds)
        np.testing.assert_allclose([scores.p_alive[i], scores.expected_purchases[i]], want[1:], rtol=1e-9)


@pytest.mark.parametrize("model", [pareto_nbd, bg_nbd])
def test_slopes_are_those_of_the_likelihood(model):
    rng = np.random.default_rng(3)
    history = Summary([0, 1, 5, 300], [0, 2.0, 30.0, 51.0], [40.0, 2.0, 80.0, 52.0])
    theta = np.repeat(np.log([[0.7], [9.0], [0.9], [4.0]]), 4, axis=1)
    theta[[1, 3] if model is pareto_nbd else [1, 2, 3]] += rng.normal(0, 0.5, 4)
    likelihood = model.per_history(history)
    _, slopes = likelihood(theta)
    for parameter in range(4):
        step = np.zeros((4, 1))
        step[parameter] = 1e-5
        numeric = (likelihood(theta + step)[0] - likelihood(theta - step)[0]) / 2e-5
        np.testing.assert_allclose(slopes[parameter], numeric, atol=1e-6)


def test_the_pareto_fit_finds_what_made_the_customers():
    summary, facts, alive, _ = simulated_pareto(8000, seed=1)

    fit = pareto_nbd.fit(summary, trans=facts, life=facts)

    assert fit.status == "converged"
    off = (fit.log_parameters - PARETO.vector) / np.sqrt(np.diag(fit.log_covariance))
    assert np.abs(off).max() < 3.0
    assert (np.sqrt(np.diag(fit.log_covariance))[4:] < 0.12).all()
    p_alive = pareto_nbd.probability_alive(fit.parameters, summary, trans=facts, life=facts)
    for group in (facts.values[:, 0] == 0, facts.values[:, 0] == 1, facts.values[:, 1] > 3):
        assert p_alive[group].mean() == pytest.approx(alive[group].mean(), abs=0.03)


def test_the_bg_fit_finds_what_made_the_customers():
    summary, facts = simulated_bg(2500, seed=5)

    fit = bg_nbd.fit(summary, trans=facts, life=facts)

    assert fit.status == "converged"
    off = (fit.log_parameters - BG.vector) / np.sqrt(np.diag(fit.log_covariance))
    assert np.abs(off).max() < 3.0
    assert (np.sqrt(np.diag(fit.log_covariance))[4:] < 0.2).all()


def test_other_units_of_a_covariate_give_the_same_fit():
    summary, facts, _, _ = simulated_pareto(1500, seed=2)
    metres = Rows(facts.names, facts.values * [1.0, 1000.0] + [0.0, 5000.0])

    near, far = (pareto_nbd.fit(summary, trans=given, life=given) for given in (facts, metres))

    assert far.log_likelihood == pytest.approx(near.log_likelihood, abs=1e-5)
    for mine, other in zip(near.parameters.coefficients, far.parameters.coefficients, strict=True):
        np.testing.assert_allclose(other * [1.0, 1000.0], mine, atol=1e-3)
    np.testing.assert_allclose(far.standard_errors[4:] * [1, 1000, 1, 1000], near.standard_errors[4:], rtol=1e-3)


def test_equal_customers_are_counted_once_with_their_weight():
    summary, facts, _, _ = simulated_pareto(400, seed=5)
    member = Rows(("member",), facts.values[:, :1])
    twice = Summary(summary.repeats, summary.last_week, summary.age_weeks, weight=np.full(400, 2.0))

    once, weighted = pareto_nbd.fit(summary, trans=member), pareto_nbd.fit(twice, trans=member)

    assert weighted.customers == 800
    assert weighted.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-9)
    np.testing.assert_allclose(weighted.log_covariance * 2, once.log_covariance, rtol=1e-2)


def test_draws_spread_as_the_standard_errors_say():
    summary, facts, _, _ = simulated_pareto(1500, seed=2)
    fit = pareto_nbd.fit(summary, trans=facts)

    drawn = np.array([p.vector for p in fit.draw(draws=4000, rng=np.random.default_rng(0))])

    np.testing.assert_allclose(drawn.mean(axis=0), fit.log_parameters, atol=1e-12)
    np.testing.assert_allclose(np.cov(drawn.T), fit.log_covariance, atol=0.1 * np.diag(fit.log_covariance).max())


@pytest.mark.parametrize("model", [pareto_nbd, bg_nbd])
def test_intervals_are_those_of_each_kind_of_customer(model):
    summary, facts, _, _ = simulated_pareto(800, seed=8)
    member = Rows(("member",), facts.values[:, :1])
    fit = model.fit(summary, trans=member)
    plain = {pareto_nbd: plain_pareto, bg_nbd: plain_bg}[model]

    told = model.predict(fit, summary, weeks=26.0, draws=1, rng=np.random.default_rng(0), trans=member)

    base, (buying, _) = fit.parameters.base, fit.parameters.coefficients
    for i in (0, 1, 17, int(np.argmax(summary.repeats))):
        own = plain.Parameters(base[0], base[1] * np.exp(-member.values[i, 0] * buying[0]), *base[2:])
        one = summary.rows(np.arange(800) == i)
        alive = plain.probability_alive(own, one)
        below = np.cumsum(alive * plain.count_mass(own, one.repeats, one.age_weeks, 26.0, 400)) + 1.0 - alive
        assert (told.low[i], told.high[i]) == (np.argmax(below >= 0.1), np.argmax(below >= 0.9))


def test_twenty_customers_get_a_wide_answer_from_the_weak_prior():
    summary, facts, _, _ = simulated_pareto(20, seed=6)

    fit = pareto_nbd.fit(summary, trans=facts, life=facts, prior=pareto_nbd.weak_prior(4))

    assert fit.status == "converged"
    assert (np.sqrt(np.diag(fit.log_covariance))[6:] > 0.25).all()


HISTORY = Summary([0, 2, 5], [0, 10, 20], [30, 30, 30])


@pytest.mark.parametrize(
    ("names", "values", "said", "row"),
    [
        (("member",), [0, np.nan, 1], "member is nan; fill it in", 1),
        (("member", "distance"), [[0, 1], [1, 2], [1, np.inf]], "distance is inf", 2),
        (("member",), [0, 1], "2 rows of buying covariates for 3 customers", None),
        (("member",), [1, 1, 1], "member is the same for everybody", None),
        (("member", "guest"), [[0, 1], [1, 0], [0, 1]], "guest follows exactly from member", None),
        (("member", "member"), [[0, 1], [1, 0], [0, 0]], "a name occurs twice", None),
        (("member",), [[0, 1], [1, 0], [0, 0]], "shape (3, 2) for 1 names", None),
    ],
)
@pytest.mark.parametrize("model", [pareto_nbd, bg_nbd])
def test_covariates_that_teach_nothing_are_refused(model, names, values, said, row):
    with pytest.raises(ImpossibleCovariates) as refused:
        model.fit(HISTORY, trans=Rows(names, np.array(values, float)))

    assert said in str(refused.value)
    assert refused.value.row == row


def test_a_covariate_that_decides_everything_is_said_not_to_be_pinned_down():
    """Only members ever came back: the effect of membership runs to infinity."""
    summary = simulated_pareto(300, seed=7)[0]
    member = Rows(("member",), (summary.repeats > 0).astype(float))

    fit = pareto_nbd.fit(summary, trans=member)

    assert not fit.converged
    assert np.isnan(fit.standard_errors).all()


def test_coefficients_and_covariates_must_be_as_many():
    facts = Rows(("member",), [0, 1, 1])

    with pytest.raises(ImpossibleCovariates, match="2 coefficients of buying for 1 covariates"):
        pareto_nbd.log_likelihood(PARETO, HISTORY, trans=facts, life=facts)
