"""What pages and programs show of a turn, as plain JSON values."""

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.special import stdtrit

from eigenform.analytics import frames
from eigenform.control.contracts import Measured, Rules
from eigenform.control.decisions import Decided, Judged
from eigenform.customers import decisions as customers
from eigenform.offerings.contracts import GapCell, Share
from eigenform.value.arrays import HIGH_SHARE

_SHOWN = 50


def summarise(
    judged: Judged,
    decided: Decided,
    tables: Mapping[str, pa.Table],
    about: Mapping[str, Any],
    rules: Rules,
    measured: Measured,
) -> dict[str, Any]:
    """Return what pages and programs show of a turn, as plain JSON values."""
    seen = dict(
        zip(frames.texts(tables["seen"], "kind"), frames.numbers(tables["seen"], "n").astype(int).tolist(), strict=True)
    )
    worth = judged.worth.worth
    return {
        "seen": seen,
        "promises": dict(judged.promises),
        "satisfaction_by_promise": _satisfaction(tables["satisfaction_by_promise"]),
        "estimates": judged.estimates,
        "decisions": len(decided.done) + len(decided.withheld),
        "held_out": len(decided.withheld),
        "blocked_by_contact_cap": decided.blocked,
        "currency": rules.currency,
        "zone": about["zone"],
        "simulated": about["simulated"],
        "worth": None if worth is None else _worth_of_base(judged, tables, rules),
        "worth_reason": judged.worth.reason or None,
        "worth_decides": judged.worth.decides or None,
        "experience_reason": _why_no_experience(judged, tables["answers"]),
        "cells": [cell_json(c) for c in judged.cells if not c.segment][:_SHOWN],
        "partners": [cell_json(c) for c in judged.partners][:_SHOWN],
        "worth_histogram": None if worth is None else _histogram(worth.mean),
        "worth_report": None if judged.worth.report is None else _plain(judged.worth.report),
        "effects": _effects(measured),
        "effort": json.loads(json.dumps(dataclasses.asdict(decided.effort))),
        "warnings": [*judged.worth.warnings, *_warnings(tables, rules)],
    }


def _effects(measured: Measured) -> dict[str, Any]:
    """Return what worked as JSON; a measurement's own day and number stand in the ledger."""
    told = dataclasses.asdict(measured)
    for row in told["rows"]:
        del row["as_of"], row["recorded_seq"]
    return dict(json.loads(json.dumps(told)))


def _plain(report: customers.WorthReport) -> dict[str, Any]:
    """Return a report as what JSON gives back: lists for tuples."""
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(report), allow_nan=False))
    return plain


def _worth_of_base(judged: Judged, tables: Mapping[str, pa.Table], rules: Rules) -> dict[str, Any]:
    worth = judged.worth.worth
    assert worth is not None  # noqa: S101 - the caller has looked
    without = int(frames.numbers(tables["money"], "lines_without_margin")[0])
    return {
        "mean": worth.total_mean,
        "low": worth.total_low,
        "high": worth.total_high,
        "n": len(worth.mean),
        "unit": rules.currency,
        "basis": "revenue" if without else "margin",
        "horizon_weeks": worth.horizon_weeks,
        "model_version": judged.worth.model_version,
    }


def _why_no_experience(judged: Judged, answers: pa.Table) -> str | None:
    """Return in plain words what was not asked, None where experience was judged against expectation."""
    if any(c.quantity == "experience_gap" for c in judged.cells):
        return None
    asked = set(frames.texts(answers, "kind"))
    if "will" not in asked:
        return "no expectation was asked"
    if "experience" not in asked:
        return "no experience was asked"
    return "every experience comes from somebody who was asked to expect it first"


def _satisfaction(table: pa.Table) -> dict[str, Any]:
    """Return the mean by what became of the promise with Student's interval; one answer alone tells no spread."""
    rows = zip(*(table.column(name).to_pylist() for name in ("status", "n", "mean", "sd")), strict=True)
    out = {}
    for status, n, mean, sd in rows:
        if n > 1:
            half = float(stdtrit(n - 1, HIGH_SHARE)) * sd / math.sqrt(n)
            out[status] = {"mean": mean, "low": mean - half, "high": mean + half, "n": n}
    return out


def _histogram(values: np.ndarray) -> dict[str, Any]:
    top = float(np.quantile(values, 0.99))
    counts, edges = np.histogram(np.minimum(values, top), bins=24, range=(0.0, max(top, 1.0)))
    return {"edges": edges.round(2).tolist(), "counts": counts.tolist()}


def _warnings(tables: Mapping[str, pa.Table], rules: Rules) -> list[str]:
    other = int(frames.numbers(tables["money"], "orders_in_other_currencies")[0])
    if not other:
        return []
    return [f"{other:,} orders are in other currencies than {rules.currency}; without a dated rate they are left out."]


def _share_json(share: Share | None) -> dict[str, float] | None:
    return None if share is None else {"mean": share.mean, "low": share.low, "high": share.high}


def cell_json(cell: GapCell) -> dict[str, Any]:
    return {
        "subject": cell.subject,
        "quantity": cell.quantity,
        "category": cell.category,
        "attribute": cell.attribute,
        "segment": cell.segment,
        "unit": cell.unit,
        "mean": cell.mean,
        "low": cell.low,
        "high": cell.high,
        "n": cell.n,
        "last_on": cell.last_on.isoformat() if cell.last_on else None,
        "p_below_0": cell.p_below_0,
        "p_short": cell.p_short,
        "short_share": _share_json(cell.short_share),
        "exposed_minor": _share_json(cell.exposed_minor),
        "reason": cell.reason or None,
    }
