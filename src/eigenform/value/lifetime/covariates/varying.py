"""Pareto/NBD with covariates that change with time: season, price, promotion.

While a customer, they buy at rate exp(g'x(t)) times a rate of their own from Gamma(r, alpha), and leave at rate
exp(d'z(t)) times one from Gamma(s, beta), where x(t) and z(t) are what the calendar says. Its numbers speak of a world
in which the calendar is not changed because of what customers do: a promotion given to those about to leave is not one.

Source: Bachmann, Meierer and Naef (2021), The Role of Time-Varying Contextual Factors in Latent Attrition Models for
Customer Base Analysis, Marketing Science 40(4) 783-809. Formulas: docs/algorithms/time-varying-covariates.md.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Final

import numpy as np
from scipy.special import gammaln

from eigenform.value.arrays import FloatArray, IntArray
from eigenform.value.lifetime import pareto_nbd as without
from eigenform.value.lifetime.counted import Counted, counted
from eigenform.value.lifetime.covariates import effects
from eigenform.value.lifetime.covariates.climb import climb
from eigenform.value.lifetime.covariates.effects import Fit, Parameters, Plan, Shift, fit_of, plan
from eigenform.value.lifetime.covariates.future import mass_of_buying, weeks_of_buying
from eigenform.value.lifetime.covariates.grid import grids
from eigenform.value.lifetime.covariates.histories import Histories, refuse_short
from eigenform.value.lifetime.covariates.likelihood import Rates, forward, rates, slopes
from eigenform.value.lifetime.covariates.rows import ImpossibleCovariates
from eigenform.value.lifetime.estimation import Objective, Prior
from eigenform.value.lifetime.fitted import settled
from eigenform.value.lifetime.scores import Scores
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

NAMES: Final = ("r", "alpha_weeks", "s", "beta_weeks")
SHIFTS: Final = (Shift(((1, -1.0),), "buying"), Shift(((3, -1.0),), "leaving"))
_START: Final = (0.8, 10.0, 0.8, 20.0)
_SAMPLE: Final = 1_500  # histories on which a long climb starts, at least
_SAMPLE_SHARE: Final = 0.125


def parameters(
    *, r: float, alpha_weeks: float, s: float, beta_weeks: float, trans: object = (), life: object = ()
) -> Parameters:
    """Return parameters: the base's, the coefficients of buying (trans) and of leaving (life)."""
    base = np.array([r, alpha_weeks, s, beta_weeks])
    return Parameters(NAMES, base, (np.asarray(trans, float), np.asarray(life, float)))


def fit(given: Histories, *, trans: Sequence[str] = (), life: Sequence[str] = (), prior: Prior | None = None) -> Fit:
    """Fit the four base parameters and the coefficients by maximum likelihood, or with a prior to the posterior mode.

    trans, life  names of the calendar's covariates that act on buying and on leaving

    Raises ImpossibleCovariates for a covariate that never differed while somebody was watched, ImpossibleHistory
    without customers. Never falls back in silence: read status.
    """
    if len(given) == 0:
        raise ImpossibleHistory(reason="there are no customers")
    cells, _ = distinct(given)
    known = cells.calendar
    chosen = plan(NAMES, SHIFTS, (known.columns(trans), known.columns(life)), watched(cells))
    weight, x = cells.summary.weights, cells.summary.repeats
    alpha_weeks = _START[0] * float(weight @ cells.summary.age_weeks) / max(float(weight @ x), 1e-9)
    alpha_weeks = float(np.clip(alpha_weeks, 1e-3, 1e4))
    start = (_START[0], alpha_weeks, _START[2], float(np.clip(2.0 * alpha_weeks, 1.0, 1e3)))
    whole = objective(cells, chosen)
    sample = None if len(cells) <= 2 * _SAMPLE else _objective_on_sample(cells, chosen)
    back = chosen.back()
    optimum = climb(whole, start, back, chosen.all_names, prior, sample)
    like = Parameters(NAMES, np.ones(4), (np.zeros(len(trans)), np.zeros(len(life))))
    value, _ = whole(np.asarray(np.linalg.solve(back, optimum.log_parameters), float))
    return fit_of(optimum, like, chosen.all_names, log_likelihood=value, customers=given.summary.customers)


def weak_prior(coefficients: int) -> Prior:
    """Return a weak prior for small samples: of the base, and a factor of 2 or a half per standard deviation more."""
    return effects.weak_prior(without.WEAK_PRIOR, coefficients)


def log_likelihood(
    p: Parameters, given: Histories, *, trans: Sequence[str] = (), life: Sequence[str] = ()
) -> FloatArray:
    """Return the log-likelihood of each customer's history, shape (n,), with all constants."""
    at = _rates(p, given, trans, life)
    r, alpha, s, beta = p.base
    x = given.summary.repeats
    shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    lead = given.at_purchases[:, [given.calendar.names.index(name) for name in trans]] @ p.coefficients[0]
    here, seen, _, _ = _at_last(at, given)
    return shared + lead + here + np.log(seen)


def probability_alive(
    p: Parameters, given: Histories, *, trans: Sequence[str] = (), life: Sequence[str] = ()
) -> FloatArray:
    """Return the probability that each customer is still a customer, shape (n,)."""
    at = _rates(p, given, trans, life)
    here, seen, with_alpha, with_beta = _at_last(at, given)
    r, _, s, _ = p.base
    log_end = -(r + given.summary.repeats) * np.log(with_alpha) - s * np.log(with_beta)
    return np.minimum(np.exp(log_end - here) / seen, 1.0)


def expected_purchases(
    p: Parameters, given: Histories, horizon_weeks: float, *, trans: Sequence[str] = (), life: Sequence[str] = ()
) -> FloatArray:
    """Return the expected number of purchases in the next horizon_weeks, shape (n,).

    What will be in force then is what the calendar says.

    Raises ImpossibleCovariates, naming the first customer, if the calendar ends before the horizon does.
    """
    return score(p, given, weeks=horizon_weeks, trans=trans, life=life).expected_purchases


def score(
    model: Fit | Parameters,
    given: Histories,
    *,
    weeks: float = 52.0,
    trans: Sequence[str] = (),
    life: Sequence[str] = (),
) -> Scores:
    """Return P(alive) and the expected purchases within weeks for every customer, arrays of shape (n,).

    Raises as expected_purchases does.
    """
    p = settled(model)
    if not (np.isfinite(weeks) and weeks >= 0):
        raise ImpossibleHistory(reason=f"the horizon is {weeks} weeks; it must be 0 or more")
    refuse_short(given, weeks)
    at = _rates(p, given, trans, life)
    here, seen, with_alpha, with_beta = _at_last(at, given)
    r, _, s, _ = p.base
    x = given.summary.repeats
    alive = np.minimum(np.exp(-(r + x) * np.log(with_alpha) - s * np.log(with_beta) - here) / seen, 1.0)
    until = weeks_of_buying(at, given, with_beta, weeks)
    return Scores(alive, alive * (r + x) / with_alpha * until)


def count_mass(
    p: Parameters,
    given: Histories,
    horizon_weeks: float,
    counts: int,
    *,
    trans: Sequence[str] = (),
    life: Sequence[str] = (),
) -> FloatArray:
    """Return the probabilities of 0, 1 … counts - 1 purchases in the horizon, of customers known to be alive.

    The result has shape (n, counts), and what a row lacks to 1 lies beyond. Raises as expected_purchases does.
    """
    refuse_short(given, horizon_weeks)
    at = _rates(p, given, trans, life)
    with_alpha, with_beta = _at_end(at, given)
    return mass_of_buying(at, given, with_alpha, with_beta, horizon_weeks, counts)


def predict(
    model: Fit,
    given: Histories,
    *,
    weeks: float = 52.0,
    draws: int = 200,
    rng: np.random.Generator,
    trans: Sequence[str] = (),
    life: Sequence[str] = (),
) -> Counted:
    """Return P(alive) and the purchases within weeks with 80 % predictive intervals, arrays of shape (n,).

    Raises as score does.
    """
    cells, of = distinct(given)
    found = counted(
        model,
        score(model, cells, weeks=weeks, trans=trans, life=life),
        alive=lambda p: probability_alive(p, cells, trans=trans, life=life),
        mass_if_alive=lambda p, rows, counts: count_mass(p, cells.rows(rows), weeks, counts, trans=trans, life=life),
        draws=draws,
        rng=rng,
    )
    return Counted(*(getattr(found, part.name)[of] for part in fields(found)))


def distinct(given: Histories) -> tuple[Histories, IntArray]:
    """Return the distinct histories, each with the weight of all who share it, and which one each customer has.

    Their covariates at purchases are averages: only totals over all customers enter the likelihood.
    """
    summary = given.summary
    of = np.zeros(len(given), dtype=np.int64)
    for column in (given.track, given.born_week, summary.age_weeks, summary.repeats, summary.last_week):
        levels, code = np.unique(column, return_inverse=True)
        _, of = np.unique(of * len(levels) + code, return_inverse=True)
    _, member = np.unique(of, return_index=True)
    weight = np.bincount(of, weights=summary.weights).astype(float)
    x, last, age = summary.repeats[member], summary.last_week[member], summary.age_weeks[member]
    total = [np.bincount(of, weights=summary.weights * column) for column in given.at_purchases.T]
    at = np.stack(total, axis=1) / np.where(weight > 0, weight, 1.0)[:, None] if total else np.zeros((len(member), 0))
    cells = Histories(
        Summary(x, last, age, weight=weight), given.calendar, given.track[member], given.born_week[member], at
    )
    return cells, of


def objective(cells: Histories, chosen: Plan) -> Objective:
    """Return the weighted log-likelihood and its exact gradient as a function of the climb's vector."""
    known, (acts_on_buying, acts_on_leaving) = cells.calendar, chosen.blocks
    weeks = known.ends - known.begins_week
    x_buying, x_leaving = chosen.scales[0].of(acts_on_buying.values), chosen.scales[1].of(acts_on_leaving.values)
    weight, columns = cells.summary.weights, [known.names.index(name) for name in acts_on_buying.names]
    lead = weight @ cells.at_purchases[:, columns] - (weight @ cells.summary.repeats) * chosen.scales[0].mean
    lead = lead / chosen.scales[0].spread
    parts, split = grids(cells), 4 + len(acts_on_buying.names)

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        base = np.exp(theta[:4])
        buying = np.einsum("ij,j->i", x_buying, theta[4:split])  # @ would spin threads on such thin matrices
        at = rates(base, buying, np.einsum("ij,j->i", x_leaving, theta[split:]), known)
        value, by_base = float(lead @ theta[4:split]), np.zeros(4)
        by_buying, by_leaving = np.zeros(len(weeks)), np.zeros(len(weeks))
        for part in parts:
            found = slopes(at, part, weeks)
            value += found.value
            by_base += found.base
            by_buying[part.runs] += found.log_buying
            by_leaving[part.runs] += found.log_leaving
        return value, np.concatenate([by_base * base, lead + by_buying @ x_buying, by_leaving @ x_leaving])

    return value_and_gradient


def _objective_on_sample(cells: Histories, chosen: Plan) -> Objective:
    some = _thinned(cells)
    blocks = tuple(some.calendar.columns(rows.names) for rows in chosen.blocks)
    return objective(some, replace(chosen, blocks=blocks))


def _rates(p: Parameters, given: Histories, trans: Sequence[str], life: Sequence[str]) -> Rates:
    known = given.calendar
    for names, coefficients, process in zip((trans, life), p.coefficients, ("buying", "leaving"), strict=True):
        if len(names) != len(coefficients):
            raise ImpossibleCovariates(
                reason=f"{len(coefficients)} coefficients of {process} for {len(names)} covariates"
            )
    buying = known.columns(trans).values @ p.coefficients[0]
    leaving = known.columns(life).values @ p.coefficients[1]
    return rates(p.base, buying, leaving, known)


def _at_last(at: Rates, given: Histories) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return g and R at each customer's last purchase, and alpha + A and beta + B on the day of judgement."""
    here, seen = np.empty(len(given)), np.empty(len(given))
    for part in grids(given):
        done = forward(at, part)
        cells, points = part.cell
        here[cells], seen[cells] = done.log_here[points], done.seen[points]
    return here, seen, *_at_end(at, given)


def _at_end(at: Rates, given: Histories) -> tuple[FloatArray, FloatArray]:
    """Return alpha + A and beta + B of each customer on the day of judgement."""
    known, ends = given.calendar, given.born_week + given.summary.age_weeks
    run, born = known.run_at(given.track, ends), known.run_at(given.track, given.born_week)
    since, since_born = ends - known.begins_week[run], given.born_week - known.begins_week[born]
    exposure = [
        until[run] + factor[run] * since - until[born] - factor[born] * since_born
        for factor, until in ((at.buying, at.bought), (at.leaving, at.left))
    ]
    return at.alpha_weeks + exposure[0], at.beta_weeks + exposure[1]


def watched(cells: Histories) -> FloatArray:
    """Return about how many customer-weeks each run was watched for."""
    known = cells.calendar
    until = float((cells.born_week + cells.summary.age_weeks).max())
    since = float(cells.born_week.min())
    weeks = np.clip(np.minimum(known.ends, until) - np.maximum(known.begins_week, since), 0.0, None)
    customers = np.bincount(cells.track, weights=cells.summary.weights, minlength=known.tracks)
    return weeks * np.repeat(customers, np.diff(known.first))


def _thinned(cells: Histories) -> Histories:
    """Return some histories that stand for all, picked by their order alone, with their part of the calendar."""
    weight = cells.summary.weights
    least = weight.sum() / max(_SAMPLE, _SAMPLE_SHARE * len(cells))
    reached = np.floor(np.cumsum(np.minimum(weight / least, 1.0)))
    kept = np.flatnonzero(np.diff(reached, prepend=0.0) > 0)
    some = cells.rows(kept)
    s = some.summary
    heavier = Summary(s.repeats, s.last_week, s.age_weeks, weight=np.maximum(s.weights, least))
    tracks, track = np.unique(some.track, return_inverse=True)
    return Histories(heavier, cells.calendar.only(tracks), track, some.born_week, some.at_purchases)
