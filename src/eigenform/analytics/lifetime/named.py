"""The models by the names that people call them, and which questions each can answer."""

import importlib
from types import ModuleType
from typing import Final

from eigenform.base.errors import Refused

_MODULES: Final = {
    "bg-nbd": "bg_nbd",
    "mbg-nbd": "mbg_nbd",
    "pareto-nbd": "pareto_nbd",
    "gamma-gamma": "gamma_gamma",
    "normal-normal": "spend",
    "bg-bb": "bg_bb",
    "sbg": "sbg",
}
NAMES: Final = tuple(_MODULES)
COUNT_NAMES: Final = ("bg-nbd", "mbg-nbd", "pareto-nbd")
COUNTED_NAMES: Final = ("bg-bb", "sbg")  # their time is a number of periods
SCORED_NAMES: Final = (*COUNT_NAMES, "bg-bb")
SPEND_NAMES: Final = ("gamma-gamma", "normal-normal")
SPEND_NAME: Final = "gamma-gamma"


class ModelUnknown(Refused):
    """No model has that name, or none that can do what is asked."""

    code = "analytics.model_unknown"

    def __init__(self, *, model: str, known: tuple[str, ...] = NAMES, reason: str = "there is no such model") -> None:
        self.model, self.known, self.reason = model, list(known), reason
        super().__init__(f"Model {model} cannot be used: {reason}. Known here: {', '.join(known)}.")


def module(name: str) -> ModuleType:
    """Return a model's module, imported when first wanted. Raises ModelUnknown."""
    if name not in _MODULES:
        raise ModelUnknown(model=name)
    return importlib.import_module(f"eigenform.value.lifetime.{_MODULES[name]}")


def shown(parameter: str) -> str:
    """Return a parameter's name as it is answered: the unit stands beside it, not in it."""
    return parameter.removesuffix("_weeks")
