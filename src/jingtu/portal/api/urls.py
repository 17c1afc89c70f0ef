from django.urls import path

from . import views
from .routes import api

app_name = "api"

urlpatterns = [
    path("", views.docs, name="docs"),
    path("openapi.json", views.openapi, name="openapi"),
    path("", api.urls),
]
