"""A purchase log (one row per purchase) becomes purchase histories (one row per customer), by SQL. No Django.

`read` is the door; `contracts` says what goes in and out, `refusals` what is not taken, `file` how a file is opened,
`moments` what counts as one moment, `checks` what is wrong with the rows.
"""

from eigenform.analytics.purchase_log.contracts import Columns, PurchaseLog, Window
from eigenform.analytics.purchase_log.reading import read

__all__ = ["Columns", "PurchaseLog", "Window", "read"]
