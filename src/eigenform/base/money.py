"""Amounts are integer minor units of a named currency; floats never hold money that is kept.

Source of the exponents: ISO 4217, the currencies whose minor unit is not a hundredth.
"""

from decimal import ROUND_HALF_UP, Decimal

_EXPONENT_OTHER_THAN_TWO = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def minor_exponent(currency: str) -> int:
    """Return how many decimals the currency's minor unit has: 2 for GBP, 0 for JPY."""
    return _EXPONENT_OTHER_THAN_TWO.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """Return the amount in minor units, rounded half up (away from zero at .5), as invoices are."""
    scaled = amount.scaleb(minor_exponent(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_minor(amount_minor: int | float, currency: str) -> Decimal:
    """Return minor units as an exact decimal amount of the currency."""
    return Decimal(round(amount_minor)).scaleb(-minor_exponent(currency))


def exponents_other_than_two() -> dict[str, int]:
    """Return the decimals of every currency whose minor unit is not a hundredth, for those who round in SQL."""
    return dict(_EXPONENT_OTHER_THAN_TWO)
