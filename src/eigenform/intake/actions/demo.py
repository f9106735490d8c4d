"""The demo company's files: a simulated firm written as its own programs would export it, beside the truth about it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from eigenform.value.dynamics import firm
from eigenform.value.dynamics.plan import Plan
from eigenform.value.dynamics.tables import Table
from eigenform.value.dynamics.truth import TOP_CUSTOMERS, Found, Truth, judge
from eigenform.value.dynamics.world import simulate

MAPPING = "demo"
_PARQUET = ("order_lines",)
_ZIPPED = ("survey",)


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """A simulated firm whose files were written. `truth` is for `compare`; nothing of it is in the files."""

    name: str
    customers: int
    orders: int
    last_day: date
    truth: Truth

    def planted(self) -> dict[str, Any]:
        """Return what was planted, to be found, as plain values."""
        truth = self.truth
        found: dict[str, Any] = asdict(truth.planted) if truth.planted else {}
        gaps = {
            f"{q.category}/{q.name}": round(float(gap), 3) for q, gap in zip(firm.QUALITIES, truth.gaps, strict=True)
        }
        return {
            **found,
            "gaps": gaps,
            "late_shares": dict(zip(firm.PARTNERS, map(float, truth.late_shares), strict=True)),
            "best_segment": truth.best_segment,
            "best_customers": list(truth.best_customers),
            "horizon_weeks": truth.horizon_weeks,
        }


def write_files(folder: Path, *, seed: int, plan: Plan | None = None) -> Company:
    """Simulate a firm from the seed and write its files, as `examples/demo.toml` reads them, into the folder."""
    world = simulate(plan or Plan(), np.random.default_rng(seed))
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in world.tables.items():
        _write(folder, name, table)
    return Company(
        name=firm.NAME,
        customers=len(world.truth.customers),
        orders=len(world.tables["orders"]["order_no"]),
        last_day=world.plan.last_day.astype(object),
        truth=world.truth,
    )


def compare(
    company: Company,
    *,
    attributes: Sequence[tuple[str, str]],
    partners: Sequence[str],
    worth_by_customer: Mapping[str, float | None],
) -> dict[str, Any]:
    """Tell whether a turn found the truth.

    attributes, partners  which changes and talks it decided, as (category, attribute) and partner's name, best first
    worth_by_customer     its estimate by the customer's key, None where it cannot be told
    """
    truth = company.truth
    worth = np.array([_number(worth_by_customer.get(str(key))) for key in truth.customers])
    verdict = asdict(judge(truth, Found(attributes, partners), worth))
    return {
        **verdict,
        "attributes": ["/".join(pair) for pair in attributes],
        "partners": list(partners),
        "top_customers": TOP_CUSTOMERS,
    }


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _write(folder: Path, name: str, table: Table) -> None:
    arrow = pa.table({column: pa.array(values) for column, values in table.items()})
    if name in _PARQUET:
        parquet.write_table(arrow, folder / f"{name}.parquet")
    elif name in _ZIPPED:
        with pa.CompressedOutputStream(folder / f"{name}.csv.gz", "gzip") as out:
            csv.write_csv(arrow, out)
    else:
        csv.write_csv(arrow, folder / f"{name}.csv")
