"""Count models whose covariates hold for a customer's whole life: what Pareto/NBD and BG/NBD share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from eigenform.value.arrays import FloatArray, IntArray
from eigenform.value.lifetime.counted import Counted, counted
from eigenform.value.lifetime.covariates.climb import climb
from eigenform.value.lifetime.covariates.effects import (
    Fit,
    Parameters,
    PerHistory,
    Plan,
    Shift,
    fit_of,
    objective,
    plan,
)
from eigenform.value.lifetime.covariates.rows import ImpossibleCovariates, Rows, none, refuse_unlike
from eigenform.value.lifetime.estimation import Prior
from eigenform.value.lifetime.scores import Scores
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary


class PlainModel(Protocol):
    """A count model without covariates."""

    @property
    def Parameters(self) -> Callable[..., Any]: ...  # noqa: N802 - the module's class

    @property
    def count_mass(self) -> Callable[..., FloatArray]: ...


_SAMPLE: Final = 10_000  # histories on which a long climb starts


@dataclass(frozen=True, slots=True, eq=False)
class Distinct:
    """Distinct histories with their covariates; of says which one each customer has."""

    summary: Summary
    blocks: tuple[Rows, ...]
    of: IntArray


def distinct(summary: Summary, blocks: Sequence[Rows]) -> Distinct:
    """Return the distinct histories of n customers, each with the weight of all who share it and its covariates."""
    columns = [summary.repeats, summary.last_week, summary.age_weeks]
    columns += [column for block in blocks for column in block.values.T]
    of = np.zeros(len(summary), dtype=np.int64)
    for column in columns:
        levels, code = np.unique(column, return_inverse=True)
        _, of = np.unique(of * len(levels) + code, return_inverse=True)
    _, member = np.unique(of, return_index=True)
    x, last, age = summary.repeats[member], summary.last_week[member], summary.age_weeks[member]
    weight = np.bincount(of, weights=summary.weights).astype(float)
    kept = tuple(Rows(block.names, block.values[member]) for block in blocks)
    return Distinct(Summary(x, last, age, weight=weight), kept, of)


def both(summary: Summary, trans: Rows | None, life: Rows | None) -> tuple[Rows, Rows]:
    """Return the covariates of buying and of leaving, empty where there are none.

    Raises ImpossibleCovariates if there are not as many rows as customers.
    """
    given = tuple(none(len(summary)) if rows is None else rows for rows in (trans, life))
    for rows, process in zip(given, ("buying", "leaving"), strict=True):
        refuse_unlike(rows, len(summary), process)
    return given[0], given[1]


def fit(
    summary: Summary,
    blocks: Sequence[Rows],
    *,
    names: tuple[str, ...],
    shifts: Sequence[Shift],
    per_history: Callable[[Summary], PerHistory],
    start: Sequence[float],
    prior: Prior | None,
) -> Fit:
    """Fit base parameters and coefficients by maximum likelihood, or with a prior to the posterior mode.

    blocks       covariates of every customer, one block per shift
    per_history  log-likelihoods of given histories at their own log-parameters, with slopes
    start        of the base parameters

    Raises ImpossibleCovariates for a covariate from which nothing can be learnt, ImpossibleHistory without customers.
    """
    if len(summary) == 0:
        raise ImpossibleHistory(reason="there are no customers")
    cells = distinct(summary, blocks)
    weight = cells.summary.weights
    chosen = plan(names, shifts, cells.blocks, weight)
    whole = objective(per_history(cells.summary), chosen, weight)
    sample = None if len(weight) <= 2 * _SAMPLE else objective(*_thinned(cells, chosen, per_history))
    back = chosen.back()
    optimum = climb(whole, start, back, chosen.all_names, prior, sample)
    like = Parameters(names, np.ones(len(names)), tuple(np.zeros(len(rows.names)) for rows in blocks))
    value, _ = whole(np.asarray(np.linalg.solve(back, optimum.log_parameters), float))
    return fit_of(optimum, like, chosen.all_names, log_likelihood=value, customers=summary.customers)


def own_log_parameters(p: Parameters, shifts: Sequence[Shift], blocks: Sequence[Rows], customers: int) -> FloatArray:
    """Return the log-parameters of each customer, shape (base parameters, n)."""
    own = np.repeat(np.log(p.base)[:, None], customers, axis=1)
    if len(p.coefficients) != len(shifts):
        raise ImpossibleCovariates(
            reason=f"{len(p.coefficients)} blocks of coefficients for {len(shifts)} of covariates"
        )
    for shift, rows, coefficients in zip(shifts, blocks, p.coefficients, strict=True):
        if len(coefficients) != len(rows.names):
            raise ImpossibleCovariates(
                reason=f"{len(coefficients)} coefficients of {shift.label} for {len(rows.names)} covariates"
            )
        for parameter, by in shift.moves:
            own[parameter] += by * (rows.values @ coefficients)
    return own


def predict(
    plain: PlainModel,
    model: Fit,
    summary: Summary,
    shifts: Sequence[Shift],
    blocks: Sequence[Rows],
    *,
    scores: Scores,
    alive: Callable[[Parameters], FloatArray],
    weeks: float,
    draws: int,
    rng: np.random.Generator,
) -> Counted:
    """Return P(alive) and the purchases within weeks with 80 % predictive intervals, arrays of shape (n,).

    plain  module of the model without covariates: each kind of customer is it, at parameters of its own
    """

    def mass(p: Parameters, rows: IntArray, counts: int) -> FloatArray:
        own = np.exp(
            own_log_parameters(p, shifts, [Rows(block.names, block.values[rows]) for block in blocks], len(rows))
        )
        kinds, of = np.unique(own, axis=1, return_inverse=True)
        x, age, out = summary.repeats[rows], summary.age_weeks[rows], np.empty((len(rows), counts))
        for kind, values in enumerate(kinds.T):
            same = of.ravel() == kind
            out[same] = plain.count_mass(plain.Parameters(*map(float, values)), x[same], age[same], weeks, counts)
        return out

    return counted(model, scores, alive=alive, mass_if_alive=mass, draws=draws, rng=rng)


def refuse_horizon(horizon_weeks: float) -> None:
    """Raise ImpossibleHistory for a horizon that is not a length of time."""
    if not (np.isfinite(horizon_weeks) and horizon_weeks >= 0):
        raise ImpossibleHistory(reason=f"the horizon is {horizon_weeks} weeks; it must be 0 or more")


def _thinned(
    cells: Distinct, chosen: Plan, per_history: Callable[[Summary], PerHistory]
) -> tuple[PerHistory, Plan, FloatArray]:
    """Return about a ten-thousandth's worth of histories that stand for all, picked by their order alone."""
    weight = cells.summary.weights
    least = weight.sum() / _SAMPLE
    reached = np.floor(np.cumsum(np.minimum(weight / least, 1.0)))
    rows = np.flatnonzero(np.diff(reached, prepend=0.0) > 0)
    kept = np.zeros(len(weight), dtype=bool)
    kept[rows] = True
    blocks = tuple(Rows(block.names, block.values[rows]) for block in cells.blocks)
    some = Plan(chosen.shifts, blocks, chosen.scales, chosen.names)
    return per_history(cells.summary.rows(kept)), some, np.maximum(weight[rows], least)
