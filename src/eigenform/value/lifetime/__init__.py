"""What a customer relationship is worth: purchase counts, spend and their sum with an interval."""

from eigenform.value.lifetime import bg_nbd, gamma_gamma
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

__all__ = ["ImpossibleHistory", "Summary", "bg_nbd", "gamma_gamma"]
