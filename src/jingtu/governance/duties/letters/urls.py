from django.urls import path

from . import drafting_views, views

app_name = "letters"

urlpatterns = [
    path("", views.letter_list, name="list"),
    path("export/", views.export_letters, name="export"),
    path("coverage/", views.coverage_page, name="coverage"),
    path("coverage/export/", views.export_coverage, name="export-coverage"),
    path("templates/", drafting_views.template_list, name="templates"),
    path("templates/new/", drafting_views.template_new, name="template-new"),
    path("templates/<int:template_id>/", drafting_views.template_detail, name="template"),
    path("templates/<int:template_id>/issue/", drafting_views.batch, name="batch"),
    path("partners/", drafting_views.partner_list, name="partners"),
    path("partners/<int:partner_id>/close/", drafting_views.partner_close, name="partner-close"),
    path("<int:letter_id>/", views.detail, name="detail"),
    path("<int:letter_id>/issue/", views.issue, name="issue"),
    path("<int:letter_id>/sign/", views.sign, name="sign"),
    path("<int:letter_id>/refuse/", views.refuse, name="refuse"),
    path("<int:letter_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:letter_id>/scan/", views.scan, name="scan"),
    path("<int:letter_id>/replace/", views.replace, name="replace"),
    path("<int:letter_id>/letter.<str:extension>", views.download, name="download"),
]
