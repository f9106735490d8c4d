"""Judge the gaps of offerings: promised against delivered, expected against experienced. Pure."""

from eigenform.offerings.decisions.experience import Answers, judge_experience
from eigenform.offerings.decisions.gaps import judge_partners, judge_promises

__all__ = ["Answers", "judge_experience", "judge_partners", "judge_promises"]
