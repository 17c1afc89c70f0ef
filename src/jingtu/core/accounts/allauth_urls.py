"""The names by which django-allauth looks for pages of ours, and the two pages of single sign-on."""

from django.urls import URLPattern, URLResolver, include, path

from . import factor_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-in/second/", factor_views.second_factor, name="mfa_authenticate"),
    path("sign-in/", include("allauth.socialaccount.providers.openid_connect.urls")),
]
