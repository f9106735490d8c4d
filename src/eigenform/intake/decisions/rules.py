"""What must hold between columns of one row, and what follows from them."""

from collections.abc import Mapping as Named

from eigenform.intake.contracts import TABLES, Spec
from eigenform.intake.decisions import sql
from eigenform.intake.decisions.typed import Check, Typed, to_minor


def derived(table: str, specs: Named[str, Spec], currency: str) -> Typed:
    """Return what a table's rows hold beyond their mapped columns: a line's amount, or its price from its amount."""
    if table != "order_lines":
        return Typed((), (), ())
    own = specs.get("currency")
    money = "x_currency" if own and own.value is None else sql.text((own.value if own else None) or currency)
    if "amount" not in specs:
        product = "try(CAST(n_unit_price AS DECIMAL(38, 6)) * CAST(n_quantity AS DECIMAL(18, 4)))"
        amount = to_minor(product, money)
        large = Check(
            f"n_unit_price IS NOT NULL AND n_quantity IS NOT NULL AND {amount} IS NULL",
            _columns(specs, "quantity", "unit_price"),
            "x_unit_price",
            "quantity times price is too large",
            "Mend the quantity or the price",
        )
        empty = Check(
            "x_unit_price IS NULL",
            _columns(specs, "unit_price"),
            "x_unit_price",
            "unit_price is empty",
            "Fill in the cell",
        )
        return Typed((), (("amount_minor", amount),), (empty, large, *_signs(specs, "unit_price")))
    empty = Check("x_amount IS NULL", _columns(specs, "amount"), "x_amount", "amount is empty", "Fill in the cell")
    price = () if "unit_price" in specs else (("unit_price", _price_of_amount()),)
    return Typed((), price, (empty, *_signs(specs, "amount")))


def _price_of_amount() -> str:
    share = "CAST(n_amount AS DOUBLE) / nullif(CAST(n_quantity AS DOUBLE), 0)"
    return f"coalesce(try_cast(round({share}, 6) AS DECIMAL(18, 6)), 0)"


def _signs(specs: Named[str, Spec], money: str) -> tuple[Check, ...]:
    """A sale adds, a return takes back; only an adjustment may do either."""
    value = f"x_{money}"
    return (
        Check(
            "n_quantity < 0 AND x_kind = 'sale'",
            _columns(specs, "quantity"),
            "x_quantity",
            "the quantity {value} of a sale is negative",
            "Mend the quantity, or let the mapping say which rows are a return or an adjustment",
        ),
        Check(
            f"n_{money} < 0 AND x_kind = 'sale'",
            _columns(specs, money),
            value,
            f"the {money.replace('_', ' ')} {{value}} of a sale is negative",
            "Mend it, or let the mapping say which rows are a return or an adjustment",
        ),
        Check(
            "n_quantity > 0 AND x_kind = 'return'",
            _columns(specs, "quantity"),
            "x_quantity",
            "the quantity {value} of a return is positive, so it would add to what was sold",
            "Write it with a minus, or add scale = -1 to the quantity in the mapping",
        ),
    )


def across_columns(table: str, specs: Named[str, Spec]) -> tuple[Check, ...]:
    """Return the checks between columns of one row that the table asks for."""
    found = [
        _order(earlier, later, specs) for earlier, later in TABLES[table].ordered if {earlier, later} <= set(specs)
    ]
    if {"scale_min", "scale_max"} <= set(specs):
        found.append(
            Check(
                "n_scale_min >= n_scale_max",
                _columns(specs, "scale_min", "scale_max"),
                "x_scale_min",
                "the scale ends where it begins or before",
                "Mend scale_min and scale_max",
            )
        )
    if {"score", "scale_min", "scale_max"} <= set(specs):
        found.append(
            Check(
                "n_score < n_scale_min OR n_score > n_scale_max",
                _columns(specs, "score"),
                "x_score",
                "the score {value} is off its scale",
                "Mend the score, or the ends of the scale in the mapping",
            )
        )
    if {"offering_key", "category"} <= set(specs) and table == "attributes":
        found.append(
            Check(
                "x_offering_key IS NOT NULL AND x_category IS NOT NULL",
                _columns(specs, "offering_key", "category"),
                "x_category",
                "an attribute belongs to an offering or to a category, not to both",
                "Empty one of the two cells",
            )
        )
    return tuple(found)


def _order(earlier: str, later: str, specs: Named[str, Spec]) -> Check:
    return Check(
        f"CAST(t_{later} AS DATE) < CAST(t_{earlier} AS DATE)",
        _columns(specs, earlier, later),
        f"x_{later}",
        f"{later} {{value}} lies before {earlier}",
        "Mend one of the two dates",
    )


def _columns(specs: Named[str, Spec], *names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c for name in names if name in specs for c in specs[name].source_columns))
