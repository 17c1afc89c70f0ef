from django.urls import URLPattern, URLResolver, path

from . import views

app_name = "indicators"

urlpatterns: list[URLPattern | URLResolver] = [
    path("catalogue/", views.catalogue, name="catalogue"),
    path("catalogue/versions/", views.catalogue_versions, name="versions"),
    path("catalogue/export.yaml", views.catalogue_yaml, name="export"),
    path("catalogue/scorecards/<str:code>/", views.scorecard_page, name="scorecard"),
    path("catalogue/groups/<str:code>/", views.group_page, name="group"),
    path("catalogue/elements/<str:code>/", views.element, name="element"),
    path("catalogue/<str:code>/", views.indicator, name="indicator"),
]
