"""Everything that a turn reads from the home, as tables that can be kept and read again: the ground of its replay."""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from eigenform.analytics.engine import Engine

TABLES = ("seen", "purchases", "promise_readings", "answers", "satisfaction_by_promise", "contacts")


def read(
    database: str, *, as_of: date, currency: str, margin_share_by_category: Mapping[str, float]
) -> dict[str, pa.Table]:
    """Return the tables that a turn as of a day judges from, all from one moment of the home.

    database  where the home is: `sqlite:PATH` or `postgres:URI`
    """
    shares = pa.table(
        {
            "category": pa.array(list(margin_share_by_category), pa.string()),
            "share": pa.array(list(margin_share_by_category.values()), pa.float64()),
        }
    )
    bound = {"as_of": as_of, "currency": currency}
    with Engine(database) as engine, engine.snapshot():
        engine.give("policy_margin", shares)
        engine.keep("order_money", "order_money", **bound)
        engine.keep("promise_readings", "promise_readings", **bound)
        tables = {name: engine.table(name, **bound) for name in TABLES}
        tables["money"] = engine.table("money", **bound)
    return tables
