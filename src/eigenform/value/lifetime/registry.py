"""The purchase-count models by name: those that can be predicted with, held out and compared."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol

from eigenform.value.lifetime import bg_nbd, mbg_nbd, pareto_nbd
from eigenform.value.lifetime.ahead import CountModel
from eigenform.value.lifetime.cells import Cells
from eigenform.value.lifetime.estimation import Prior
from eigenform.value.lifetime.fitted import Fitted
from eigenform.value.lifetime.summary import Summary


class FittedModel(CountModel, Protocol):
    """A count model that can be fitted, by maximum likelihood or with a prior."""

    @property
    def WEAK_PRIOR(self) -> Prior: ...  # noqa: N802 - the modules' own name
    def fit(self, summary: Summary | Cells, *, prior: Prior | None = None) -> Fitted[Any]: ...


COUNT_MODELS: Final[Mapping[str, FittedModel]] = MappingProxyType(
    {"bg-nbd": bg_nbd, "mbg-nbd": mbg_nbd, "pareto-nbd": pareto_nbd}
)
