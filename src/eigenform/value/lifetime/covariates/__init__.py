"""Count models with covariates: facts that hold for a life (`pareto_nbd`, `bg_nbd`), or change in time (`varying`)."""

from eigenform.value.lifetime.covariates import bg_nbd, pareto_nbd, varying
from eigenform.value.lifetime.covariates.calendar import Calendar, calendar, with_rows
from eigenform.value.lifetime.covariates.histories import Histories, histories
from eigenform.value.lifetime.covariates.rows import ImpossibleCovariates, Rows

__all__ = [
    "Calendar",
    "Histories",
    "ImpossibleCovariates",
    "Rows",
    "bg_nbd",
    "calendar",
    "histories",
    "pareto_nbd",
    "varying",
    "with_rows",
]
