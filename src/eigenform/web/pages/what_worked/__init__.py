"""What worked: the effect of campaigns, plans and offers against those left alone, for whom, and what is learnt."""

from eigenform.web.pages.what_worked.files import csv
from eigenform.web.pages.what_worked.page import index

__all__ = ["csv", "index"]
