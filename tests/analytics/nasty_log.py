"""A purchase log with what engines read otherwise, small enough for a test and large enough for every model."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
UNTIL, TO = date(2024, 9, 30), date(2024, 12, 31)
_ODD_IDS = (
    "Ωμέγα",
    " élan — ß ",
    "\u00a0blank around\u3000",
    "\ttab",
    'O\'Brien \\ "x"',
    "$until_moment",
    "0042",
    "42",
    "A",
    "a",
    "",
)


def nasty_log(customers: int = 400) -> pa.Table:
    """Return rows `who`, `at` (a time with zone), `paid`: ties, duplicates, returns, gaps and edges among plain ones."""
    rng = np.random.default_rng(7)
    rows: list[tuple[str | None, datetime, float | None]] = []
    for number in range(customers):
        who = _ODD_IDS[number] if number < len(_ODD_IDS) else f"customer {number}"
        day, rate, leaving = float(rng.uniform(0, 270)), float(rng.gamma(0.8, 1 / 20)), float(rng.beta(1.0, 2.5))
        level = float(rng.gamma(4.0, 10.0))
        while day < 364:
            rows.append((who, BEGAN + timedelta(days=day), round(level * float(rng.gamma(5.0, 0.2)), 2)))
            day = day + float(rng.exponential(1 / rate)) if rng.random() > leaving else 365.0
    rows += _odd_rows()
    return pa.table(
        {
            "who": pa.array([row[0] for row in rows], pa.string()),
            "at": pa.array([row[1] for row in rows], pa.timestamp("us", tz="Europe/Berlin")),
            "paid": pa.array([row[2] for row in rows], pa.float64()),
        }
    )


def _odd_rows() -> list[tuple[str | None, datetime, float | None]]:
    midnight = datetime(2024, 7, 1, tzinfo=UTC)
    last = datetime(2024, 9, 30, 23, 59, 59, 999_999, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    return [
        (None, midnight, 5.0),
        ("nan only", midnight, float("nan")),
        ("nan only", midnight + timedelta(days=9), 3.0),
        ("nan later", midnight, 7.0),
        ("nan later", midnight + timedelta(days=9), float("inf")),
        ("nothing known", midnight, None),
        ("nothing known", midnight + timedelta(days=1), None),
        ("free", midnight - tick, 0.0),
        ("free", midnight, -0.0),
        ("free", midnight + timedelta(days=30), 0.0),
        ("tie", midnight, 1e-3),
        ("tie", midnight, 1e-3),
        ("tie", midnight + tick, 0.1),
        ("tie", midnight + timedelta(days=2), 0.2),
        ("given back", midnight, 100.0),
        ("given back", midnight + timedelta(days=1), 50.0),
        ("given back", midnight + timedelta(days=2), -30.0),
        ("more given back than paid", midnight, 1.0),
        ("more given back than paid", midnight + timedelta(days=3), 1.0),
        ("more given back than paid", midnight + timedelta(days=4), -9.0),
        ("only given back", midnight, -9.0),
        ("on the last day", last, 4.0),
        ("on the day after", last + tick, 4.0),
        ("on both", last, 4.0),
        ("on both", last + tick, 4.0),
        ("before the epoch", datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 8.0),
        ("before the epoch", midnight, 8.0),
        ("in the future", datetime(2031, 1, 1, tzinfo=UTC), 8.0),
    ]  # fmt: skip
