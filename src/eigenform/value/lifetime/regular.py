"""MBG/CNBD-k: customers who buy in a rhythm, as firms that reorder do.

Between two purchases k arrivals of a Poisson process pass, whose rate is drawn from Gamma(r, alpha): the larger k, the
more regular the rhythm (one customer's intervals vary by 1 / sqrt(k) of their mean). After every purchase, the first
included, the customer leaves with a probability of their own, from Beta(a, b). With k = 1 it is MBG/NBD.

A silence that is nothing for somebody who buys at random is a sign of leaving for somebody with a rhythm: that is what
k buys. It is chosen by the likelihood, for which the sum of the logarithms of the intervals must be known.

Source: Reutterer, Platzer and Schroeder (2020), Leveraging Purchase Regularity for Predicting Customer Behavior the
Easy Way, International Journal of Research in Marketing 38(1) 194-215. Their conditional expectation is an
approximation; ours is exact (module `made`). Formulas: docs/algorithms/regular-buying.md.
"""

from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray, dot
from eigenform.value.lifetime.cells import Cells, collapse, thinned
from eigenform.value.lifetime.counted import Counted, counted
from eigenform.value.lifetime.estimation import Prior, maximise
from eigenform.value.lifetime.fitted import Fitted, fitted, settled
from eigenform.value.lifetime.made import expected_made, made_mass
from eigenform.value.lifetime.mbg_nbd import WEAK_PRIOR
from eigenform.value.lifetime.regular_likelihood import NAMES, Parameters, objective, rhythm_log, shared_log, two_logs
from eigenform.value.lifetime.scores import Scores
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

__all__ = [
    "NAMES",
    "WEAK_PRIOR",
    "Fit",
    "Parameters",
    "Simulated",
    "count_mass",
    "expected_new",
    "expected_purchases",
    "fit",
    "log_intervals",
    "log_likelihood",
    "objective",
    "predict",
    "probability_alive",
    "score",
    "simulate",
]

EVERY_MAX: Final = 12
_START: Final = (0.5, 0.8, 2.5)


@dataclass(frozen=True, eq=False)
class Fit(Fitted[Parameters]):
    """What Fitted says, with the rhythm.

    log_likelihood_by_every  of each k that was tried, in order from 1; empty if k was given
    """

    log_likelihood_by_every: tuple[float, ...] = field(default=())

    def at(self, log_parameters: FloatArray) -> Parameters:
        """Return the parameters that belong to logarithms of shape (4,), with the same rhythm."""
        r, alpha_weeks, a, b = map(float, np.exp(log_parameters))
        return Parameters(r, alpha_weeks, a, b, self.parameters.every)


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Customers whose truth is known, and every repeat purchase of theirs.

    summary             what an observer would know, n rows
    log_intervals       sum of the logarithms of each customer's intervals in weeks, shape (n,)
    customer, week      one entry per repeat purchase: whose, and weeks after that customer's first
    arrivals_per_week   each customer's true rate of arrivals while alive, shape (n,)
    leave_probability   each customer's true probability to leave after a purchase, shape (n,)
    alive               whether still a customer at age_weeks, shape (n,)
    """

    summary: Summary
    log_intervals: FloatArray
    customer: IntArray
    week: FloatArray
    arrivals_per_week: FloatArray
    leave_probability: FloatArray
    alive: BoolArray


def log_intervals(customer: IntArray, week: FloatArray, *, customers: int) -> FloatArray:
    """Return the sum of the logarithms of each customer's intervals between purchases, shape (customers,).

    customer, week  one entry per repeat purchase: whose, and weeks after that customer's first

    Raises ImpossibleHistory, naming the customer, for two purchases at one moment: they are one purchase.
    """
    order = np.lexsort((week, customer))
    who, when = np.asarray(customer)[order], np.asarray(week, float)[order]
    new = np.append(True, who[1:] != who[:-1])
    interval = np.where(new, when, np.diff(when, prepend=0.0))
    bad = ~(np.isfinite(interval) & (interval > 0))
    if bad.any():
        raise ImpossibleHistory(reason="two purchases at one moment are one purchase", row=int(who[np.argmax(bad)]))
    return np.bincount(who, weights=np.log(interval), minlength=customers).astype(float)


def fit(
    summary: Summary | Cells,
    *,
    log_intervals: FloatArray | None = None,
    every: int | None = None,
    prior: Prior | None = None,
) -> Fit:
    """Fit the four parameters, and the rhythm k where it is not given, by maximum likelihood or to the posterior mode.

    log_intervals  sum of the logarithms of each customer's intervals, shape (n,); only needed to choose k, and then
                   part of log_likelihood. Without it likelihoods of different k must not be compared
    every          k; None tries 1, 2 … 12 until the likelihood falls

    Raises ImpossibleHistory if neither is given, or log_intervals does not fit the summary.
    """
    cells = collapse(summary)
    total = _per_cell(log_intervals, summary, cells)
    if every is not None:
        return _fit_every(cells, every, total, prior)
    if total is None:
        raise ImpossibleHistory(reason="to choose the rhythm, the intervals must be known: give log_intervals or every")
    tried = [_fit_every(cells, 1, total, prior)]
    while len(tried) < EVERY_MAX:
        tried.append(_fit_every(cells, len(tried) + 1, total, prior))
        if tried[-1].log_likelihood <= tried[-2].log_likelihood:
            break
    best = max(tried, key=lambda one: one.log_likelihood)
    return Fit(**{**vars(best), "log_likelihood_by_every": tuple(one.log_likelihood for one in tried)})


def log_likelihood(p: Parameters, summary: Summary, *, log_intervals: FloatArray | None = None) -> FloatArray:
    """Return the log-likelihood of each customer's history, shape (n,).

    Without log_intervals the factor that depends on k and on where the purchases lay is left out: a constant for one k.
    """
    stayed, gone, _ = two_logs(p, summary)
    value = shared_log(p, summary.repeats) + np.logaddexp(stayed, gone)
    return value if log_intervals is None else value + rhythm_log(p.every, summary.repeats, log_intervals)


def probability_alive(p: Parameters, summary: Summary) -> FloatArray:
    """Return the probability that each customer is still a customer, shape (n,)."""
    stayed, gone, _ = two_logs(p, summary)
    return np.asarray(np.exp(-np.logaddexp(0.0, gone - stayed)), float)


def expected_purchases(p: Parameters, summary: Summary, horizon_weeks: float) -> FloatArray:
    """Return the expected number of purchases in the next horizon_weeks, shape (n,).

    How many of the k arrivals before the next purchase have passed is unknown: the mean goes over all of them.
    """
    return score(p, summary, weeks=horizon_weeks).expected_purchases


def score(model: Fit | Parameters, summary: Summary | Cells, *, weeks: float = 52.0) -> Scores:
    """Return P(alive) and the expected purchases within weeks for every customer, arrays of shape (n,).

    Raises NotConverged for a fit that found no peak.
    """
    p, cells = settled(model), collapse(summary)
    if not (np.isfinite(weeks) and weeks >= 0):
        raise ImpossibleHistory(reason=f"the horizon is {weeks} weeks; it must be 0 or more")
    alive = probability_alive(p, cells.summary)
    _, _, terms = two_logs(p, cells.summary)
    share = weeks / (p.alpha_weeks + cells.age.weeks + weeks)
    x, made = cells.age.repeats, np.zeros(len(cells))
    for seen, weight in enumerate(terms / terms.sum(axis=0)):
        by_entry = _made(p, p.r + p.every * x + seen, share, p.b + x + 1.0, seen)
        made += weight * by_entry[cells.age.of]
    return Scores(alive[cells.of], (alive * made)[cells.of])


def count_mass(p: Parameters, summary: Summary, horizon_weeks: float, counts: int) -> FloatArray:
    """Return the probabilities of 0, 1 … counts - 1 purchases in the horizon, of customers known to be alive.

    The result has shape (n, counts), and what a row lacks to 1 lies beyond.
    """
    _, _, terms = two_logs(p, summary)
    share = horizon_weeks / (p.alpha_weeks + summary.age_weeks + horizon_weeks)
    x, mass = summary.repeats, np.zeros((len(summary), counts))
    for seen, weight in enumerate(terms / terms.sum(axis=0)):
        mass += weight[:, None] * made_mass(
            shape=p.r + p.every * x + seen,
            share=share,
            leave_a=np.full(len(x), p.a),
            leave_b=p.b + x + 1.0,
            counts=counts,
            per_purchase=p.every,
            seen=seen,
        )
    return mass


def predict(
    model: Fit, summary: Summary | Cells, *, weeks: float = 52.0, draws: int = 200, rng: np.random.Generator
) -> Counted:
    """Return P(alive) and the purchases within weeks with 80 % predictive intervals, arrays of shape (n,)."""
    cells = collapse(summary)
    given = cells.summary
    found = counted(
        model,
        score(model, given, weeks=weeks),
        alive=lambda p: probability_alive(p, given),
        mass_if_alive=lambda p, rows, counts: count_mass(p, _some(given, rows), weeks, counts),
        draws=draws,
        rng=rng,
    )
    return Counted(*(getattr(found, part.name)[cells.of] for part in fields(found)))


def expected_new(p: Parameters, weeks: float | FloatArray) -> FloatArray:
    """Return the expected repeat purchases of somebody who buys for the first time now, in the shape of weeks."""
    ages = np.asarray(weeks, float)
    share, nobody = (ages / (p.alpha_weeks + ages)).ravel(), np.zeros(ages.size)
    made = _made(p, nobody + p.r, share, nobody + p.b + 1.0, 0)
    return np.asarray(p.b / (p.a + p.b) * made.reshape(ages.shape))[()]


def simulate(p: Parameters, age_weeks: FloatArray, rng: np.random.Generator) -> Simulated:
    """Simulate customers of given ages from the model itself, shape (n,), with their truth."""
    ages = np.asarray(age_weeks, float)
    n = len(ages)
    rate, leaves = rng.gamma(p.r, 1.0 / p.alpha_weeks, n), rng.beta(p.a, p.b, n)
    now, alive, rows = np.zeros(n), np.ones(n, dtype=bool), np.arange(n)
    who, when = [], []
    while len(rows):
        stays = rng.random(len(rows)) >= leaves[rows]
        alive[rows[~stays]] = False
        rows = rows[stays]
        with np.errstate(divide="ignore"):
            now[rows] += rng.gamma(p.every, 1.0, len(rows)) / rate[rows]
        rows = rows[now[rows] <= ages[rows]]
        who.append(rows)
        when.append(now[rows])
    customer, week = np.concatenate(who), np.concatenate(when)
    repeats, last = np.bincount(customer, minlength=n), np.zeros(n)
    np.maximum.at(last, customer, week)
    summary = Summary(repeats.astype(float), last, ages)
    return Simulated(
        summary, log_intervals(customer, week, customers=n), customer.astype(np.int64), week, rate, leaves, alive
    )


def _fit_every(cells: Cells, every: int, total: FloatArray | None, prior: Prior | None) -> Fit:
    r, a, b = _START
    Parameters(r, 1.0, a, b, every)  # refuses a rhythm that is none
    whole, some = objective(cells, every), thinned(cells)
    weeks, purchases = (
        dot(cells.summary.weights, column) for column in (cells.summary.age_weeks, cells.summary.repeats)
    )
    alpha_weeks = float(np.clip(r * weeks / (every * purchases), 1e-3, 1e4)) if weeks > 0 and purchases > 0 else 10.0
    optimum = maximise(
        whole,
        (r, alpha_weeks, a, b),
        names=NAMES,
        prior=prior,
        sample=None if some is cells else objective(some, every),
    )

    def make(r: float, alpha_weeks: float, a: float, b: float) -> Parameters:
        return Parameters(r, alpha_weeks, a, b, every)

    found = vars(fitted(optimum, make, whole, names=NAMES, customers=cells.summary.customers))
    if total is not None:
        found["log_likelihood"] += dot(cells.summary.weights, rhythm_log(every, cells.summary.repeats, total))
    return Fit(**found)


def _per_cell(given: FloatArray | None, summary: Summary | Cells, cells: Cells) -> FloatArray | None:
    """Return the mean of the sums of log intervals in each cell, shape (cells,)."""
    if given is None:
        return None
    sums, weight = np.asarray(given, float), np.ones(len(cells.of)) if isinstance(summary, Cells) else summary.weights
    if sums.shape != cells.of.shape:
        raise ImpossibleHistory(reason=f"log_intervals has shape {sums.shape}, there are {len(cells.of)} customers")
    repeats = cells.summary.repeats[cells.of]
    bad = ~np.isfinite(sums) | ((repeats == 0) & (sums != 0))
    if bad.any():
        raise ImpossibleHistory(reason="log_intervals is not a number, or without purchases", row=int(np.argmax(bad)))
    total = np.bincount(cells.of, weights=sums * weight, minlength=len(cells))
    return np.asarray(total / np.maximum(cells.summary.weights, 1e-300), float)


def _made(p: Parameters, shape: FloatArray, share: FloatArray, leave_b: FloatArray, seen: int) -> FloatArray:
    leave_a = np.full(len(shape), p.a)
    return expected_made(shape=shape, share=share, leave_a=leave_a, leave_b=leave_b, per_purchase=p.every, seen=seen)


def _some(summary: Summary, rows: IntArray) -> Summary:
    return Summary(summary.repeats[rows], summary.last_week[rows], summary.age_weeks[rows])
