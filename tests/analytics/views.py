"""A home's views as plain tables in memory, so that the SQL of a turn can be tried thousands of times."""

import importlib.resources
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

_D, _S, _I, _F, _B, _T = pa.date32(), pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us")
_PROMISE = {"subject_kind": _S, "subject_key": _S, "attribute": _S, "level": _F}
_SCHEMAS: Mapping[str, Mapping[str, pa.DataType]] = {
    "v_customer": {"customer_id": _I, "subject": _S, "source": _S, "key": _S, "segment": _S},
    "v_offering": {"offering_id": _I, "source": _S, "key": _S, "name": _S, "category": _S},
    "v_attribute": {
        "attribute_id": _I, "source": _S, "offering_id": _I, "category": _S, "attribute": _S, "unit": _S, "better": _S,
    },
    "v_order": {
        "order_id": _I, "source": _S, "key": _S, "customer_id": _I, "ordered_on": _D, "state": _S, "currency": _S,
        "partner_key": _S, "weight": _F,
    },
    "v_order_line": {
        "order_line_id": _I, "source": _S, "key": _S, "order_id": _I, "offering_id": _I, "kind": _S,
        "amount_minor": _I, "margin_minor": _I,
    },
    "v_promise": {
        "promise_id": _I, "source": _S, **_PROMISE, "level_on": _D, "unit": _S, "made_on": _D, "weight": _F,
    },
    "v_delivery": {"delivery_id": _I, "source": _S, "partner_id": _I, **_PROMISE, "delivered_on": _D},
    "v_partner": {"partner_id": _I, "subject": _S, "source": _S, "key": _S},
    "v_answer": {
        "answer_id": _I, "source": _S, "customer_id": _I, "offering_id": _I, "subject_key": _S, "attribute": _S,
        "kind": _S, "score": _F, "scale_min": _F, "scale_max": _F, "channel": _S, "half": _S, "answered_on": _D,
        "answered_at": _T, "weight": _F,
    },
    "v_touch": {
        "touch_id": _I, "source": _S, "customer_id": _I, "direction": _S, "campaign": _S, "touched_on": _D,
        "propensity": _F,
    },
    "v_decision": {
        "recorded_seq": _I, "as_of": _D, "kind": _S, "subject": _S, "held_out": _B, "propensity": _F,
    },
    "v_consent": {"consent_id": _I, "customer_id": _I, "channel": _S, "state": _S},
    "v_contact_plan": {"contact_plan_id": _I, "customer_id": _I, "planned_on": _D, "state": _S},
    "policy_margin": {"category": _S, "share": _F},
}  # fmt: skip
_DEFAULTS = {
    "source": "s", "weight": 1.0, "state": "open", "currency": "GBP", "partner_key": "", "kind": "sale",
    "subject_kind": "order", "attribute": "delivery", "segment": "", "direction": "out", "campaign": "", "scale_min": 0.0,
    "scale_max": 10.0, "half": "", "channel": "", "subject_key": "",
}  # fmt: skip
# Each query reads the answers of those before it, as a turn keeps them.
_BEFORE = {
    "purchases": ("order_money",),
    "money": ("order_money",),
    "history": ("order_money",),
    "purchases_before": ("order_money", "history"),
    "purchases_by_week": ("order_money", "history"),
    "satisfaction_by_promise": ("promise_readings",),
    "outcomes": ("order_money",),
}


def run(
    query: str,
    views: Mapping[str, Iterable[Mapping[str, Any]]],
    *,
    as_of: date,
    currency: str = "GBP",
    horizon_weeks: int = 52,
) -> list[dict[str, Any]]:
    """Return the rows that a query of `sql/` answers over the given rows of views; views not given are empty."""
    tables = {name: _table(name, list(views.get(name, ()))) for name in _SCHEMAS}
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        values = {"as_of": as_of, "currency": currency, "horizon_weeks": horizon_weeks, "window_days": 91}
        for earlier in _BEFORE.get(query, ()):
            text, wanted = _bound(earlier, values)
            connection.execute(f"CREATE TABLE memory.main.{earlier} AS {text}", wanted)
        text, wanted = _bound(query, values)
        return connection.execute(text, wanted).to_arrow_table().to_pylist()


def _table(name: str, rows: list[Mapping[str, Any]]) -> pa.Table:
    schema = _SCHEMAS[name]
    number = next(iter(schema))
    unknown = {key for row in rows for key in row} - set(schema)
    assert not unknown, f"{name} has no {unknown}"

    def cell(row: Mapping[str, Any], place: int, column: str) -> Any:
        if column in row:
            return row[column]
        return place + 1 if column == number else _DEFAULTS.get(column)

    return pa.table({c: pa.array([cell(r, i, c) for i, r in enumerate(rows)], kind) for c, kind in schema.items()})


def _bound(query: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any] | None]:
    folder = importlib.resources.files("eigenform.analytics") / "sql"
    text = re.sub(r"(?m)^\s*--.*$", "", (folder / f"{query}.sql").read_text(encoding="utf-8"))
    return text, {name: value for name, value in values.items() if f"${name}" in text} or None
