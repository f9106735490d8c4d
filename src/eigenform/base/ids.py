"""Random ids that say nothing about what they name."""

import uuid


def random_id() -> str:
    """Return 32 random hexadecimal digits: the form in which subjects and actors stand in the ledger."""
    return uuid.uuid4().hex
