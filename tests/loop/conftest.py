"""The small firm, with a policy under which contacts pay."""

import pytest

from tests.loop import firm


@pytest.fixture
def books(transactional_db):
    """The grown firm, loaded, with a policy in force."""
    made = firm.grown()
    firm.adopt(effects=firm.hopeful())
    return made


@pytest.fixture
def empty_books(transactional_db):
    """A firm that has a policy and nothing else yet."""
    firm.adopt()
    return firm.Books()
