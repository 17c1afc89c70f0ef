from django.urls import path, re_path

from .views import boards, files, filling, forms, keeping, people, reviewing

app_name = "reporting"

urlpatterns = [
    path("", filling.due, name="due"),
    path("fill/<slug:code>/<str:period>/", filling.fill_many, name="fill-many"),
    path("fill/<slug:code>/<str:period>/submit/", filling.submit_many, name="submit-many"),
    path("fill/<slug:code>/<str:period>/<int:region_id>/", filling.fill, name="fill"),
    path("fill/<slug:code>/<str:period>/<int:region_id>/submit/", filling.submit, name="submit"),
    path("fill/<slug:code>/<str:period>/<int:region_id>/withdraw/", filling.withdraw, name="withdraw"),
    path("fill/<slug:code>/<str:period>/<int:region_id>/history/", filling.history, name="history"),
    path("sheet/<slug:code>/<str:period>/", filling.sheet, name="sheet"),
    path("save/<slug:code>/<str:period>/", filling.save, name="save"),
    path("review/", boards.review, name="review"),
    path("review/accept/", reviewing.accept, name="accept"),
    path("review/<int:report_id>/decide/", reviewing.decide, name="decide"),
    path("review/remind/", keeping.remind, name="remind"),
    path("review/export/", keeping.export, name="export"),
    path("missing/", keeping.missing, name="missing"),
    path("progress/", keeping.progress, name="progress"),
    path("burden/", keeping.burden, name="burden"),
    re_path(r"^progress/units\.(?P<extension>csv|xlsx)$", files.progress, name="progress-file"),
    re_path(r"^burden/units\.(?P<extension>csv|xlsx)$", files.burden, name="burden-file"),
    path("proxies/", people.proxies, name="proxies"),
    path("proxies/<int:proxy_id>/decide/", people.decide, name="proxy-decide"),
    path("handover/", people.handover, name="handover"),
    path("forms/", forms.form_list, name="forms"),
    path("forms/new/", forms.edit, name="form-new"),
    path("forms/<slug:code>/", forms.form_page, name="form"),
    path("forms/<slug:code>/edit/", forms.edit, name="form-edit"),
    path("forms/<slug:code>/publish/", forms.publish, name="form-publish"),
    path("forms/<slug:code>/discard/", forms.discard, name="form-discard"),
]
