"""What is sold, and how what came differs from what was promised and expected."""

from eigenform.web.pages.offerings.detail import detail
from eigenform.web.pages.offerings.lists import index

__all__ = ["detail", "index"]
