"""Effort: what the plan adds and costs, what the limits are worth, and how to split winning from keeping."""

from eigenform.web.pages.effort.approving import approve
from eigenform.web.pages.effort.files import csv
from eigenform.web.pages.effort.page import index

__all__ = ["approve", "csv", "index"]
