"""What the base is worth: how it is spread, who is slipping away, and how well the models told it before."""

from eigenform.web.pages.worth.files import csv
from eigenform.web.pages.worth.page import index

__all__ = ["csv", "index"]
