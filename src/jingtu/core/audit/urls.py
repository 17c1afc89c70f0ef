from django.urls import URLPattern, URLResolver, path

from . import views

app_name = "audit"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.entry_list, name="list"),
    path("verify/", views.chain_verify, name="verify"),
    path("export/", views.export, name="export"),
    path("<int:sequence>/", views.entry_detail, name="entry"),
]
