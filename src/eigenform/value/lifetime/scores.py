"""What a count model says of each customer: still there or not, and how many purchases are expected."""

from dataclasses import dataclass

from eigenform.value.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Expected values per customer, arrays of shape (n,).

    p_alive             probability of still being a customer
    expected_purchases  mean number of purchases within the horizon, over customers with the same history

    They are means, not forecasts for one customer, and carry no interval; `predictive` has those.
    """

    p_alive: FloatArray
    expected_purchases: FloatArray
