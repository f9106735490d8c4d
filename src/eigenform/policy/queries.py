"""Read the policy back."""

from eigenform.policy.contracts import Document, PolicyVersion, first_document, from_json
from eigenform.policy.models import Policy


def _version(row: Policy) -> PolicyVersion:
    return PolicyVersion(
        version=row.version,
        document=from_json(row.document),
        author=row.author,
        reason=row.reason,
        adopted_at=row.adopted_at,
    )


def in_force() -> PolicyVersion | None:
    """Return the newest version, or None before the first: `actions.ensure_first` makes that."""
    row = Policy.objects.order_by("-version").first()
    return _version(row) if row else None


def version(number: int) -> PolicyVersion:
    """Return one version."""
    return _version(Policy.objects.get(version=number))


def history() -> list[PolicyVersion]:
    """Return all versions, newest first."""
    return [_version(row) for row in Policy.objects.order_by("-version")]


def document() -> Document:
    """Return the document in force, or the defaults before the first version."""
    found = in_force()
    return found.document if found else first_document()
