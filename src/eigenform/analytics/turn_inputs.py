"""Everything that a turn reads from the home, as tables that can be kept and read again: the ground of its replay."""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from eigenform.analytics.engines import opened

TABLES = (
    "seen",
    "purchases",
    "purchases_before",
    "purchases_by_week",
    "promise_readings",
    "answers",
    "satisfaction_by_promise",
    "contacts",
    "consents",
    "outcomes",
)


def read(
    database: str,
    *,
    as_of: date,
    currency: str,
    horizon_weeks: int = 52,
    window_days: int = 91,
    margin_share_by_category: Mapping[str, float],
    engine_url: str | None = None,
) -> dict[str, pa.Table]:
    """Return the tables that a turn as of a day judges from, all from one moment of the home.

    database       where the home is: `sqlite:PATH` or `postgres:URI`
    horizon_weeks  how far ahead worth is judged; the hold-out that tries its models is as long, if history allows
    window_days    how long after a contact, and before it, what customers bring is added up to measure its effect
    engine_url     where to compute: here (None), or a Spark cluster
    """
    shares = pa.table(
        {
            "category": pa.array(list(margin_share_by_category), pa.string()),
            "share": pa.array(list(margin_share_by_category.values()), pa.float64()),
        }
    )
    bound = {"as_of": as_of, "currency": currency, "horizon_weeks": horizon_weeks, "window_days": window_days}
    with opened(database, engine_url) as engine, engine.snapshot():
        engine.give("policy_margin", shares)
        engine.keep("order_money", "order_money", **bound)
        engine.keep("promise_readings", "promise_readings", **bound)
        engine.keep("history", "history", **bound)
        tables = {name: engine.table(name, **bound) for name in TABLES}
        tables["money"] = engine.table("money", **bound)
        tables["history"] = engine.table("history", **bound)
    return tables
