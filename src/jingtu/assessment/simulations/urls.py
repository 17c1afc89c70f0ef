from django.urls import URLPattern, URLResolver, path

from . import retrospect_views, views

app_name = "simulations"

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:run_id>/simulate/", views.simulate, name="simulate"),
    path("<int:run_id>/retrospect/", retrospect_views.retrospect, name="retrospect"),
    path("<int:run_id>/retrospect/start/", retrospect_views.start, name="retrospect-start"),
    path("<int:run_id>/retrospect/export.csv", retrospect_views.export, name="retrospect-csv"),
    path("<int:run_id>/simulate/save/", views.save, name="save"),
    path("scenarios/<int:scenario_id>/drop/", views.drop, name="drop"),
]
