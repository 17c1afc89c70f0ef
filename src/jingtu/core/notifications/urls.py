from django.urls import URLPattern, URLResolver, path

from . import message_views, views

app_name = "notifications"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.notice_list, name="list"),
    path("unread/", views.unread, name="unread"),
    path("read/", views.read_all, name="read-all"),
    path("<int:notice_id>/read/", views.read, name="read"),
    path("preferences/", message_views.preferences, name="preferences"),
    path("channels/", message_views.channel_list, name="channels"),
    path("channels/<int:channel_id>/", message_views.channel, name="channel"),
    path("channels/<int:channel_id>/try/", message_views.try_channel, name="try-channel"),
    path("deliveries/", message_views.delivery_list, name="deliveries"),
]
