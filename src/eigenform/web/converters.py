"""Numbers in addresses: what no database can hold is the address of nothing."""

from django.urls.converters import IntConverter

BIGGEST = 2**63 - 1  # what both databases can hold


class NumberConverter(IntConverter):
    """A row's number; a larger one than can exist matches no address, which answers 404."""

    def to_python(self, value: str) -> int:
        """Return the number. Raises ValueError, which to Django means: not this address."""
        number = super().to_python(value)
        if number > BIGGEST:
            raise ValueError(value)
        return number
