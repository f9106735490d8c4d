"""How covariates shift the parameters of a count model.

Each base parameter of customer i is exp(log base + share * covariates_i . coefficients). The climb goes over the
logarithms of the base parameters and over the coefficients of standardised covariates; both are then put back into the
covariates' own units, which is a linear map, so that covariances follow exactly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eigenform.value.arrays import FloatArray, dot
from eigenform.value.lifetime.covariates.rows import ImpossibleCovariates, Rows, Scale, scale
from eigenform.value.lifetime.estimation import Objective, Optimum, Prior
from eigenform.value.lifetime.fitted import Fitted

# log-parameters of m histories, shape (4, m) -> log-likelihoods (m,) and their slopes, shape (4, m)
PerHistory = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True)
class Shift:
    """Which base parameters a block of covariates shifts: (position, by how much of covariates . coefficients)."""

    moves: tuple[tuple[int, float], ...]
    label: str


@dataclass(frozen=True, eq=False)
class Parameters:
    """Base parameters and coefficients.

    names         of the base parameters
    base          of a customer all of whose covariates are 0, shape (4,), positive
    coefficients  one array per process, in the model's order; exp(coefficient) is the factor by which one unit more
                  of the covariate multiplies the rate
    """

    names: tuple[str, ...]
    base: FloatArray
    coefficients: tuple[FloatArray, ...]

    def __post_init__(self) -> None:
        base = np.asarray(self.base, float)
        coefficients = tuple(np.atleast_1d(np.asarray(block, float)) for block in self.coefficients)
        object.__setattr__(self, "base", base)
        object.__setattr__(self, "coefficients", coefficients)
        if base.shape != (len(self.names),) or not (np.isfinite(base).all() and (base > 0).all()):
            raise ImpossibleCovariates(reason=f"base parameters must be positive and finite, not {base}")
        if not all(np.isfinite(block).all() for block in coefficients):
            raise ImpossibleCovariates(reason="coefficients must be finite")

    @property
    def vector(self) -> FloatArray:
        """Logarithms of the base parameters, then the coefficients."""
        return np.concatenate([np.log(self.base), *self.coefficients])

    def like(self, vector: FloatArray) -> "Parameters":
        """Return parameters with the same names and shapes from a vector."""
        ends = np.cumsum([len(self.base), *(len(block) for block in self.coefficients)])
        base, *blocks = np.split(vector, ends[:-1])
        return Parameters(self.names, np.exp(base), tuple(blocks))


@dataclass(frozen=True, eq=False)
class Fit(Fitted[Parameters]):
    """A fit with covariates: what Fitted says, with coefficients where it says logarithms.

    names            base parameters, then "process: covariate"
    log_covariance   of the logarithms of the base parameters and of the coefficients as they are
    standard_errors  of the base parameters and of the coefficients, both in their own units
    """

    @property
    def log_parameters(self) -> FloatArray:
        """Logarithms of the base parameters, then the coefficients, shape (k,)."""
        return self.parameters.vector

    def at(self, log_parameters: FloatArray) -> Parameters:
        """Return the parameters that belong to such a vector."""
        return self.parameters.like(log_parameters)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Which covariates shift what, standardised, and the way back to their own units."""

    shifts: tuple[Shift, ...]
    blocks: tuple[Rows, ...]
    scales: tuple[Scale, ...]
    names: tuple[str, ...]

    @property
    def all_names(self) -> tuple[str, ...]:
        """The base parameters' names, then "process: covariate"."""
        labelled = [
            f"{shift.label}: {name}"
            for shift, rows in zip(self.shifts, self.blocks, strict=True)
            for name in rows.names
        ]
        return (*self.names, *labelled)

    def back(self) -> FloatArray:
        """Return the matrix from the climb's vector to the parameters' vector, shape (k, k)."""
        widths = [len(block.names) for block in self.blocks]
        matrix = np.eye(len(self.names) + sum(widths))
        begin = len(self.names)
        for shift, scaled, width in zip(self.shifts, self.scales, widths, strict=True):
            columns = range(begin, begin + width)
            matrix[columns, columns] = 1.0 / scaled.spread
            for parameter, by in shift.moves:
                matrix[parameter, columns] = -by * scaled.mean / scaled.spread
            begin += width
        return matrix


def plan(names: tuple[str, ...], shifts: Sequence[Shift], blocks: Sequence[Rows], weight: FloatArray) -> Plan:
    """Return the plan of a climb.

    Raises ImpossibleCovariates for covariates from which nothing can be learnt.
    """
    scales = tuple(scale(rows.names, rows.values, weight) for rows in blocks)
    return Plan(tuple(shifts), tuple(blocks), scales, names)


def objective(per_history: PerHistory, chosen: Plan, weight: FloatArray) -> Objective:
    """Return the weighted log-likelihood and its gradient as a function of the climb's vector."""
    size = len(chosen.names)
    standard = [scaled.of(rows.values) for scaled, rows in zip(chosen.scales, chosen.blocks, strict=True)]

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        log_parameters = np.repeat(theta[:size, None], len(weight), axis=1)
        begin = size
        for shift, values in zip(chosen.shifts, standard, strict=True):
            effect = np.einsum("ij,j->i", values, theta[begin : begin + values.shape[1]])
            for parameter, by in shift.moves:
                log_parameters[parameter] += by * effect
            begin += values.shape[1]
        value, slopes = per_history(log_parameters)
        slopes = slopes * weight
        shifted = [
            np.einsum("i,ij->j", sum(by * slopes[parameter] for parameter, by in shift.moves), values)
            for shift, values in zip(chosen.shifts, standard, strict=True)
        ]
        return dot(value, weight), np.concatenate([slopes.sum(axis=1), *shifted])

    return value_and_gradient


def weak_prior(base: Prior, coefficients: int) -> Prior:
    """Return a prior on the base parameters with one on coefficients: a standard deviation more of a covariate
    multiplies a rate by 2 or a half, or hardly at all.
    """
    return Prior((*base.medians, *(1.0,) * coefficients), (*base.log_sds, *(np.log(2.0),) * coefficients))


def fit_of(
    optimum: Optimum, like: Parameters, names: tuple[str, ...], *, log_likelihood: float, customers: float
) -> Fit:
    """Return the fit at an optimum in the parameters' own units."""
    parameters = like.like(optimum.log_parameters)
    units = np.concatenate([parameters.base, *(np.ones(len(block)) for block in parameters.coefficients)])
    return Fit(
        parameters=parameters,
        names=names,
        log_covariance=optimum.log_covariance,
        standard_errors=units * np.sqrt(np.diag(optimum.log_covariance)),
        log_likelihood=log_likelihood,
        customers=customers,
        status=optimum.status,
    )
