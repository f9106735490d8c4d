"""Read back what spans several doers: contact days, a customer's one timeline, what they buy."""

from eigenform.coordination.queries.contacts import contact_days
from eigenform.coordination.queries.customer import bought, held_about
from eigenform.coordination.queries.evidence import answer_readings, promise_readings
from eigenform.coordination.queries.timeline import timeline

__all__ = ["answer_readings", "bought", "contact_days", "held_about", "promise_readings", "timeline"]
