from django.urls import URLPattern, URLResolver, path

from . import views

app_name = "simulations"

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:run_id>/simulate/", views.simulate, name="simulate"),
    path("<int:run_id>/simulate/save/", views.save, name="save"),
    path("scenarios/<int:scenario_id>/drop/", views.drop, name="drop"),
]
