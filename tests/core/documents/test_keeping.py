"""What an office writes about its documents stands: versions, articles, expiry, and imports that keep off."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.core.audit.models import AuditEntry
from jingtu.core.documents import keeping, queries
from jingtu.core.documents.keeping import Draft
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.documents.rules import (
    Force,
    date_is_well_written,
    force_on,
    parse_reference,
    reference,
    split_articles,
)
from jingtu.core.documents.services import DocumentData, store_documents
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.core.regions.services.changes import Order, merge_regions
from tests.access.cast import Cast, make_cast

RULES = Draft("市禁毒责任制规定", "responsibility", issuer="市禁毒委", in_force_from=dt.date(2024, 1, 1))
LAW = DocumentData("law", "某某法", "law", number="主席令第1号")


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def add(cast: Cast, **changes: object) -> NormativeDocument:
    return keeping.add_document(
        cast.actor("secretary", "own"),
        replace(RULES, **changes),
        keeper_id=cast.places["county_a"].pk,
        code="rules",
    )


def test_a_document_belongs_to_the_office_that_keeps_it(cast):
    add(cast)
    keeping.change_document(
        cast.actor("secretary", "ancestor"), "rules", replace(RULES, number="1号"), "补文号"
    )
    for relation in ("sibling", "descendant", "outsider"):
        with pytest.raises(PermissionDenied):
            keeping.change_document(cast.actor("secretary", relation), "rules", RULES, "不该改")
    assert queries.get_document(SYSTEM, "rules").number == "1号"


def test_what_comes_with_the_catalogue_is_for_whoever_keeps_a_whole_tree(cast):
    store_documents(SYSTEM, [LAW])
    draft = Draft("某某法", "law", number="主席令第2号")
    with pytest.raises(PermissionDenied):
        keeping.change_document(cast.actor("secretary", "ancestor"), "law", draft, "更正")
    keeping.change_document(cast.actor("system_administrator"), "law", draft, "更正")


def test_an_import_leaves_alone_what_an_office_changed_and_changes_the_rest(cast):
    store_documents(SYSTEM, [LAW])
    keeping.change_document(SYSTEM, "law", Draft("某某法", "law", number="主席令第2号"), "更正文号")
    assert store_documents(SYSTEM, [LAW])["unchanged"] == 1
    assert store_documents(SYSTEM, [replace(LAW, issuer="某机关")])["changed"] == 1
    law = queries.get_document(SYSTEM, "law")
    assert (law.number, law.issuer) == ("主席令第2号", "某机关")


def test_a_change_needs_a_reason_and_is_on_record(cast):
    add(cast)
    with pytest.raises(InvalidInput):
        keeping.change_document(SYSTEM, "rules", replace(RULES, number="9号"), " ")
    keeping.change_document(SYSTEM, "rules", replace(RULES, number="9号"), "补文号")
    entry = AuditEntry.objects.get(action="documents.changed")
    assert (entry.before, entry.after, entry.reason) == ({"number": ""}, {"number": "9号"}, "补文号")


def test_a_new_version_ends_the_older_one_and_both_stay(cast):
    add(cast)
    newer = replace(RULES, in_force_from=dt.date(2026, 7, 1))
    version = keeping.add_version(cast.actor("secretary", "own"), "rules", newer)
    assert version.code == "rules-v2"
    older = queries.get_document(SYSTEM, "rules")
    assert older.in_force_to == dt.date(2026, 6, 30)
    assert queries.versions_of(SYSTEM, older) == [version, older]
    assert list(queries.narrowed(SYSTEM, queries.Wanted(on=dt.date(2026, 6, 30)))) == [older]
    assert list(queries.narrowed(SYSTEM, queries.Wanted(on=dt.date(2026, 7, 1)))) == [version]
    with pytest.raises(Conflict):
        keeping.add_version(SYSTEM, "rules", newer, new_code="rules-again")


def test_articles_are_set_out_from_the_text_and_can_be_cited(cast):
    add(cast, text="总则\n第一条 为落实责任。\n第二条　每月调度。\n（一）通报；\n第二条 引文。")
    assert keeping.articles_from_text(SYSTEM, "rules") == 2
    with pytest.raises(Conflict):
        keeping.articles_from_text(SYSTEM, "rules")
    cited = queries.cited(SYSTEM, ["rules#第二条", "rules#第九条", "rules", "none"])
    second = NormativeDocument.objects.get(code="rules").articles.get(number="第二条")
    assert cited["rules#第二条"] == ("市禁毒责任制规定 第二条", f"/documents/rules/#article-{second.pk}")
    assert cited["rules#第九条"][1] == "/documents/rules/"
    assert "none" not in cited


def test_an_article_is_written_once_and_removed_with_a_reason(cast):
    add(cast)
    article = keeping.write_article(SYSTEM, "rules", "第一条", "为落实责任。")
    with pytest.raises(InvalidInput):
        keeping.write_article(SYSTEM, "rules", "第一条", "又一条。")
    keeping.write_article(SYSTEM, "rules", "第一条", "为落实禁毒责任。", article_id=article.pk)
    with pytest.raises(InvalidInput):
        keeping.remove_article(SYSTEM, "rules", article.pk, "")
    keeping.remove_article(SYSTEM, "rules", article.pk, "录入有误")
    removed = AuditEntry.objects.get(action="documents.article_removed")
    assert removed.before == {"number": "第一条", "text": "为落实禁毒责任。"}


def test_who_keeps_a_document_is_told_once_before_it_expires(cast):
    with frozen(dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)):
        _told_once_for_each_date(cast)


def _told_once_for_each_date(cast: Cast) -> None:
    add(cast, in_force_to=dt.date(2026, 12, 1))
    assert keeping.tell_of_expiry() == 1
    assert keeping.tell_of_expiry() == 0
    told = set(Notice.objects.filter(code="documents.expiring").values_list("recipient__username", flat=True))
    assert {"secretary.own", "secretary.ancestor"} <= told
    assert not any("sibling" in name or "descendant" in name for name in told)
    draft = replace(RULES, in_force_to=dt.date(2026, 12, 15))
    keeping.change_document(SYSTEM, "rules", draft, "延长")
    assert keeping.tell_of_expiry() == 1


def test_a_merged_place_hands_its_documents_to_the_successor(cast):
    add(cast)
    places = cast.places
    order = Order(date=dt.date(2026, 1, 1))
    merge_regions(SYSTEM, [places["county_a"]], into=places["county_b"], order=order)
    assert queries.get_document(SYSTEM, "rules").keeper == places["county_b"]
    keeping.change_document(cast.actor("secretary", "sibling"), "rules", replace(RULES, number="1号"), "移交")


def test_the_pages_add_change_and_replace(client, cast):
    client.force_login(cast.user("secretary", "own"))
    county = cast.places["county_a"].pk
    data = {"title_zh": "十项措施", "kind": "measures", "keeper": county, "code": "ten", "date": "2026-03"}
    assert client.post("/documents/new/", data | {"date": "三月"}).status_code == 400
    assert client.post("/documents/new/", data).status_code == 302
    assert (
        client.post("/documents/ten/articles/", {"number": "第一条", "text": "周例会。"}).status_code == 302
    )
    assert "周例会" in client.get("/documents/ten/").content.decode()
    assert client.post("/documents/ten/edit/", data | {"number": "〔2026〕1号"}).status_code == 400
    changed = client.post("/documents/ten/edit/", data | {"number": "〔2026〕1号", "reason": "补文号"})
    assert changed.status_code == 302
    version = data | {"code": "", "in_force_from": "2026-10-01"}
    assert client.post("/documents/ten/version/", version).headers["Location"] == "/documents/ten-v2/"
    assert "第一条" not in client.get("/documents/ten-v2/").content.decode()
    assert client.get("/documents/?on=2026-10-02&kind=measures").content.decode().count("ten-v2") == 1


def test_the_list_asks_the_same_number_of_queries_for_many(client, cast, django_assert_max_num_queries):
    client.force_login(cast.user("secretary", "own"))
    for number in range(30):
        keeping.add_document(SYSTEM, RULES, keeper_id=cast.places["county_a"].pk, code=f"rules-{number}")
    with django_assert_max_num_queries(14):
        assert client.get("/documents/").status_code == 200


NUMBERS = st.lists(st.integers(1, 9), min_size=1, max_size=9, unique=True)


@given(NUMBERS, st.text(alphabet="禁毒工作，。（）\n", min_size=1).filter(str.strip))
def test_every_article_of_a_text_is_found_in_its_order(numbers, body):
    text = "".join(f"第{number}条 {body}\n" for number in numbers)
    assert split_articles(text) == [(f"第{number}条", body.strip()) for number in numbers]


@given(st.from_regex(r"[a-z][a-z0-9._-]{0,20}", fullmatch=True), st.text(alphabet="第一二三条"))
def test_a_citation_reads_back_as_it_was_written(code, article):
    assert parse_reference(reference(code, article)) == (code, article)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("", True),
        ("2026", True),
        ("2026-02", True),
        ("2026-02-29", False),
        ("2026-13", False),
        ("去年", False),
    ],
)
def test_a_date_of_issue_is_a_year_a_month_or_a_day(text, good):
    assert date_is_well_written(text) is good


def test_where_a_document_stands_on_a_day():
    day = dt.date(2026, 11, 22)
    assert force_on(None, None, day) == Force.IN_FORCE
    assert force_on(dt.date(2026, 11, 23), None, day) == Force.NOT_YET
    assert force_on(None, dt.date(2026, 11, 21), day) == Force.ENDED
    assert force_on(None, dt.date(2026, 12, 1), day) == Force.SOON_ENDING
