from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from . import views

app_name = "ui"

urlpatterns: list[URLPattern | URLResolver] = [
    path("help/", views.help_page, name="help"),
    path("help/<slug:topic>/", views.help_page, name="help-topic"),
    path("search/", views.search_page, name="search"),
    path("language/", set_language, name="set-language"),
]
