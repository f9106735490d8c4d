"""Bring files in, see what was refused, mend it and load it again."""

from eigenform.web.pages.loads.detail import detail, errors_csv, progress
from eigenform.web.pages.loads.lists import index, start

__all__ = ["detail", "errors_csv", "index", "progress", "start"]
