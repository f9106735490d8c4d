"""Hold several models against the same days that none of them has seen; the one whose forecasts fit best is best."""

from collections.abc import Sequence

from eigenform.analytics.lifetime.bases import Step
from eigenform.analytics.lifetime.contracts import Belief, Comparison, Source
from eigenform.analytics.lifetime.fitting import quiet
from eigenform.analytics.lifetime.models import COUNT_NAMES


def compare(
    source: Source, *, models: Sequence[str] = COUNT_NAMES, prior: Belief = "none", step: Step = quiet
) -> Comparison:
    """Fit models to the same histories and judge each on the hold-out."""
    raise NotImplementedError
