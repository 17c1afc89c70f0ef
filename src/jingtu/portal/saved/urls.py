from django.urls import URLPattern, URLResolver, path

from . import views

app_name = "saved"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.view_list, name="list"),
    path("start/", views.start, name="start"),
    path("menu/", views.menu, name="menu"),
    path("new/", views.new, name="new"),
    path("<int:view_id>/edit/", views.edit, name="edit"),
    path("<int:view_id>/<slug:action>/", views.act, name="act"),
]
