"""Whom we serve: the list and its csv, one customer's page, and erasing a person."""

from eigenform.web.pages.customers.consent import note
from eigenform.web.pages.customers.detail import detail
from eigenform.web.pages.customers.erase import erase
from eigenform.web.pages.customers.export import csv
from eigenform.web.pages.customers.lists import index

__all__ = ["csv", "detail", "erase", "index", "note"]
