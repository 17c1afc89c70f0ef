from django.urls import URLPattern, URLResolver, path

from . import views

app_name = "alerts"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.alert_list, name="list"),
    path("acknowledge/", views.acknowledge_many, name="acknowledge-many"),
    path("statistics/", views.statistics, name="statistics"),
    path("rules/", views.rule_list, name="rules"),
    path("rules/<str:code>/", views.rule_page, name="rule"),
    path("<int:alert_id>/", views.detail, name="detail"),
    path("<int:alert_id>/assign/", views.assign, name="assign"),
    path("<int:alert_id>/<str:action>/", views.act, name="act"),
]
