"""The API as a whole: who may ask, how errors are told, which parts it has."""

from ninja import NinjaAPI

from eigenform.api import customers, deciding, errors, estimates, loads, people, policy, turns
from eigenform.api.auth import Session, Token
from eigenform.api.docs import Docs

api = NinjaAPI(
    title="Eigenform",
    version="1",
    description="The CRM that closes the loop. Amounts are minor units of the firm's reporting currency unless a field "
    "says otherwise; `low` and `high` are the ends of an 80 % interval; times are UTC.",
    auth=[Token(), Session()],
    docs=Docs(),
    urls_namespace="api-v1",
)
errors.install(api)
api.add_router("/turns", turns.router)
api.add_router("/decisions", deciding.router)
api.add_router("/customers", customers.router)
api.add_router("", estimates.router)
api.add_router("", loads.router)
api.add_router("/policy", policy.router)
api.add_router("", people.router)
