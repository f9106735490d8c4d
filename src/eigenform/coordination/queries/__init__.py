"""Read back what spans several doers: contact days, a customer's one timeline, what they buy."""

from eigenform.coordination.queries.contacts import contact_days
from eigenform.coordination.queries.customer import bought, held_about
from eigenform.coordination.queries.timeline import timeline

__all__ = ["bought", "contact_days", "held_about", "timeline"]
