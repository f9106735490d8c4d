"""A purchase log (one row per purchase) becomes purchase histories (one row per customer), by SQL. No Django.

`read` is the door, `read_shared` and `read_spend` are those to what customers share; `contracts` says what goes in and
out, `refusals` what is not taken, `file` how a file is opened and `spark_log` how one on a cluster, `moments` what
counts as one moment, `checks` what is wrong with the rows.
"""

from eigenform.analytics.purchase_log.contracts import Columns, PurchaseLog, Window
from eigenform.analytics.purchase_log.reading import read
from eigenform.analytics.purchase_log.shared import read_shared, read_spend

__all__ = ["Columns", "PurchaseLog", "Window", "read", "read_shared", "read_spend"]
