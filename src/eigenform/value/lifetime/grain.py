"""Daily dates: several purchases of a day count as one, and that alone bends every model's parameters.

With a rate of l a day, a day sees a purchase with probability 1 - exp(-l), not l. So the likelihood of x purchase days
among n is (1 - exp(-l))^x exp(-l (n - x)), and as 1 - exp(-l) = l exp(-l / 2) (1 + l^2 / 24 - …), it is that of x
purchases at known moments in n - x / 2 days: each purchase day takes half a day from the time in which a purchase could
have been seen. The same holds up to the last purchase. So the correction is one of the histories, and the models stay
as they are. How far it carries: docs/algorithms/grain.md.
"""

from typing import Final

from eigenform.value.lifetime.summary import Summary, refuse_rows

_DAYS_PER_WEEK: Final = 7.0


def day_corrected(summary: Summary) -> Summary:
    """Return the histories that daily dates stand for: half a day less of age and of last week per purchase day.

    Parameters fitted to them are those of purchases at exact times, and so is what they foretell: purchases, where
    several may fall on a day. Compare with counts of purchases then, not of purchase days. Score the same histories as
    were fitted. For data with times of day, count each purchase and leave them as they are.

    Raises ImpossibleHistory where there are more purchase days than days.
    """
    most = summary.last_week * _DAYS_PER_WEEK * (1.0 + 1e-9)
    refuse_rows(summary.repeats > most, "there are more repeat purchase days than days; were several a day counted?")
    lost_weeks = summary.repeats * (0.5 / _DAYS_PER_WEEK)
    last_week, age_weeks = summary.last_week - lost_weeks, summary.age_weeks - lost_weeks
    return Summary(summary.repeats, last_week, age_weeks, summary.mean_spend, summary.weight)
