"""Kalman filter and smoother for linear Gaussian states, with gaps in the data and uneven steps.

Source: Durbin and Koopman (2012), Time Series Analysis by State Space Methods, chapters 2, 4 and 5.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.base.errors import Refused
from eigenform.value.arrays import FloatArray

_LOG_2PI: Final = float(np.log(2.0 * np.pi))


class ImpossibleModel(Refused):
    """A state-space model whose parts do not fit together."""

    code = "value.impossible_state_space"

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The state-space model is impossible: {reason}.")


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """x[t+1] = transition x[t] + offset + noise(state_noise);  y[t] = design x[t] + noise(reading_noise).

    transition, state_noise   (s, s), or (T, s, s) if steps differ: entry t leads from t to t + 1
    offset                    (s,) or (T, s): known actions enter here
    design                    (k, s);  reading_noise  (k, k) or (T, k, k)
    mean, covariance          of the state at the first time, before its reading, (s,) and (s, s)
    """

    transition: FloatArray
    state_noise: FloatArray
    offset: FloatArray
    design: FloatArray
    reading_noise: FloatArray
    mean: FloatArray
    covariance: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """States over T times: means (T, s) and covariances (T, s, s).

    log_likelihood  of the readings by prediction errors, each term with its constant; nan after smoothing
    innovations     standardised prediction errors (T, k), nan where nothing was read; nan after smoothing
    """

    mean: FloatArray
    covariance: FloatArray
    predicted_mean: FloatArray
    predicted_covariance: FloatArray
    innovations: FloatArray
    log_likelihood: float


def filter_states(readings: FloatArray, model: Model) -> Path:
    """Return what is known of each state from the readings up to its time.

    readings  shape (T, k); nan means not read: the update skips it, it is never taken for a zero

    Raises ImpossibleModel if an array has a shape that readings of this shape cannot have.
    """
    readings = np.asarray(readings, float)
    times, k = readings.shape
    s = len(model.mean)
    transition, state_noise, offset, reading_noise = _per_time(model, times, s, k)
    means, covariances = np.empty((times, s)), np.empty((times, s, s))
    before_means, before_covariances = np.empty((times, s)), np.empty((times, s, s))
    innovations = np.full((times, k), np.nan)
    mean, covariance, log_likelihood = np.asarray(model.mean, float), np.asarray(model.covariance, float), 0.0
    for t in range(times):
        before_means[t], before_covariances[t] = mean, covariance
        seen = np.isfinite(readings[t])
        if seen.any():
            design, noise = model.design[seen], reading_noise[t][np.ix_(seen, seen)]
            error = readings[t, seen] - design @ mean
            mean, covariance, innovations[t, seen], gained = _update(mean, covariance, error, design, noise)
            log_likelihood += gained
        means[t], covariances[t] = mean, covariance
        mean = transition[t] @ mean + offset[t]
        covariance = transition[t] @ covariance @ transition[t].T + state_noise[t]
    return Path(means, covariances, before_means, before_covariances, innovations, log_likelihood)


def smooth_states(filtered: Path, model: Model) -> Path:
    """Return what is known of each state from all readings (Rauch, Tung and Striebel).

    For charts of the past only: an alarm that used it would know the future.
    """
    times, s = filtered.mean.shape
    transition, *_ = _per_time(model, times, s, model.design.shape[0])
    means, covariances = filtered.mean.copy(), filtered.covariance.copy()
    for t in range(times - 2, -1, -1):
        later = filtered.predicted_covariance[t + 1]
        gain = np.linalg.solve(later, transition[t] @ filtered.covariance[t]).T
        means[t] += gain @ (means[t + 1] - filtered.predicted_mean[t + 1])
        covariances[t] += gain @ (covariances[t + 1] - later) @ gain.T
    unknown = np.full_like(filtered.innovations, np.nan)
    return Path(means, covariances, filtered.predicted_mean, filtered.predicted_covariance, unknown, np.nan)


def adaptation_over(share_per_step: float, steps: FloatArray) -> FloatArray:
    """Return the share by which a state adapts over uneven steps: 1 - (1 - share) ** steps."""
    return -np.expm1(np.asarray(steps, float) * np.log1p(-share_per_step))


def expectation_and_experience(
    adaptation: float,
    *,
    drift: float = 0.0,
    state_noise: FloatArray,
    reading_noise: FloatArray,
    mean: FloatArray,
    covariance: FloatArray,
) -> Model:
    """Return the two-state model of one cell: expectation E follows experience P by a share each step.

    E' = (1 - adaptation) E + adaptation P + drift + noise,  P' = P + noise; both are read with noise.
    The residual P - E has variance P_PP + P_EE - 2 P_PE: see `residual`.
    """
    return Model(
        transition=np.array([[1.0 - adaptation, adaptation], [0.0, 1.0]]),
        state_noise=state_noise,
        offset=np.array([drift, 0.0]),
        design=np.eye(2),
        reading_noise=reading_noise,
        mean=mean,
        covariance=covariance,
    )


def residual(path: Path) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of P - E over time from a two-state path, each (T,)."""
    contrast = np.array([-1.0, 1.0])
    variance = np.einsum("i,tij,j->t", contrast, path.covariance, contrast)
    return path.mean @ contrast, np.sqrt(variance)


def local_level_log_likelihood(readings: FloatArray, *, level_noise: float, reading_noise: float) -> float:
    """Return the exact diffuse log-likelihood of a random walk read with noise.

    Nothing is assumed about the first level. The first reading then only sets the level and adds the
    constant -ln(2 pi) / 2, as in Durbin and Koopman (2012), section 7.2.2; the often printed figure
    from a huge start variance without the first term differs by about that constant.
    """
    model = local_level(level_noise=level_noise, reading_noise=reading_noise, mean=0.0, variance=1.0)
    readings = np.asarray(readings, float)
    first = int(np.argmax(np.isfinite(readings)))
    started = local_level(
        level_noise=level_noise,
        reading_noise=reading_noise,
        mean=float(readings[first]),
        variance=reading_noise + float(model.state_noise[0, 0]),
    )
    return filter_states(readings[first + 1 :, None], started).log_likelihood - 0.5 * _LOG_2PI


def local_level(*, level_noise: float, reading_noise: float, mean: float, variance: float) -> Model:
    """Return the model of a single level that walks at random and is read with noise."""
    return Model(
        transition=np.eye(1),
        state_noise=np.array([[level_noise]]),
        offset=np.zeros(1),
        design=np.eye(1),
        reading_noise=np.array([[reading_noise]]),
        mean=np.array([mean]),
        covariance=np.array([[variance]]),
    )


def steady_gain(noise_ratio: float) -> float:
    """Return the Kalman gain to which a local level settles; noise_ratio = level noise / reading noise.

    Exponential smoothing is this filter with a guessed gain.
    """
    before = 0.5 * (noise_ratio + np.sqrt(noise_ratio * (noise_ratio + 4.0)))
    return float(before / (before + 1.0))


def _update(
    mean: FloatArray, covariance: FloatArray, error: FloatArray, design: FloatArray, noise: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    spread = design @ covariance @ design.T + noise
    root = np.linalg.cholesky(spread)
    standard = np.linalg.solve(root, error)
    gain = np.linalg.solve(spread, design @ covariance).T
    keep = np.eye(len(mean)) - gain @ design
    covariance = keep @ covariance @ keep.T + gain @ noise @ gain.T  # Joseph form: stays symmetric, positive
    gained = -0.5 * (len(error) * _LOG_2PI + float(standard @ standard)) - float(np.log(np.diag(root)).sum())
    return mean + gain @ error, covariance, standard, gained


def _per_time(model: Model, times: int, s: int, k: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    wanted = {"transition": (s, s), "state_noise": (s, s), "offset": (s,), "reading_noise": (k, k)}
    parts = []
    for name, shape in wanted.items():
        values = np.asarray(getattr(model, name), float)
        if values.shape not in {shape, (times, *shape)}:
            raise ImpossibleModel(reason=f"{name} has shape {values.shape}, expected {shape} or {(times, *shape)}")
        parts.append(np.broadcast_to(values, (times, *shape)))
    return parts[0], parts[1], parts[2], parts[3]
