"""Letters of county A's office to its townships: one drafted, one issued to the reporter of the first township, one inside a unit."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.core.accounts.models import Post, Unit
from jingtu.governance.duties.letters import drafting
from tests.access.cast import SINCE, Cast, Member
from tests.access.doors import Known, Row, roles
from tests.governance.letters.office import template_data

READERS = roles("analyst", "reviewer", "leader", "secretary", "reporter")
"""Who may read duties somewhere; the viewer may not."""
SEERS = roles(
    "analyst", "reviewer", "leader", "secretary", "reporter", relations=("own", "ancestor", "descendant")
)
SECRETARIES = roles("secretary")
OFFICE = roles("secretary", relations=("own",))
"""The office that writes: the one above reads what has gone out, and writes nothing in its name."""
SIGNER = roles("reporter", relations=("descendant",))


def prepare(cast: Cast) -> Known:
    secretary, county = cast.actor("secretary", "own"), cast.places["county_a"]
    template = drafting.save_template(secretary, county.pk, template_data())
    first, second = cast.places["township_a"], cast.places["township_a2"]
    signer = cast.user("reporter", "descendant")
    [issued] = drafting.issue_batch(secretary, template.pk, [drafting.Wanted(f"place:{first.pk}", signer.pk)])
    [drafted] = drafting.draft(secretary, template.pk, [drafting.Wanted(f"place:{second.pk}", None, "赵某")])
    unit = Unit.objects.create(name="甲县教育局", region=county)
    Post.objects.create(
        user=cast.user("nobody"),
        role="reporter",
        region=county,
        unit=unit,
        module="documents",
        valid_from=SINCE,
    )
    staff = drafting.save_template(secretary, county.pk, template_data(layer="staff", kinds=("member",)))
    [inside] = drafting.issue_batch(
        secretary,
        staff.pk,
        [drafting.Wanted(f"member:{unit.pk}:{cast.user('nobody').pk}", None, "钱某")],
    )
    partner = drafting.add_partner(secretary, county.pk, "外地商会")
    return {
        "template": template.pk,
        "issued": issued.pk,
        "digest": issued.digest,
        "drafted": drafted.pk,
        "inside": inside.pk,
        "partner": partner.pk,
        "county": county.pk,
        "second": f"place:{second.pk}",
    }


def _letter(name: str):
    return lambda known: {"letter_id": known[name]}


def _template(known: Known) -> dict[str, object]:
    return {"template_id": known["template"]}


def _reason(known: Known) -> dict[str, str]:
    return {"reason": "经研究决定"}


def lists_only_what_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {letter.pk for letter in response.context["page"]}  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    expected = {known["issued"]} if who in SEERS else set()
    if who in OFFICE:
        expected |= {known["drafted"], known["inside"]}
    assert shown == expected, member.name


ROWS = [
    Row("letters:list", open_to=READERS, sees=lists_only_what_may_be_known),
    Row("letters:export", open_to=READERS),
    Row("letters:coverage", open_to=READERS),
    Row(
        "letters:export-coverage",
        open_to=roles(
            "analyst", "reviewer", "leader", "secretary", "reporter", relations=("own", "ancestor")
        ),
        method="GET",
        data=lambda known: {"region": known["county"]},
    ),
    Row("letters:templates", open_to=SECRETARIES),
    Row("letters:template-new", open_to=SECRETARIES),
    Row(
        "letters:template-new",
        method="POST",
        open_to=OFFICE,
        data=lambda known: {
            "region": known["county"],
            "year": template_data().year,
            "layer": "head",
            "kinds": ["place"],
            "name": "另一份",
            "issuer": "甲县禁毒办",
            "title": "责任书",
            "text": "致{recipient}",
            "sign_days": 10,
            "remind_every": 5,
        },
        refused=(400, 403, 404),
    ),
    Row("letters:template", kwargs=_template, open_to=OFFICE),
    Row("letters:batch", kwargs=_template, open_to=OFFICE),
    Row(
        "letters:batch",
        method="POST",
        kwargs=_template,
        open_to=OFFICE,
        data=lambda known: {"pick": [], "step": "preview"},
        admitted=(400,),
    ),
    Row("letters:partners", open_to=SECRETARIES),
    Row(
        "letters:partners",
        method="POST",
        open_to=OFFICE,
        data=lambda known: {"region": known["county"], "name": "另一商会"},
        refused=(400, 403, 404),
    ),
    Row(
        "letters:partner-close",
        method="POST",
        kwargs=lambda known: {"partner_id": known["partner"]},
        open_to=OFFICE,
    ),
    Row("letters:detail", kwargs=_letter("issued"), open_to=SEERS),
    Row("letters:detail", kwargs=_letter("drafted"), open_to=OFFICE),
    Row("letters:detail", kwargs=_letter("inside"), open_to=OFFICE),
    Row(
        "letters:download",
        kwargs=lambda known: {"letter_id": known["issued"], "extension": "pdf"},
        open_to=SEERS,
    ),
    Row("letters:issue", method="POST", kwargs=_letter("drafted"), open_to=OFFICE),
    Row(
        "letters:sign",
        method="POST",
        kwargs=_letter("issued"),
        data=lambda known: {"digest": known["digest"]},
        open_to=SIGNER,
    ),
    Row("letters:refuse", kwargs=_letter("issued"), open_to=SIGNER),
    Row("letters:refuse", method="POST", kwargs=_letter("issued"), data=_reason, open_to=SIGNER),
    Row("letters:withdraw", method="POST", kwargs=_letter("issued"), data=_reason, open_to=OFFICE),
    Row("letters:scan", kwargs=_letter("issued"), open_to=OFFICE),
    Row(
        "letters:replace",
        method="POST",
        kwargs=_letter("issued"),
        data=lambda known: {"template": known["template"], "reason": "签字人变动"},
        open_to=OFFICE,
    ),
]
