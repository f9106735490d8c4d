"""People who work here: the user of the site, and the staff that a source names."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from eigenform.records.models import RandomHex, Sourced


class Role(models.TextChoices):
    """What somebody may do; `queries.scope_of` turns it into a scope."""

    LEADER = "leader", "Leader: decides, loads, steers, manages staff"
    MEMBER = "member", "Member: decides and loads"
    READER = "reader", "Reader: looks, changes nothing"


class StaffManager(BaseUserManager["Staff"]):
    """What Django's commands need to make a user."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Staff":
        """Make a person who can sign in once they have a password."""
        person = self.model(username=username, source="eigenform", key=username, **{"name": username, **fields})
        person.set_password(password)
        person.save(using=self._db)
        return person


class Staff(Sourced, AbstractBaseUser):
    """A person of the firm. Who comes from a source cannot sign in until invited: no password, not active."""

    username = models.CharField(max_length=320, unique=True)
    name = models.CharField(max_length=200)
    team = models.CharField(max_length=120, blank=True, db_default="")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER, db_default=Role.MEMBER)
    actor = models.CharField(max_length=32, unique=True, db_default=RandomHex())
    password = models.CharField(max_length=128, db_default="!")
    is_active = models.BooleanField(default=True, db_default=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = StaffManager()

    class Meta(Sourced.Meta):
        pass

    def __str__(self) -> str:
        return self.name


class SetupLink(models.Model):
    """A one-time link: to make the first leader, or for a person to set a new password. Only its hash is kept."""

    token_sha256 = models.CharField(max_length=64, unique=True)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.CASCADE, related_name="+")
    valid_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
