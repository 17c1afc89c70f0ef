from django.urls import path

from jingtu.core.regions import changing, views

app_name = "regions"

urlpatterns = [
    path("", views.tree_list, name="list"),
    path("load/", changing.load, name="load"),
    path("picker/", views.picker, name="picker"),
    path("place/<int:region_id>/", views.detail, name="detail"),
    path("place/<int:region_id>/children/", views.children, name="children"),
    path("place/<int:region_id>/aliases/", changing.alias_add, name="alias-add"),
    path("place/<int:region_id>/aliases/<int:alias_id>/remove/", changing.alias_remove, name="alias-remove"),
    path("place/<int:region_id>/<slug:kind>/", changing.change, name="change"),
    path("<slug:slug>/", views.tree, name="tree"),
    path("<slug:slug>/search/", views.search, name="search"),
    path("<slug:slug>/groups/", views.group_list, name="groups"),
    path("<slug:slug>/groups/new/", changing.group_edit, name="group-new"),
    path("<slug:slug>/groups/<slug:code>/", changing.group_edit, name="group"),
    path("<slug:slug>/groups/<slug:code>/remove/", changing.group_remove, name="group-remove"),
]
