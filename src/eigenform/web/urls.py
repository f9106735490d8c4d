"""Pages for people."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from eigenform.web.pages import sign_in

urlpatterns = [
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("set-up/<str:token>/", sign_in.set_up, name="set-up"),
    path("set-password/<str:token>/", sign_in.set_up, name="set-password"),
]
