from django.urls import path

from .views import boards, filling, forms, reviewing

app_name = "reporting"

urlpatterns = [
    path("", filling.due, name="due"),
    path("fill/<slug:code>/<str:period>/", filling.fill_many, name="fill-many"),
    path("fill/<slug:code>/<str:period>/<int:region_id>/", filling.fill, name="fill"),
    path("fill/<slug:code>/<str:period>/<int:region_id>/submit/", filling.submit, name="submit"),
    path("fill/<slug:code>/<str:period>/<int:region_id>/withdraw/", filling.withdraw, name="withdraw"),
    path("fill/<slug:code>/<str:period>/<int:region_id>/history/", filling.history, name="history"),
    path("save/<slug:code>/<str:period>/", filling.save, name="save"),
    path("review/", boards.review, name="review"),
    path("review/accept/", reviewing.accept, name="accept"),
    path("review/<int:report_id>/decide/", reviewing.decide, name="decide"),
    path("forms/", forms.form_list, name="forms"),
    path("forms/new/", forms.edit, name="form-new"),
    path("forms/<slug:code>/", forms.form_page, name="form"),
    path("forms/<slug:code>/edit/", forms.edit, name="form-edit"),
    path("forms/<slug:code>/publish/", forms.publish, name="form-publish"),
    path("forms/<slug:code>/discard/", forms.discard, name="form-discard"),
]
