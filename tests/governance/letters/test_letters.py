"""Letters from the template to the signature, the scan, the replacement and the end of the year."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime
from docx import Document
from pypdf import PdfReader
from typer.testing import CliRunner

from jingtu.core.accounts.models import Post, Unit, User
from jingtu.core.accounts.sessions import CONFIRMED
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.core.regions.effects import touched_by
from jingtu.core.regions.services import Order, merge_regions, preview_change
from jingtu.engine.periods import Period
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.bodies.rules import Kind
from jingtu.governance.duties.letters import drafting, services
from jingtu.governance.duties.letters.beside import letters_of_place
from jingtu.governance.duties.letters.commands import app
from jingtu.governance.duties.letters.coverage import coverage
from jingtu.governance.duties.letters.drafting import Wanted
from jingtu.governance.duties.letters.effects import affected_letters
from jingtu.governance.duties.letters.feeds import DUE, SIGNED, letters_counted
from jingtu.governance.duties.letters.models import Letter
from jingtu.governance.duties.letters.printing import printed
from jingtu.governance.duties.letters.queries import get_letter, letters, may_open_scan
from jingtu.governance.duties.letters.rules import LetterState, digest_of
from jingtu.governance.duties.letters.searching import find_letters
from jingtu.governance.duties.letters.waiting import letters_waiting
from tests.access.cast import SINCE, Cast, make_cast
from tests.taken import taken_out

from .office import template_data

MORNING = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)  # a Monday
PDF = b"%PDF-1.4\n%%EOF\n"

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def township(cast: Cast, key: str = "township_a") -> str:
    return f"place:{cast.places[key].pk}"


def issued(cast: Cast, **changes: str) -> Letter:
    """The head's letter of the first township, to be signed by its reporter."""
    secretary = cast.actor("secretary", "own")
    template = drafting.save_template(secretary, cast.places["county_a"].pk, template_data(**changes))
    signer = cast.user("reporter", "descendant").pk
    return drafting.issue_batch(secretary, template.pk, [Wanted(township(cast), signer)])[0]


def test_letters_are_merged_for_each_recipient_and_nothing_is_kept_of_a_preview(cast: Cast) -> None:
    secretary = cast.actor("secretary", "own")
    template = drafting.save_template(secretary, cast.places["county_a"].pk, template_data())
    wanted = [
        Wanted(township(cast), cast.user("reporter", "descendant").pk),
        Wanted(township(cast, "township_a2"), None, "赵某"),
    ]
    seen = drafting.previews(secretary, template.pk, wanted)
    assert not Letter.objects.exists()
    made = drafting.issue_batch(secretary, template.pk, wanted)
    assert [letter.text for letter in made] == [text for _, _, text in seen]
    assert "甲一镇应落实禁毒责任" in made[0].text
    assert "1．每季度研究一次禁毒工作" in made[0].text
    assert (made[1].signer_id, made[1].signer_name, made[1].state) == (None, "赵某", "issued")
    entry = AuditEntry.objects.get(action="letters.issued")
    assert entry.after is not None
    assert entry.after["letters"] == [letter.pk for letter in made]
    assert Notice.objects.get(code="letters.issued").recipient_id == made[0].signer_id


def test_a_template_that_names_an_unknown_field_is_refused(cast: Cast) -> None:
    secretary, county = cast.actor("secretary", "own"), cast.places["county_a"].pk
    with pytest.raises(InvalidInput) as refused:
        drafting.save_template(secretary, county, template_data(text="{recipient}{head}"))
    assert [problem.params["field"] for problem in refused.value.problems] == ["head"]
    first = drafting.save_template(secretary, county, template_data())
    second = drafting.save_template(secretary, county, template_data(text="新稿{recipient}"))
    first.refresh_from_db()
    assert (second.version, first.newest, first.text != second.text) == (2, False, True)
    with pytest.raises(PermissionDenied):
        drafting.save_template(cast.actor("leader", "own"), county, template_data())


def test_only_the_named_signer_signs_and_signs_the_text_that_was_read(cast: Cast) -> None:
    letter = issued(cast)
    signer = cast.actor("reporter", "descendant")
    for other in (
        cast.actor("secretary", "own"),
        cast.actor("leader", "own"),
        cast.actor("analyst", "descendant"),
    ):
        with pytest.raises(PermissionDenied):
            services.sign(other, letter.pk, letter.digest)
    with pytest.raises(Conflict) as refused:
        services.sign(signer, letter.pk, "0" * 64)
    assert refused.value.problem.code == "letters.text_changed"
    signed = services.sign(signer, letter.pk, letter.digest)
    assert (signed.state, signed.signed_digest, signed.signed_on) == (
        "signed",
        letter.digest,
        signed.signed_on,
    )
    assert AuditEntry.objects.filter(action="letters.signed").exists()
    with pytest.raises(Conflict):
        services.sign(signer, letter.pk, letter.digest)
    with pytest.raises(Conflict):
        services.withdraw(cast.actor("secretary", "own"), letter.pk, "不再需要")


def test_letters_still_to_be_signed_stand_first(cast: Cast) -> None:
    secretary = cast.actor("secretary", "own")
    template = drafting.save_template(secretary, cast.places["county_a"].pk, template_data())
    signer = cast.user("reporter", "descendant")
    first, second = drafting.issue_batch(
        secretary,
        template.pk,
        [Wanted(township(cast), signer.pk), Wanted(township(cast, "township_a2"), None, "赵某")],
    )
    assert list(letters(secretary)) == [first, second]
    services.sign(cast.actor("reporter", "descendant"), first.pk, first.digest)
    assert [letter.pk for letter in letters(secretary)] == [second.pk, first.pk]


def test_signing_asks_again_who_sits_there(cast: Cast, client: Client) -> None:
    letter = issued(cast)
    client.force_login(cast.user("reporter", "descendant"))
    session = client.session
    session[CONFIRMED] = 0
    session.save()
    address = f"/letters/{letter.pk}/sign/"
    assert client.post(address, {"digest": letter.digest}).status_code == 403
    letter.refresh_from_db()
    assert letter.state == LetterState.ISSUED


def test_a_paper_is_entered_with_its_day_and_its_scan_is_for_few(cast: Cast) -> None:
    with frozen(MORNING):
        letter = issued(cast)
    secretary = cast.actor("secretary", "own")
    with frozen(MORNING + dt.timedelta(days=3)):
        with pytest.raises(InvalidInput):
            services.enter_scan(secretary, letter.pk, dt.date(2026, 3, 1), "责任书.pdf", [PDF])
        with pytest.raises(InvalidInput):
            services.enter_scan(secretary, letter.pk, dt.date(2026, 3, 3), "责任书.csv", [b"a,b\n"])
        letter = services.enter_scan(secretary, letter.pk, dt.date(2026, 3, 3), "责任书.pdf", [PDF])
    assert (letter.state, letter.signed_on, letter.signed_digest) == ("signed", dt.date(2026, 3, 3), "")
    assert letter.scan is not None
    assert may_open_scan(secretary, letter.scan)
    assert may_open_scan(cast.actor("reporter", "descendant"), letter.scan)
    assert not may_open_scan(cast.actor("leader", "ancestor"), letter.scan)


def test_a_refusal_is_told_to_the_office_and_a_replacement_ends_the_old_letter(cast: Cast) -> None:
    letter, secretary = issued(cast), cast.actor("secretary", "own")
    services.refuse_letter(cast.actor("reporter", "descendant"), letter.pk, "目标过高，需重新核定")
    assert Notice.objects.filter(code="letters.refused", recipient=secretary.user).exists()
    assert [duty.count for duty in letters_waiting(secretary)] == [1]
    with pytest.raises(InvalidInput):
        drafting.replace(secretary, letter.pk, letter.template_id, " ")
    newer = drafting.replace(secretary, letter.pk, letter.template_id, "重新核定目标")
    with pytest.raises(Conflict):
        drafting.replace(secretary, letter.pk, letter.template_id, "重新核定目标")
    letter.refresh_from_db()
    assert letter.state == LetterState.REFUSED
    services.issue(secretary, [newer.pk])
    letter.refresh_from_db()
    assert (letter.state, newer.replaces_id) == ("replaced", letter.pk)
    services.sign(cast.actor("reporter", "descendant"), newer.pk, newer.digest)


def test_nobody_holds_two_letters_of_a_layer(cast: Cast) -> None:
    letter, secretary = issued(cast), cast.actor("secretary", "own")
    with pytest.raises(Conflict) as refused:
        drafting.draft(secretary, letter.template_id, [Wanted(township(cast), None, "另一人")])
    assert refused.value.problem.code == "letters.standing_already"
    letter.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        letter.save()


def test_a_signer_must_be_one_who_may_sign_for_the_recipient(cast: Cast) -> None:
    secretary = cast.actor("secretary", "own")
    template = drafting.save_template(secretary, cast.places["county_a"].pk, template_data())
    stranger = cast.user("reporter", "sibling").pk
    for wanted in (Wanted(township(cast), stranger), Wanted(township(cast))):
        with pytest.raises(InvalidInput):
            drafting.draft(secretary, template.pk, [wanted])
    with pytest.raises(InvalidInput):
        drafting.draft(secretary, template.pk, [Wanted(f"place:{cast.places['township_b'].pk}", None, "某")])
    with pytest.raises(NotFound):
        drafting.draft(cast.actor("secretary", "sibling"), template.pk, [Wanted(township(cast), None, "某")])


def staff_letter(cast: Cast) -> tuple[Letter, Unit]:
    """A letter inside a unit of county A, signed by the user without other posts."""
    county = cast.places["county_a"]
    unit = Unit.objects.create(name="甲县教育局", region=county)
    for user in (cast.user("nobody"), User.objects.create_user("colleague", full_name="同事")):
        Post.objects.create(
            user=user, role="reporter", region=county, unit=unit, module="duties", valid_from=SINCE
        )
    secretary = cast.actor("secretary", "own")
    template = drafting.save_template(secretary, county.pk, template_data(layer="staff", kinds=("member",)))
    wanted = Wanted(f"member:{unit.pk}:{cast.user('nobody').pk}", cast.user("nobody").pk)
    return drafting.issue_batch(secretary, template.pk, [wanted])[0], unit


def test_a_letter_inside_a_unit_is_for_its_people_and_the_office(cast: Cast) -> None:
    letter, _unit = staff_letter(cast)
    from jingtu.core.accounts.actors import UserActor

    colleague = UserActor(User.objects.get(username="colleague"))
    assert get_letter(colleague, letter.pk)
    assert get_letter(cast.actor("nobody"), letter.pk)
    assert get_letter(cast.actor("secretary", "own"), letter.pk)
    outside = [("leader", "own"), ("reporter", "own"), ("leader", "ancestor"), ("secretary", "ancestor")]
    for role, relation in outside:
        with pytest.raises(NotFound):
            get_letter(cast.actor(role, relation), letter.pk)
    services.sign(cast.actor("nobody"), letter.pk, letter.digest)


def test_the_office_above_counts_drafts_and_staff_letters_but_reads_neither(
    cast: Cast, client: Client
) -> None:
    inside, _unit = staff_letter(cast)
    office, above = cast.user("secretary", "own"), cast.user("secretary", "ancestor")
    sent = issued(cast)
    [drafted] = drafting.draft(
        cast.actor("secretary", "own"),
        sent.template_id,
        [Wanted(township(cast, "township_a2"), None, "赵某")],
    )
    for user, seen in ((office, {sent.pk, drafted.pk, inside.pk}), (above, {sent.pk})):
        client.force_login(user)
        listed = client.get("/letters/")
        assert {letter.pk for letter in listed.context["page"]} == seen
        for letter in (sent, drafted, inside):
            assert client.get(f"/letters/{letter.pk}/").status_code == (200 if letter.pk in seen else 404)
    assert client.get(f"/letters/{inside.pk}/letter.pdf").status_code == 404
    county = cast.places["county_a"].pk
    counted = client.get(f"/letters/coverage/?region={county}&year={sent.year}")
    words = counted.content.decode()
    assert inside.signer_name not in words, "above, persons inside units are counted only"
    assert f"/letters/{drafted.pk}/" not in words, "above, a draft is no letter yet"
    assert client.post(f"/letters/{sent.pk}/withdraw/", {"reason": "上级撤回"}).status_code == 403
    with pytest.raises(PermissionDenied):
        drafting.save_template(cast.actor("secretary", "ancestor"), county, template_data())


def test_coverage_counts_who_should_have_one_and_names_who_has_not_signed(cast: Cast) -> None:
    letter = issued(cast)
    staff, _unit = staff_letter(cast)
    county, year = cast.places["county_a"].pk, letter.year
    found = coverage(cast.actor("secretary", "own"), county, year)
    assert (found.total.due, found.total.issued, found.total.signed) == (4, 2, 0)
    assert {(one.name, one.state) for one in found.unsigned} == {
        ("甲一镇", "issued"),
        ("甲二镇", ""),
        (staff.recipient_name, "issued"),
        ("甲县教育局 同事", ""),
    }
    services.sign(cast.actor("reporter", "descendant"), letter.pk, letter.digest)
    from_above = coverage(cast.actor("leader", "ancestor"), cast.places["city"].pk, year)
    assert (from_above.total.due, from_above.total.signed) == (4, 1)
    assert [one.name for one in from_above.unsigned] == ["甲二镇"]  # no names of persons inside units
    assert (found.unnamed, from_above.unnamed) == (0, 2)  # but how many are still to sign
    client = Client()
    client.force_login(cast.user("leader", "ancestor"))
    page = client.get("/letters/coverage/", {"year": year, "layer": "staff"}).content.decode()
    assert "另有2份单位内人员的责任书未签" in page
    assert "全部已签" not in page
    assert from_above.by_level["county"].signed == 1
    with pytest.raises(NotFound):
        coverage(cast.actor("leader", "sibling"), county, year)


def test_whoever_signs_for_a_unit_is_not_due_again_as_its_staff(cast: Cast) -> None:
    staff, unit = staff_letter(cast)
    head = User.objects.get(username="colleague")
    secretary, county = cast.actor("secretary", "own"), cast.places["county_a"].pk
    template = drafting.save_template(secretary, county, template_data(kinds=("unit",)))
    drafting.issue_batch(secretary, template.pk, [Wanted(f"unit:{unit.pk}", head.pk)])
    found = coverage(secretary, county, staff.year)
    assert {(line.layer, line.kind): line.tally.due for line in found.lines} == {
        ("head", "unit"): 1,
        ("staff", "member"): 1,
    }


def test_a_committees_page_says_how_far_the_letters_of_its_place_are_signed(cast: Cast) -> None:
    letter = issued(cast)
    body = Body(region=cast.places["county_a"], kind=Kind.COMMITTEE, name="甲县禁毒委员会")
    panel = letters_of_place(cast.actor("leader", "own"), body, letter.drafted_at.date(), end_of(letter))
    assert panel is not None
    assert "应签责任书2份；" in panel.sentence_zh
    assert "已下达1份，已签0份" in panel.sentence_zh
    assert {line.zh for line in panel.lines} == {"甲一镇", "甲二镇"}
    assert letters_of_place(cast.actor("leader", "sibling"), body, end_of(letter), end_of(letter)) is None


def end_of(letter: Letter) -> dt.date:
    return dt.date(letter.year, 12, 31)


def test_the_pages_ask_the_database_as_often_for_many_letters_as_for_few(cast: Cast, client: Client) -> None:
    issued(cast)
    client.force_login(cast.user("secretary", "own"))

    def asked(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    addresses = ("/letters/", "/letters/coverage/")
    for address in addresses:
        asked(address)
    few = [asked(address) for address in addresses]
    template = Letter.objects.get().template
    for number in range(12):
        partner = drafting.add_partner(
            cast.actor("secretary", "own"), cast.places["county_a"].pk, f"商会{number}"
        )
        data = template_data(kinds=("place", "partner"))
        template = drafting.save_template(cast.actor("secretary", "own"), cast.places["county_a"].pk, data)
        drafting.issue_batch(
            cast.actor("secretary", "own"), template.pk, [Wanted(f"partner:{partner.pk}", None, "会长")]
        )
    assert [asked(address) for address in addresses] == few


def test_an_office_sets_its_own_days_in_the_template(cast: Cast, client: Client) -> None:
    secretary, county = cast.actor("secretary", "own"), cast.places["county_a"].pk
    with frozen(MORNING):
        own = replace(template_data(), sign_days=2, remind_every=1)
        with pytest.raises(InvalidInput) as refused:
            drafting.save_template(secretary, county, replace(own, sign_days=0, remind_every=31))
        assert [problem.column for problem in refused.value.problems] == ["sign_days", "remind_every"]
        template = drafting.save_template(secretary, county, own)
        signer = cast.user("reporter", "descendant").pk
        [letter] = drafting.issue_batch(secretary, template.pk, [Wanted(township(cast), signer)])
        client.force_login(cast.user("secretary", "own"))
        assert "下达后2个工作日" in client.get(f"/letters/{letter.pk}/").content.decode()
        assert "每1个工作日再提醒" in client.get(f"/letters/templates/{template.pk}/").content.decode()
    assert letter.sign_by == dt.date(2026, 3, 4)
    told = []
    for day in range(5):
        with frozen(MORNING + dt.timedelta(days=day)):
            told.append(services.remind())
    assert told == [0, 0, 1, 1, 1]


def test_reminders_come_on_the_day_and_letters_end_with_their_year(cast: Cast) -> None:
    with frozen(MORNING):
        letter = issued(cast)
    assert letter.sign_by == dt.date(2026, 3, 16)
    with frozen(MORNING + dt.timedelta(days=13)):
        assert services.remind() == 0
    with frozen(MORNING + dt.timedelta(days=14)):
        assert (services.remind(), services.remind()) == (1, 0)
    with frozen(MORNING + dt.timedelta(days=300)):
        assert services.expire() == 0
    with frozen(MORNING + dt.timedelta(days=310)):
        assert (services.expire(), services.expire()) == (1, 0)
        letter.refresh_from_db()
        assert letter.state == LetterState.EXPIRED
        with pytest.raises(Conflict):
            services.sign(cast.actor("reporter", "descendant"), letter.pk, letter.digest)


def test_word_and_pdf_carry_the_text_the_hash_and_how_it_was_signed(cast: Cast) -> None:
    letter = issued(cast)
    services.sign(cast.actor("reporter", "descendant"), letter.pk, letter.digest)
    name, word = printed(cast.actor("secretary", "own"), letter.pk, "docx")
    text = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(word)).paragraphs)
    _, pdf = printed(cast.actor("secretary", "own"), letter.pk, "pdf")
    read = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")
    for words in ("甲一镇应落实禁毒责任", letter.digest, "在系统内签字", "禁毒工作责任书"):
        assert words in text
        assert words in read
    assert name.endswith("责任书.docx")
    with pytest.raises(NotFound):
        printed(cast.actor("leader", "sibling"), letter.pk, "pdf")


def test_a_reading_copy_in_english_says_that_the_chinese_text_alone_is_signed(
    cast: Cast, client: Client
) -> None:
    secretary, county = cast.actor("secretary", "own"), cast.places["county_a"].pk
    half = replace(template_data(), text_en="{recipient} signs")
    with pytest.raises(InvalidInput) as refused:
        drafting.save_template(secretary, county, half)
    assert [problem.code for problem in refused.value.problems] == ["letters.half_english"]
    whole = replace(
        half, title_en="Letter {year}", text_en="I. Duties\n{recipient} acts.\n{targets}\n{duties}"
    )
    template = drafting.save_template(secretary, county, whole)
    signer = cast.user("reporter", "descendant").pk
    plain, english = issued(cast), None
    drafting.replace(secretary, plain.pk, template.pk, "换签并附译文")
    english = Letter.objects.get(replaces=plain)
    assert english.digest == digest_of(english.text)
    assert english.signer_id == signer
    _, word = printed(secretary, english.pk, "docx", "en")
    text = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(word)).paragraphs)
    for words in ("Translation for reading only", "甲一镇 acts.", "No target of its own", english.digest):
        assert words in text
    with pytest.raises(NotFound):
        printed(secretary, plain.pk, "docx", "en")
    client.force_login(cast.user("secretary", "own"))
    shown = client.get(f"/letters/{english.pk}/").content.decode()
    assert "译文仅供阅读" in shown
    assert client.get(f"/letters/{plain.pk}/letter.pdf?language=en").status_code == 404


def test_letters_are_figures_of_the_office_that_issued_them(cast: Cast) -> None:
    with frozen(MORNING):
        letter = issued(cast)
    with frozen(MORNING + dt.timedelta(days=40)):
        services.sign(cast.actor("reporter", "descendant"), letter.pk, letter.digest)
    county = cast.places["county_a"].pk
    ids = [county, cast.places["county_b"].pk]

    def counted(period: str) -> dict[tuple[int, str, str], int]:
        found = letters_counted(cast.actor("secretary", "own"), cast.tree, ids, Period.parse(period))
        return {key: one.value for key, one in found.items()}

    assert counted("2026-02") == {}
    assert counted("2026-03") == {(county, DUE, ""): 1, (county, SIGNED, ""): 0}
    assert counted("2026-04")[(county, SIGNED, "")] == 1


def test_a_merger_says_which_letters_its_places_hold(cast: Cast) -> None:
    issued(cast)
    change = preview_change(
        cast.actor("system_administrator"),
        cast.tree,
        lambda: merge_regions(
            cast.actor("system_administrator"),
            [cast.places["township_a"]],
            into=cast.places["township_a2"],
            order=Order(dt.date(2026, 1, 1)),
        ),
    )
    lines = affected_letters(cast.actor("secretary", "own"), touched_by(change.effect))
    assert lines is not None
    assert [line.count for line in lines] == [1]
    assert affected_letters(cast.actor("viewer", "own"), touched_by(change.effect)) is None


def test_search_finds_a_letter_by_its_recipient_for_who_may_know(cast: Cast) -> None:
    issued(cast)
    assert len(find_letters(cast.actor("leader", "own"), "甲一", 5)) == 1
    assert find_letters(cast.actor("leader", "sibling"), "甲一", 5) == []


def test_many_are_issued_on_screen_after_a_preview(cast: Cast, client: Client) -> None:
    secretary = cast.actor("secretary", "own")
    template = drafting.save_template(secretary, cast.places["county_a"].pk, template_data())
    client.force_login(cast.user("secretary", "own"))
    address = f"/letters/templates/{template.pk}/issue/"
    chosen = {
        "pick": [township(cast), township(cast, "township_a2")],
        "signer_0": str(cast.user("reporter", "descendant").pk),
        "name_1": "赵某",
    }
    page = client.post(address, {**chosen, "step": "preview"})
    assert "甲二镇应落实禁毒责任" in page.content.decode()
    assert not Letter.objects.exists()
    assert client.post(address, {**chosen, "step": "issue"}).status_code == 302
    assert letters(secretary).filter(state="issued").count() == 2
    stamp, _, rows = taken_out(client.get("/letters/export/?layer=head&state=live&mine="))
    assert [row[5] for row in rows if row[5] == "赵某"] == ["赵某"]
    # What narrowed the list is said in the words of its page.
    assert stamp["筛选条件"] == "层级=主要领导；状态=有效"
    scan = SimpleUploadedFile("责任书.pdf", PDF)
    paper = Letter.objects.get(signer=None)
    assert paper.issued_at is not None
    day = localtime(paper.issued_at).date().isoformat()
    assert client.post(f"/letters/{paper.pk}/scan/", {"day": day, "scan": scan}).status_code == 302


def test_commands_list_and_refuse_in_one_line(cast: Cast) -> None:
    issued(cast)
    runner = CliRunner()
    listed = runner.invoke(app, ["list", "--as", "secretary.own", "--json"])
    assert '"state": "issued"' in listed.stdout
    covered = runner.invoke(app, ["coverage", "cast", "310101", "--as", "secretary.own", "--json"])
    assert '"due": 2' in covered.stdout
    assert runner.invoke(app, ["list", "--state", "nonsense", "--as", "secretary.own"]).exit_code == 2
