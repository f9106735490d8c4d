"""How much to spend on winning customers and on keeping them, from what was observed of each. Pure."""

from dataclasses import dataclass

from eigenform.value.optimise.equity import ImpossibleEquity, Split, calibrated, customer_value, split

__all__ = ["ImpossibleEquity", "Observed", "Split", "WinningAndKeeping", "winning_and_keeping"]

_POINTS = 40


@dataclass(frozen=True, slots=True)
class Observed:
    """One spend per head, the share that it reached, and the share that no spend would exceed."""

    spend: float
    share: float
    ceiling: float


@dataclass(frozen=True, slots=True)
class WinningAndKeeping:
    """The best split, and what each spend would do.

    keeping  (spend per customer and period, value of a customer won)
    winning  (spend per prospect, equity per prospect at the best spend on keeping)
    """

    best: Split
    keeping: tuple[tuple[float, float], ...]
    winning: tuple[tuple[float, float], ...]


def winning_and_keeping(*, margin: float, discount: float, win: Observed, keep: Observed) -> WinningAndKeeping:
    """Return the best spends on winning and keeping, and the curves around them. Raises ImpossibleEquity."""
    win_curve, keep_curve = (calibrated(o.spend, o.share, o.ceiling) for o in (win, keep))
    best = split(margin=margin, discount=discount, win=win_curve, keep=keep_curve)
    keep_top = 2.5 * max(best.keep_spend, keep.spend)
    win_top = 2.5 * max(best.win_spend, win.spend)
    keeping = ((r, customer_value(r, margin=margin, discount=discount, keep=keep_curve)) for r in _steps(keep_top))
    winning = ((a, win_curve.at(a) * best.customer_value - a) for a in _steps(win_top))
    return WinningAndKeeping(best, tuple(keeping), tuple(winning))


def _steps(top: float) -> list[float]:
    return [top * i / _POINTS for i in range(_POINTS + 1)]
