"""What a customer relationship is worth: purchase counts, spend and their sum with an interval."""

from eigenform.value.lifetime import bg_bb, bg_nbd, gamma_gamma, mbg_nbd, pareto_nbd, sbg
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

__all__ = ["ImpossibleHistory", "Summary", "bg_bb", "bg_nbd", "gamma_gamma", "mbg_nbd", "pareto_nbd", "sbg"]
