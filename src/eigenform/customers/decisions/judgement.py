"""What a judgement of worth is made from, and what it says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eigenform.customers.decisions.report import WorthReport
from eigenform.customers.decisions.slipping import Slipping
from eigenform.value.lifetime import worth as engine


@dataclass(frozen=True, slots=True, eq=False)
class Purchases:
    """What is known of each customer's purchases, arrays of shape (n,); amounts in minor units."""

    subject: NDArray[np.str_]
    repeats: NDArray[np.float64]
    last_week: NDArray[np.float64]
    age_weeks: NDArray[np.float64]
    mean_spend_minor: NDArray[np.float64]
    whole: NDArray[np.bool_]  # False where the source declares sampled histories


@dataclass(frozen=True, slots=True, eq=False)
class WorthJudgement:
    """Worth per customer with its interval, or the reason why it cannot be told."""

    subject: NDArray[np.str_]
    purchase_days: NDArray[np.int64]  # how many each customer's worth rests on
    worth: engine.Worth | None
    model_version: str
    reason: str = ""
    decides: str = ""
    warnings: tuple[str, ...] = ()
    slipping: Slipping | None = None
    report: WorthReport | None = None
