from django.urls import URLPattern, URLResolver, path

from . import views

app_name = "notifications"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.notice_list, name="list"),
    path("unread/", views.unread, name="unread"),
    path("read/", views.read_all, name="read-all"),
    path("<int:notice_id>/read/", views.read, name="read"),
]
