from django.urls import path

from . import report_views, views

app_name = "bodies"

urlpatterns = [
    path("", views.body_list, name="list"),
    path("new/", views.new, name="new"),
    path("terms/", views.terms, name="terms"),
    path("<int:body_id>/", views.detail, name="detail"),
    path("<int:body_id>/edit/", views.edit, name="edit"),
    path("<int:body_id>/dissolve/", views.dissolve, name="dissolve"),
    path("<int:body_id>/members/new/", views.appoint, name="appoint"),
    path("<int:body_id>/capacity/<slug:kind>/", views.capacity, name="capacity"),
    path("<int:body_id>/reports/new/", report_views.draft, name="draft"),
    path("members/<int:member_id>/", views.term, name="term"),
    path("capacity/<int:record_id>/withdraw/", views.withdraw, name="withdraw"),
    path("reports/<int:report_id>/", report_views.report, name="report"),
    path("reports/<int:report_id>/refresh/", report_views.refresh, name="refresh"),
    path("reports/<int:report_id>/issue/", report_views.issue, name="issue"),
    path("reports/<int:report_id>/<slug:language>.<slug:extension>", report_views.download, name="download"),
]
