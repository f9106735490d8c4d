"""Signing in and out, and the one-time link that makes the first leader or sets a password."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from eigenform.base.errors import Refused
from eigenform.staff import actions as staff
from eigenform.web.pages.rendering import Page, show

ATTEMPTS_MAX = 8
ATTEMPTS_KEPT_SECONDS = 15 * 60
TOO_MANY = 429


class SignInForm(AuthenticationForm):
    """Name and password, counted: guessing is slowed down by name and address."""

    error_messages = {  # noqa: RUF012 - Django's own declaration
        **AuthenticationForm.error_messages,
        "invalid_login": "Name and password do not match. Both mind capitals.",
        "inactive": "This person cannot sign in. A leader can invite them again.",
        "throttled": "Too many attempts under this name. Wait 15 minutes, or ask a leader to reset the password.",
    }

    def clean(self) -> dict[str, Any]:
        """Refuse without looking at the password once there were too many failures."""
        key = _attempts_key(self.request, self.cleaned_data.get("username", ""))
        if cache.get(key, 0) >= ATTEMPTS_MAX:
            raise forms.ValidationError(self.error_messages["throttled"], code="throttled")
        try:
            cleaned = super().clean()
        except forms.ValidationError:
            cache.add(key, 0, ATTEMPTS_KEPT_SECONDS)
            cache.incr(key)
            raise
        cache.delete(key)
        return cleaned


def _attempts_key(request: HttpRequest, username: str) -> str:
    return f"sign-in:{request.META.get('REMOTE_ADDR', '')}:{username.casefold().encode().hex()[:160]}"


class SignIn(LoginView):
    """Let a person in."""

    template_name = "staff/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """Say why, with 429 where it was too often."""
        response = super().form_invalid(form)
        if form.has_error("__all__", "throttled"):
            response.status_code = TOO_MANY
        return response


class PasswordForm(forms.Form):
    """A new password, and for the first leader a name."""

    username = forms.CharField(
        label="Your name", max_length=150, help_text="You sign in with it, and it stands beside what you decide."
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters, not a common one, not only digits.",
    )
    again = forms.CharField(
        label="The same once more", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_first:
            del self.fields["username"]

    def clean(self) -> dict[str, Any]:
        """Refuse two different passwords."""
        if self.cleaned_data.get("password") != self.cleaned_data.get("again"):
            self.add_error("again", "The two differ. Type the password again.")
        return self.cleaned_data


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpPage(Page):
    """All that staff/set_up.html may show."""

    form: PasswordForm
    is_first: bool
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRefusedPage(Page):
    """All that staff/link_refused.html may show."""

    message: str


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a password behind a one-time link, and be signed in."""
    now = timezone.now()
    try:
        link = staff.link(token, now=now)
    except staff.LinkRefused as refusal:
        return show(request, "staff/link_refused.html", LinkRefusedPage(message=str(refusal)), status=409)
    is_first = link.staff is None
    form = PasswordForm(request.POST or None, is_first=is_first)
    if request.method == "POST" and form.is_valid():
        try:
            person = staff.use_link(
                token,
                username=form.cleaned_data.get("username", ""),
                password=form.cleaned_data["password"],
                now=now,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            login(request, person, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("cockpit")
    name = "" if is_first else link.staff.name
    page = SetUpPage(form=form, is_first=is_first, name=name)
    return show(request, "staff/set_up.html", page, status=422 if form.errors else 200)
