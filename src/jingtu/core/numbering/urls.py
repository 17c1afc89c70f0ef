from django.urls import path

from . import views

app_name = "numbering"

urlpatterns = [
    path("", views.number_list, name="list"),
    path("series/new/", views.new_series, name="new-series"),
    path("series/<int:series_id>/reserve/", views.reserve, name="reserve"),
    path("<int:number_id>/void/", views.void, name="void"),
]
