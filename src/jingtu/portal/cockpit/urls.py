from django.urls import URLPattern, URLResolver, path, re_path

from . import compare_views, page_views, views

app_name = "cockpit"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("today/", views.duties, name="today"),
    path("wall/", views.wall, name="wall"),
    path("slides.pptx", views.slides, name="slides"),
    path("indicators/", page_views.explorer, name="explorer"),
    path("indicators/data.csv", page_views.explorer_csv, name="explorer-csv"),
    path("compare/", compare_views.page, name="compare"),
    re_path(r"^compare/places\.(?P<extension>csv|xlsx|pptx)$", compare_views.export, name="compare-file"),
    path("figures/", page_views.figures, name="figures"),
    path("regions/place/<int:region_id>/profile/", page_views.profile, name="profile"),
]
