"""A box for several files: what comes in is what services take."""

from __future__ import annotations

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from jingtu.core.files.forms import FilesField


class EvidenceForm(forms.Form):
    evidence = FilesField()


class DemandingForm(forms.Form):
    evidence = FilesField(required=True, accept=".pdf")


def given(form: type[forms.Form], *contents: bytes) -> forms.Form:
    files = [SimpleUploadedFile(f"{number}.pdf", content) for number, content in enumerate(contents, 1)]
    return form({}, MultiValueDict({"evidence": files}))


def test_all_files_chosen_at_once_come_in_with_their_names_and_content() -> None:
    form = given(EvidenceForm, b"%PDF-1", b"%PDF-2")

    assert form.is_valid()
    assert [(name, b"".join(blocks)) for name, blocks in form.cleaned_data["evidence"]] == [
        ("1.pdf", b"%PDF-1"),
        ("2.pdf", b"%PDF-2"),
    ]


@pytest.mark.parametrize(("form", "valid"), [(EvidenceForm, True), (DemandingForm, False)])
def test_none_is_enough_only_where_none_is_required(form: type[forms.Form], valid: bool) -> None:
    empty = given(form)

    assert empty.is_valid() is valid
    assert empty.cleaned_data == ({"evidence": []} if valid else {})


def test_one_empty_file_among_others_is_refused() -> None:
    assert list(given(EvidenceForm, b"%PDF-1", b"").errors) == ["evidence"]


def test_the_box_takes_several_of_the_kinds_said_and_says_what_becomes_of_photographs() -> None:
    evidence, pdf = EvidenceForm()["evidence"], DemandingForm()["evidence"]

    assert ".jpg" in str(evidence)
    assert " multiple" in str(evidence)
    assert 'accept=".pdf"' in str(pdf)
    assert "照片" in str(evidence.help_text)
