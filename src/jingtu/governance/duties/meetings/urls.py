from django.urls import path

from .views import agenda, meetings, minutes, series

app_name = "meetings"

urlpatterns = [
    path("", meetings.meeting_list, name="list"),
    path("calendar/", meetings.month, name="calendar"),
    path("new/", meetings.new, name="new"),
    path("series/", series.series_list, name="series"),
    path("series/new/", series.series_new, name="series-new"),
    path("series/<int:series_id>/", series.series_detail, name="series-detail"),
    path("series/<int:series_id>/edit/", series.series_edit, name="series-edit"),
    path("series/<int:series_id>/generate/", series.series_generate, name="series-generate"),
    path("series/<int:series_id>/end/", series.series_end, name="series-end"),
    path("items/<int:item_id>/", agenda.item, name="item"),
    path("items/<int:item_id>/shift/", agenda.shift, name="item-shift"),
    path("items/<int:item_id>/drop/", agenda.drop, name="item-drop"),
    path("items/<int:item_id>/papers/<int:paper_id>/drop/", agenda.drop_paper, name="paper-drop"),
    path("<int:meeting_id>/", meetings.detail, name="detail"),
    path("<int:meeting_id>/edit/", meetings.edit, name="edit"),
    path("<int:meeting_id>/agenda/", agenda.agenda, name="agenda"),
    path("<int:meeting_id>/take/", agenda.take, name="take"),
    path("<int:meeting_id>/invite/", meetings.invite, name="invite"),
    path("<int:meeting_id>/move/", meetings.move, name="move"),
    path("<int:meeting_id>/cancel/", meetings.cancel, name="cancel"),
    path("<int:meeting_id>/attendance/", meetings.attendance, name="attendance"),
    path("<int:meeting_id>/minutes/", minutes.minutes, name="minutes"),
    path("<int:meeting_id>/minutes/confirm/", minutes.confirm, name="confirm"),
    path("<int:meeting_id>/minutes/return/", minutes.give_back, name="give-back"),
    path("<int:meeting_id>/minutes.<str:extension>", minutes.printed, name="printed"),
    path("<int:meeting_id>/pack/", minutes.pack, name="pack"),
    path("<int:meeting_id>/decisions/new/", minutes.decision_new, name="decision-new"),
    path("decisions/<int:decision_id>/", minutes.decision_edit, name="decision"),
    path("decisions/<int:decision_id>/drop/", minutes.decision_drop, name="decision-drop"),
]
