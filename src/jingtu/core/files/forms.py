"""The box of a form for several files at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from .rules import EVIDENCE_ACCEPT
from .services import Upload


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"  # nothing stands to be cleared


class FilesField(forms.FileField):
    """Several files at once, as services take them; evidence unless the form says otherwise.

    A list with nothing in it where none is required and none given.
    """

    def __init__(self, *, accept: str = EVIDENCE_ACCEPT, required: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault(
            "help_text",
            _("PDF、Word、Excel、CSV 或照片（JPEG、PNG），可多选；照片里的拍摄位置、设备等信息保存时去掉。"),
        )
        widget = _SeveralFiles(attrs={"accept": accept, "multiple": True})
        super().__init__(required=required, widget=widget, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not given:
            super().clean(None, initial)
        return [upload_of(super(FilesField, self).clean(one, initial)) for one in given]


def upload_of(file: UploadedFile) -> Upload:
    """One uploaded file as services take it."""
    return file.name or "file", file.chunks()
