"""The papers of a meeting as one PDF: everything in order, numbered, and nothing that hides in uploaded files."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from jingtu.core.files.queries import content_path
from jingtu.core.jobs.models import Job
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.governance.duties.meetings import services
from jingtu.governance.duties.meetings.models import Meeting, Pack
from jingtu.governance.duties.meetings.services.packs import keep_pack
from tests.governance.meetings.scene import JULY_1, Scene, on


def pdf(pages: int, *, landscape: bool = False, script: bool = False, password: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(595, 842)
        if landscape:
            page.rotate(90)
    if script:
        action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript")})
        action[NameObject("/JS")] = TextStringObject("app.alert('here')")
        writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): action})
        writer.add_annotation(0, Link(rect=(0, 0, 100, 100), url="https://example.org/"))
    if password:
        writer.encrypt(password)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


@pytest.fixture
def meeting(scene: Scene) -> Meeting:
    found = scene.july()[0]
    with on(JULY_1):
        first = services.add_item(
            scene.secretary, found.pk, services.ItemData("听取社区汇报", "三个社区依次汇报。\n每家五分钟。")
        )
        services.add_papers(
            scene.secretary,
            first.pk,
            [("附件一.pdf", [pdf(3, script=True)]), ("附件二.pdf", [pdf(2, landscape=True)])],
        )
        services.add_item(scene.secretary, found.pk, services.ItemData("研究下月安排"))
    return found


def text_of(made: Pack) -> list[str]:
    reader = PdfReader(content_path(made.file))
    return [page.extract_text() for page in reader.pages]


def test_the_pack_holds_cover_agenda_text_and_uploaded_pages_in_order(scene: Scene, meeting: Meeting) -> None:
    with on(JULY_1):
        made = keep_pack(scene.secretary, meeting.pk, "zh")
    pages = text_of(made)
    assert made.pages == len(pages) == 9  # cover, agenda, text, 3 + 2 uploaded, text
    assert "半月调度会" in pages[0]
    agenda = "".join(pages[1].split())
    assert "听取社区汇报" in agenda
    assert "三个社区依次汇报" in pages[2]
    assert "研究下月安排" in pages[8]
    assert [f"{number} / 9" in " ".join(text.split()) for number, text in enumerate(pages, start=1)] == [
        True
    ] * 9


def test_the_contents_name_the_page_on_which_an_item_begins(scene: Scene, meeting: Meeting) -> None:
    with on(JULY_1):
        made = keep_pack(scene.secretary, meeting.pk, "en")
    words = text_of(made)[1].split()
    assert "3" in words
    assert "9" in words
    reader = PdfReader(content_path(made.file))
    marks = [
        (entry.title, reader.get_destination_page_number(entry))
        for entry in reader.outline
        if not isinstance(entry, list)
    ]
    assert marks == [
        ("Agenda and contents", 0),
        ("1. 听取社区汇报", 2),
        ("附件一.pdf", 3),
        ("附件二.pdf", 6),
        ("2. 研究下月安排", 8),
    ]


def test_scripts_and_links_of_uploaded_files_stay_out(scene: Scene, meeting: Meeting) -> None:
    with on(JULY_1):
        made = keep_pack(scene.secretary, meeting.pk, "zh")
    reader = PdfReader(content_path(made.file))
    assert "/Names" not in reader.trailer["/Root"]
    assert not any("/Annots" in page for page in reader.pages)
    assert b"app.alert" not in content_path(made.file).read_bytes()


@pytest.mark.parametrize("wrong", [pdf(1, password="geheim"), b"%PDF-1.7\nnothing"])
def test_a_pdf_that_cannot_be_bound_is_refused_at_the_door(
    scene: Scene, meeting: Meeting, wrong: bytes
) -> None:
    item = meeting.items.first()
    assert item is not None
    with on(JULY_1), pytest.raises(InvalidInput):
        services.add_papers(scene.secretary, item.pk, [("坏.pdf", [wrong])])
    assert item.papers.count() == 2


def test_the_same_agenda_gives_the_same_pack(scene: Scene, meeting: Meeting) -> None:
    with on(JULY_1):
        one = keep_pack(scene.secretary, meeting.pk, "zh")
        two = keep_pack(scene.secretary, meeting.pk, "zh")
    assert one.file.sha256 == two.file.sha256


def test_a_pack_is_asked_for_as_a_job_by_who_manages(scene: Scene, meeting: Meeting) -> None:
    with on(JULY_1):
        job = services.ask_for_pack(scene.secretary, meeting.pk, "zh")
        with pytest.raises(PermissionDenied):
            services.ask_for_pack(scene.chair, meeting.pk, "zh")
    assert Job.objects.get(pk=job.pk).params["meeting"] == meeting.pk


def test_an_empty_agenda_has_no_papers(scene: Scene) -> None:
    with on(JULY_1), pytest.raises(Conflict):
        services.ask_for_pack(scene.secretary, scene.july()[1].pk, "zh")
