from django.urls import path

from jingtu.core.facts.views import browse, imports

app_name = "facts"

urlpatterns = [
    path("", imports.import_list, name="imports"),
    path("upload/", imports.upload, name="upload"),
    path("template/", imports.template, name="template"),
    path("imports/<int:import_id>/", imports.import_detail, name="import"),
    path("imports/<int:import_id>/confirm/", imports.confirm, name="confirm"),
    path("batches/<int:batch_id>/undo/", imports.undo, name="undo"),
    path("browse/", browse.browse, name="browse"),
    path("export/", browse.export, name="export"),
    path("value/", browse.history, name="history"),
    path("value/change/", browse.change, name="change"),
    path("value/retract/", browse.retract, name="retract"),
]
