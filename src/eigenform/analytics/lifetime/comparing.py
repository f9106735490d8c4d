"""Hold several models against the same days that none of them has seen; the one whose forecasts fit best is best."""

from collections.abc import Sequence

import numpy as np

from eigenform.analytics.lifetime.bases import Step, base, refuse_unknowable
from eigenform.analytics.lifetime.contracts import Comparison, Source, SourceUnclear
from eigenform.analytics.lifetime.fitting import SEED, answered, quiet
from eigenform.analytics.lifetime.named import COUNT_NAMES, ModelUnknown
from eigenform.value.lifetime import compare as comparison
from eigenform.value.lifetime.registry import COUNT_MODELS


def compare(source: Source, *, models: Sequence[str] = COUNT_NAMES, step: Step = quiet) -> Comparison:
    """Fit models to the same histories and judge each on the days after until_on; best first.

    Best is the model with the least continuous ranked probability score of the customers' hold-out counts. It judges
    whole forecast distributions: neither a good mean with false certainty nor a high likelihood of the past wins. Where
    maximum likelihood finds no peak the model's weak prior is used, and said.

    Raises SourceUnclear if nothing is held out, ModelUnknown, CannotTell, and what reading raises.
    """
    unknown = [model for model in models if model not in COUNT_MODELS]
    if unknown:
        raise ModelUnknown(
            model=unknown[0], known=COUNT_NAMES, reason="it foretells no purchases that could be compared"
        )
    step("reading")
    read = base(source, model=models[0])
    if read.actual is None:
        raise SourceUnclear(problem="models are compared on days that they have not seen: name --until before --to")
    refuse_unknowable(read.summary)
    step(f"fitting and judging {', '.join(models)}")
    found = comparison.compare(
        read.summary,
        read.actual,
        weeks=read.held_out,
        rng=np.random.default_rng(SEED),
        week_of_actual=read.time_of_actual,
        models={model: COUNT_MODELS[model] for model in models},
    )
    answers = tuple(
        answered(one.model, one.fit, one.holdout, read, prior="weak" if one.weak_prior else "none")
        for one in found.models
    )
    own = [f"{each.model}: {text}" for each in answers for text in each.warnings[len(read.warnings) :]]
    return Comparison(answers, found.best, found.because, (*read.warnings, *own))
