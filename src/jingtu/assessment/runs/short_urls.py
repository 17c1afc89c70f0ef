"""Short addresses of explanations, as bulletins print them."""

from django.urls import URLPattern, URLResolver, path

from . import reading_views

app_name = "runs-short"

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:run_id>/<int:region_id>/", reading_views.short, name="total"),
    path("<int:run_id>/<int:region_id>/<str:indicator>/", reading_views.short, name="indicator"),
]
