from django.urls import URLPattern, URLResolver, path

from . import views

app_name = "subscriptions"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.subscription_list, name="list"),
    path("new/", views.edit, name="new"),
    path("<int:subscription_id>/", views.detail, name="detail"),
    path("<int:subscription_id>/edit/", views.edit, name="edit"),
    path("<int:subscription_id>/end/", views.end, name="end"),
    path("stop/<str:token>/", views.stop, name="stop"),
]
