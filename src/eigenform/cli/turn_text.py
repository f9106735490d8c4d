"""A turn's answer in short sentences and one table, for a terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table

from eigenform.base.money import from_minor

ROWS_SHOWN = 20


def sentences(value: dict[str, Any], *, written: str) -> list[str]:
    """Return what the turn saw and decided, one sentence each."""
    seen = ", ".join(f"{count:,} {kind}" for kind, count in value["seen"].items() if count) or "nothing yet"
    promises = value["promises"]
    name = f"Turn {value['turn']}" if value["turn"] else "A turn"
    return [
        f"{name} as of {value['as_of']} ({written}), seed {value['seed']}, policy {value['policy_version']}.",
        f"Seen: {seen}.",
        f"Promises: {promises['kept']:,} kept, {promises['broken']:,} broken ({promises['broken_late']:,} late, "
        f"{promises['broken_undelivered']:,} undelivered), {promises['open']:,} open, "
        f"{promises['withdrawn']:,} withdrawn, {promises['unknown']:,} unknown.",
        f"Worth of the customer base: {_worth(value)}.",
        *_worked(value),
        *(f"Mind: {warning}" for warning in value.get("warnings", ())),
        f"{value['estimates']:,} estimates, {len(value['decisions']):,} decisions, {value['held_out']:,} held out, "
        f"{value['seconds']:.1f} s.",
    ]


def _worth(value: dict[str, Any]) -> str:
    """Return the worth with its 80 % interval, or why it cannot be told."""
    worth = value.get("worth")
    if worth is None:
        return f"cannot tell; {(value.get('worth_reason') or 'no reason is known').rstrip('.')}"
    interval = f"{worth['mean']:,.0f} ({worth['low']:,.0f} to {worth['high']:,.0f}) {worth['unit']}"
    return f"{interval}, of {worth['n']:,} customers, by {worth['basis']}"


def _worked(value: dict[str, Any]) -> list[str]:
    """Return what contacts and campaigns brought per customer, or that it cannot be told, one sentence each."""
    out = []
    for row in (value.get("effects") or {}).get("rows", ()):
        if row["outcome"] != "margin" or row["scope"] not in ("all", "campaign"):
            continue
        name = "Our contacts" if row["scope"] == "all" else row["name"]
        if row["mean"] is None:
            out.append(f"{name}: cannot tell; {row['facts'].get('reason', 'no reason is known')}.")
            continue
        mean, low, high = (f"{from_minor(row[end], row['unit']):,.2f}" for end in ("mean", "low", "high"))
        arms = f"{row['treated']:,} chosen, {row['withheld']:,} left alone"
        out.append(f"{name}: {mean} ({low} to {high}) {row['unit']} more per customer; {arms}.")
    return out


def decisions_table(decisions: list[dict[str, Any]]) -> Table:
    """Return the first decisions: what, about whom, why, and the expected gain with its 80 % interval and basis."""
    table = Table(title=f"First {ROWS_SHOWN} of {len(decisions)} decisions" if len(decisions) > ROWS_SHOWN else None)
    for name in ("id", "kind", "because", "expected gain (80 %)", "basis", "state"):
        table.add_column(name, justify="right" if name.startswith("expected") else "left", overflow="fold")
    for d in decisions[:ROWS_SHOWN]:
        gain = d["expected_gain"]
        text = f"{gain['mean']:,.0f} ({gain['low']:,.0f} to {gain['high']:,.0f}) {gain['unit']}"
        because = " ".join(d["because"]) if isinstance(d["because"], list) else d["because"]
        state = "held out" if d["held_out"] else d["state"].replace("_", " ")
        basis = "not yet measured" if d["basis"] == "assumed" else d["basis"]
        table.add_row(str(d["id"] or ""), d["kind"].replace("_", " "), because, text, basis, state)
    return table


def show(value: dict[str, Any], *, written: str) -> None:
    """Print the answer on standard output."""
    console = Console()
    for sentence in sentences(value, written=written):
        console.print(sentence, highlight=False)
    if value["decisions"]:
        console.print(decisions_table(value["decisions"]))
