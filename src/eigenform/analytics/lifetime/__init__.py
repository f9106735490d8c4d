"""What `eigenform value` does: a purchase log in, fitted models, scores or a comparison out. No Django.

`fit`, `score` and `compare` are the doors; each takes a `Source` (where the histories come from) and answers a frozen
dataclass with `as_json`, the keys of which other programs rely on.
"""

from eigenform.analytics.lifetime.comparing import compare
from eigenform.analytics.lifetime.contracts import Comparison, Fitting, Horizon, Scoring, Source, SummaryColumns
from eigenform.analytics.lifetime.fitting import fit
from eigenform.analytics.lifetime.named import COUNT_NAMES, NAMES
from eigenform.analytics.lifetime.scoring import score

__all__ = [
    "COUNT_NAMES",
    "NAMES",
    "Comparison",
    "Fitting",
    "Horizon",
    "Scoring",
    "Source",
    "SummaryColumns",
    "compare",
    "fit",
    "score",
]
