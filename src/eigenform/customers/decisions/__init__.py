"""Judge what each relationship is worth, which model says so best, and who is slipping away. Pure."""

from eigenform.customers.decisions.judgement import Purchases, WorthJudgement
from eigenform.customers.decisions.judging import judge_worth
from eigenform.customers.decisions.report import WorthReport
from eigenform.customers.decisions.slipping import Slipping
from eigenform.customers.decisions.trial import Earlier

__all__ = ["Earlier", "Purchases", "Slipping", "WorthJudgement", "WorthReport", "judge_worth"]
