"""Letters of responsibility of 2026: the city with its counties, one county with its towns, units and a chamber."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Unit, User
from jingtu.core.accounts.postings import grant_post
from jingtu.core.accounts.services import create_user
from jingtu.core.kernel.actor import SYSTEM, actor_named
from jingtu.core.kernel.clock import frozen
from jingtu.core.regions import queries as regions
from jingtu.core.regions.models import Region
from jingtu.governance.duties.letters import drafting, services
from jingtu.governance.duties.letters.drafting import TemplateData, Wanted
from jingtu.governance.duties.letters.models import Letter, LetterTemplate
from jingtu.governance.duties.letters.rules import Kind, Layer
from jingtu.portal.demo.governance.bodies import units_of_county
from jingtu.portal.demo.people import CITY, PASSWORD
from jingtu.portal.demo_data.governance import letters as invented

Report = Callable[[int, int], None]
OFFICE_HOUR = dt.timezone(dt.timedelta(hours=8))
YEAR = 2026
UNSIGNED_TOWN, REFUSING_UNIT = "F05017", "县林业局"


def set_out(report: Report) -> None:
    """Issue and sign; what stands is left as it is."""
    city = regions.root_of(SYSTEM, regions.tree_by_slug(SYSTEM, CITY[0]))
    if LetterTemplate.objects.filter(region=city).exists():
        return
    county = regions.find_region(SYSTEM, city.tree, "F05", "county")
    acts = (
        lambda: _city(city),
        lambda: _accounts(county),
        lambda: _heads(county),
        lambda: _inside(county),
    )
    for number, act in enumerate(acts, start=1):
        act()
        report(number, len(acts))


def _at(month: int, day: int, hour: int = 9) -> AbstractContextManager[None]:
    return frozen(dt.datetime(YEAR, month, day, hour, 30, tzinfo=OFFICE_HOUR))


def _city(city: Region) -> None:
    """The nine counties: the one with accounts signs in the system, the others on paper."""
    secretary = actor_named("secretary")
    data = TemplateData(
        YEAR,
        Layer.HEAD,
        "县区禁毒工作责任书",
        [Kind.PLACE],
        "示范市禁毒委员会",
        "{year}年禁毒工作责任书",
        invented.CITY_TEXT,
        invented.CITY_DUTIES,
    )
    leader = User.objects.get(username="countyleader")
    with _at(7, 2):
        template = drafting.save_template(secretary, city.pk, data)
        wanted = []
        for place in regions.children(SYSTEM, city):
            own = place.code == "F05"
            signer = leader.pk if own else None
            wanted.append(Wanted(f"place:{place.pk}", signer, "" if own else f"示例·{place.name}负责人"))
        letters = drafting.issue_batch(secretary, template.pk, wanted)
    with _at(7, 6):
        for letter in letters:
            if letter.signer_id is not None:
                services.sign(UserActor(leader), letter.pk, letter.digest)
            else:
                _scanned("secretary", letter, dt.date(YEAR, 7, 3))


def _scanned(username: str, letter: Letter, day: dt.date) -> None:
    services.enter_scan(
        actor_named(username), letter.pk, day, f"责任书_{letter.recipient_name}.pdf", [invented.SCAN]
    )


def _accounts(county: Region) -> None:
    """The people who sign for towns and member units: set up by the machine as the county office listed them."""
    for number, place in enumerate(regions.children(SYSTEM, county), start=1):
        _person(f"f05town{number:02}", f"虚构示例·{place.name}负责人", "leader", place)
    for number, unit in enumerate(units_of_county(), start=1):
        _person(f"f05unit{number:02}", f"虚构示例·{unit.name}负责人", "reporter", county, unit)
        if unit.name == invented.PEOPLE_UNIT:
            for inner, (_layer, post) in enumerate(invented.INSIDE, start=1):
                _person(f"f05police{inner}", f"虚构示例·{unit.name}{post}", "reporter", county, unit)


def _person(username: str, name: str, role: str, region: Region, unit: Unit | None = None) -> None:
    user = create_user(actor_named("sysadmin"), username=username, full_name=name, password=PASSWORD).user
    grant_post(
        SYSTEM,
        user_id=user.pk,
        role=role,
        region_id=region.pk,
        unit_id=unit.pk if unit is not None else None,
        module="duties",
        valid_from=dt.date(YEAR, 7, 1),
        reason="演示",
    )


def _heads(county: Region) -> None:
    """Twenty towns, thirty units and a chamber of commerce: one town waits, one unit refuses, the chamber on paper."""
    office = actor_named("countysec")
    data = TemplateData(
        YEAR,
        Layer.HEAD,
        "主要领导责任书",
        [Kind.PLACE, Kind.UNIT, Kind.PARTNER],
        f"{county.name}禁毒委员会",
        "{year}年禁毒工作责任书",
        invented.COUNTY_TEXT,
        invented.HEAD_DUTIES,
        title_en=invented.TITLE_EN,
        text_en=invented.COUNTY_TEXT_EN,
        duties_en=invented.HEAD_DUTIES_EN,
    )
    with _at(7, 8):
        template = drafting.save_template(office, county.pk, data)
        partner = drafting.add_partner(office, county.pk, invented.PARTNER)
        users = dict(User.objects.filter(username__startswith="f05").values_list("username", "pk"))
        wanted = [
            Wanted(f"place:{place.pk}", users[f"f05town{number:02}"])
            for number, place in enumerate(regions.children(SYSTEM, county), start=1)
        ]
        wanted += [
            Wanted(f"unit:{unit.pk}", users[f"f05unit{number:02}"])
            for number, unit in enumerate(units_of_county(), start=1)
        ]
        wanted.append(Wanted(f"partner:{partner.pk}", None, invented.PARTNER_HEAD))
        letters = drafting.issue_batch(office, template.pk, wanted)
    with _at(7, 10, 14):
        for letter in letters:
            if letter.signer_id is None:
                _scanned("countysec", letter, dt.date(YEAR, 7, 9))
            elif letter.recipient_name == REFUSING_UNIT:
                services.refuse_letter(_signer(letter), letter.pk, invented.REFUSAL)
            elif letter.place.code != UNSIGNED_TOWN:
                services.sign(_signer(letter), letter.pk, letter.digest)


def _inside(county: Region) -> None:
    """Inside one unit: the deputy, discipline inspection, and two of the staff, one of whom has not signed."""
    office = actor_named("countysec")
    unit = Unit.objects.get(region=county, name=invented.PEOPLE_UNIT)
    users = dict(User.objects.filter(username__startswith="f05police").values_list("username", "pk"))
    with _at(7, 13):
        made: list[Letter] = []
        for layer in ("deputy", "staff", "discipline"):
            data = TemplateData(
                YEAR,
                Layer(layer),
                invented.INSIDE_NAMES[layer],
                [Kind.MEMBER],
                f"{county.name}公安局",
                "{year}年禁毒工作岗位责任书",
                invented.COUNTY_TEXT,
                invented.INSIDE_DUTIES[layer],
            )
            template = drafting.save_template(office, county.pk, data)
            people = [
                users[f"f05police{number}"]
                for number, (one, _post) in enumerate(invented.INSIDE, start=1)
                if one == layer
            ]
            wanted = [Wanted(f"member:{unit.pk}:{person}", person) for person in people]
            made += drafting.issue_batch(office, template.pk, wanted)
    with _at(7, 15, 16):
        for letter in made:
            if letter.signer_id != users["f05police4"]:
                services.sign(_signer(letter), letter.pk, letter.digest)


def _signer(letter: Letter) -> UserActor:
    assert letter.signer is not None
    return UserActor(letter.signer)
