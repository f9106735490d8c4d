"""Hold several models against the same days that none of them has seen; the one whose forecasts fit best is best."""

from collections.abc import Sequence

from eigenform.analytics.lifetime.bases import Step, base
from eigenform.analytics.lifetime.contracts import Belief, Comparison, Fitting, Source, SourceUnclear
from eigenform.analytics.lifetime.fitting import answered, fitted, quiet
from eigenform.analytics.lifetime.models import COUNT_NAMES
from eigenform.value.lifetime.cells import collapse


def compare(
    source: Source, *, models: Sequence[str] = COUNT_NAMES, prior: Belief = "none", step: Step = quiet
) -> Comparison:
    """Fit models to the same histories and judge each on the days after until_on.

    Best is the model with the least continuous ranked probability score of the customers' hold-out counts. It judges
    whole forecast distributions: neither a good mean with false certainty nor a high likelihood of the past wins.

    Raises SourceUnclear if nothing is held out, and what `fit` raises.
    """
    step("reading")
    read = base(source, model=models[0])
    if read.actual is None:
        raise SourceUnclear(problem="models are compared on days that they have not seen: name --until before --to")
    cells = collapse(read.summary)
    found = []
    for model in models:
        step(f"fitting and judging {model}")
        found.append(answered(model, fitted(model, read, prior=prior, cells=cells), read, prior=prior, cells=cells))
    best, because = _best(found)
    own = [f"{each.model}: {text}" for each in found for text in each.warnings if text not in read.warnings]
    return Comparison(tuple(found), best, because, (*read.warnings, *own))


def _best(found: Sequence[Fitting]) -> tuple[str | None, str]:
    """Return the model that forecast best, and why in words."""
    judged = {each.model: each.holdout.figures for each in found if each.holdout is not None}
    if not judged:
        return None, "No model could be fitted and judged."
    ranked = sorted(judged, key=lambda model: (judged[model]["crps"], model))
    best = ranked[0]
    figures = judged[best]
    others = "; ".join(f"{model} {judged[model]['crps']:.4f}" for model in ranked[1:])
    because = (
        f"Its forecasts of what each customer would buy err least: ranked probability score {figures['crps']:.4f} "
        f"purchases{f' ({others})' if others else ''}. It foretold {figures['predicted']:,.0f} purchases, "
        f"{figures['actual']:,.0f} came, and {figures['coverage_80']:.1%} of outcomes lie in the middle 80 % foretold."
    )
    if figures["naive_wins"]:
        because += " Yet carrying past rates on errs less on average: do not trust any of these models here."
    return best, because
