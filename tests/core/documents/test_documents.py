"""Normative documents follow the catalogue, are found by words, and say who cites them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jingtu.core.audit.models import AuditEntry
from jingtu.core.documents import queries, registry
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.documents.services import DocumentData, store_documents
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.engine.problems import InvalidInput
from tests.access.cast import Cast, make_cast

LAW = DocumentData(
    "law", "某某法", "law", title_en="Some Law", issuer="某机关", number="主席令第1号", date="2008"
)
NOTICE = DocumentData("notice", "关于考核的通知", "notice", issuer="某办", date="2018-06-26")

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    store_documents(SYSTEM, [LAW, NOTICE])
    return make_cast()


def test_the_same_list_again_changes_nothing():
    assert store_documents(SYSTEM, [LAW, NOTICE])["added"] == 2
    before, entries = list(NormativeDocument.objects.values()), AuditEntry.objects.count()
    assert store_documents(SYSTEM, [LAW, NOTICE]) == {"added": 0, "changed": 0, "unchanged": 2}
    assert list(NormativeDocument.objects.values()) == before
    assert AuditEntry.objects.count() == entries


def test_a_changed_document_is_updated_and_audited_and_an_absent_one_stays():
    store_documents(SYSTEM, [LAW, NOTICE])
    assert store_documents(SYSTEM, [replace(LAW, number="主席令第2号")])["changed"] == 1
    entry = AuditEntry.objects.filter(action="documents.stored").latest("sequence")
    assert (entry.before, entry.after) == ({"number": "主席令第1号"}, {"number": "主席令第2号"})
    assert queries.get_document(SYSTEM, "notice").title_zh == "关于考核的通知"


def test_a_wrong_kind_refuses_the_whole_list():
    with pytest.raises(InvalidInput):
        store_documents(SYSTEM, [LAW, replace(NOTICE, kind="rumour")])
    assert not NormativeDocument.objects.exists()


def test_storing_needs_the_right(cast):
    with pytest.raises(PermissionDenied):
        store_documents(cast.actor("viewer", "own"), [LAW])


@pytest.mark.parametrize(
    ("words", "found"),
    [("考核", ["notice"]), ("主席令", ["law"]), ("some", ["law"]), ("某 通知", ["notice"]), ("无此", [])],
)
def test_documents_are_found_by_words(cast, words, found):
    assert [document.code for document in queries.list_documents(SYSTEM, words)] == found
    assert [hit.label for hit in queries.find(SYSTEM, words, 5)] == [
        document.title for document in queries.list_documents(SYSTEM, words)
    ]


def test_the_page_of_a_document_lists_who_cites_it(client, cast, monkeypatch):
    citation = registry.Citation("指标", "执行率", "/indicators/x/")
    monkeypatch.setattr(registry, "_sources", [lambda actor, code: [citation] if code == "law" else []])
    client.force_login(cast.user("viewer", "own"))
    assert "执行率" in client.get("/documents/law/").content.decode()
    assert "执行率" not in client.get("/documents/notice/").content.decode()
    assert client.get("/documents/none/").status_code == 404
    with pytest.raises(NotFound):
        queries.get_document(SYSTEM, "none")


def test_an_english_reader_sees_the_english_title_where_there_is_one(client, cast):
    client.force_login(cast.user("viewer", "own"))
    client.cookies["django_language"] = "en"
    page = client.get("/documents/").content.decode()
    assert "Some Law" in page
    assert "关于考核的通知" in page
