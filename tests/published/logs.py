"""Purchase logs of the public data sets as summaries: one purchase a customer a day, weeks from their first."""

import csv
import gzip
from datetime import date

import numpy as np

from eigenform.value.lifetime import Summary


def cdnow_sample(shared_data):
    """Return the 2,357 customers of the 1/10 sample in their first 39 weeks."""
    rows = [line.split() for line in (shared_data / "cdnow" / "CDNOW_sample.txt").read_text().splitlines()]
    return summary([(row[1], compact(row[2]), float(row[4])) for row in rows], until=compact("19970930"))


def cdnow_full(shared_data):
    """Return the 23,570 customers of the whole cohort in their first 39 weeks."""
    with gzip.open(shared_data / "cdnow" / "CDNOW_master.txt.gz", "rt") as file:
        rows = [line.split() for line in file][1:]
    return summary([(row[0], compact(row[1]), float(row[3])) for row in rows], until=compact("19970930"))


def apparel(shared_data):
    """Return the 600 customers of the apparel retailer in their first 104 weeks."""
    with (shared_data / "apparel" / "apparel_transactions.csv").open(encoding="utf-8") as file:
        rows = [
            (row["Id"], date.fromisoformat(row["Date"]).toordinal(), float(row["Price"]))
            for row in csv.DictReader(file)
        ]
    return summary(rows, until=min(day for _, day, _ in rows) + 104 * 7)


def compact(text):
    """Return the day's number of a date like 19970930."""
    return date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal()


def summary(purchases, *, until):
    """Sum (customer, day, amount) up to a day, that day included."""
    ids, days, amounts = (np.array(column) for column in zip(*purchases, strict=True))
    seen = days <= until
    customer = np.unique(ids[seen], return_inverse=True)[1]
    (customer, day), of = np.unique(np.stack([customer, days[seen]]), axis=1, return_inverse=True)
    amount = np.bincount(of.ravel(), weights=amounts[seen])
    _, begin, events = np.unique(customer, return_index=True, return_counts=True)
    first, last = day[begin], day[begin + events - 1]
    repeat_spend = np.add.reduceat(amount, begin) - amount[begin]
    mean_spend = np.where(events > 1, repeat_spend / np.maximum(events - 1, 1), np.nan)
    return Summary(events - 1, (last - first) / 7, (until - first) / 7, mean_spend)
