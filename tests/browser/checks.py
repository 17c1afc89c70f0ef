"""What is asked of every page: fits the window, readable for everybody, in one language, honest about fiction."""

from __future__ import annotations

import csv
import re
import sqlite3
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from .served import PROJECT

AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# Languages are named in themselves.
LANGUAGES = {"简体中文", "中文"}


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def barriers(page: Page) -> list[str]:
    """Serious and critical findings of axe on the page as it stands."""
    page.evaluate(_axe())
    found = page.evaluate(
        """() => axe.run(document, {resultTypes: ["violations"]}).then(result => result.violations
             .filter(rule => rule.impact === "serious" || rule.impact === "critical")
             .flatMap(rule => rule.nodes.slice(0, 3).map(node =>
               `${rule.id}: ${node.target.join(" ")} ${(node.any[0]?.message ?? node.failureSummary).slice(0, 160)}`)))"""
    )
    return list(found)


def wide_elements(page: Page) -> list[str]:
    """What makes the page scroll sideways; empty when it does not."""
    found = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          const out = [`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`];
          for (const element of document.querySelectorAll("body *")) {
            const box = element.getBoundingClientRect();
            const name = element.className?.baseVal ?? element.className;
            if (box.right > width + 1 && box.width > 0 && !element.closest(".jt-table-wrap > *"))
              out.push(`${element.tagName.toLowerCase()}.${name} ends at ${Math.round(box.right)}`);
          }
          return out.slice(0, 6);
        }"""
    )
    return list(found)


def chinese_words(page: Page) -> list[str]:
    """Chinese on the page outside parts that say they are Chinese: texts, titles and labels for readers of screens."""
    texts = page.evaluate(
        """() => {
          const out = [];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const node = walk.currentNode;
            const element = node.nodeType === 3 ? node.parentElement : node;
            const lang = element.closest("[lang]");
            if (element.closest("script, style") || lang?.lang.startsWith("zh")) continue;
            if (node.nodeType === 3) out.push(node.data);
            else for (const name of ["title", "aria-label", "placeholder", "alt", "data-close"])
              if (element.hasAttribute(name)) out.push(element.getAttribute(name));
          }
          out.push(document.title);
          return out;
        }"""
    )
    return [text.strip() for text in texts if CHINESE.search(text)]


class Names:
    """Words of an installation that are data and stay Chinese in every language."""

    def __init__(self, home: Path) -> None:
        with sqlite3.connect(f"file:{home / 'jingtu.sqlite3'}?mode=ro", uri=True) as database:
            self.words = {
                word
                for query in (
                    "select name from regions_region",
                    "select name from regions_regionalias",
                    "select source from regions_regiontree",
                    "select full_name from accounts_user",
                    "select name from files_storedfile",
                    "select number from bulletins_bulletin",
                    "select distribution from bulletins_bulletin",
                    # What people wrote themselves.
                    "select note from runs_run",
                    "select note from indicators_catalogueversion",
                    "select reason from audit_auditentry",
                    "select note from facts_factbatch",
                    "select note from reporting_cell",
                    "select return_reason from reporting_cell",
                    "select note from reporting_reportevent",
                    "select distinct person_label from reporting_reportevent",
                    "select reason from reporting_proxy",
                    "select reason from outputs_layoutversion",
                    "select text from outputs_item",
                    "select note from outputs_item",
                    "select name from saved_savedview",
                    "select name from subscriptions_subscription",
                    "select name from meetings_series",
                    "select place from meetings_series",
                    "select end_reason from meetings_series",
                    "select distinct name from meetings_usualattendee",
                    "select distinct role from meetings_usualattendee",
                    "select title from meetings_meeting",
                    "select place from meetings_meeting",
                    "select distinct name from meetings_attendee",
                    "select distinct role from meetings_attendee",
                    "select distinct substitute from meetings_attendee",
                    "select title_zh from meetings_agendaitem where kind in ('own', 'decision')",
                    "select detail_zh from meetings_agendaitem where kind = 'own'",
                    "select distinct presenter from meetings_agendaitem",
                    "select record from meetings_agendaitem",
                    "select text from meetings_decision",
                    "select reason from meetings_meetingstep",
                    "select name from schedules_schedule",
                    "select name from bulletins_distributionlist",
                    "select name from numbering_numberseries",
                    "select office from numbering_numberseries",
                    "select text from numbering_officialnumber",
                    "select subject from numbering_officialnumber where target = ''",
                    "select reason from numbering_officialnumber",
                    "select official_number from runs_publication",
                    "select skip_reason from runs_publication",
                    "select reason from runs_runreview",
                    "select agency from surveys_wave",
                    "select method from surveys_wave",
                    "select source from surveys_wave",
                    "select title from indicators_cataloguedraft",
                    "select purpose from indicators_cataloguedraft",
                    "select note from indicators_draftedit",
                    "select text from appeals_appeal",
                    "select decision from appeals_appeal",
                    "select text from appeals_appealstep",
                    "select facts from measures_proposal",
                    "select decision from measures_proposal",
                    "select post from measures_proposal",
                    "select facts from measures_measure",
                    "select post from measures_measure",
                    "select text from measures_measurestep",
                    "select number from measures_measurestep",
                    "select body from measures_measureeffect",
                    "select document_number from measures_measureeffect",
                    "select note from measures_ladder",
                    "select note from measures_rule",
                    "select number from measures_quarterbulletin",
                    "select title from plans_plan",
                    "select title from plans_task",
                    "select name from listings_ruleset",
                    "select note from listings_ruleversion",
                    "select name from listings_venue",
                    "select kind from listings_venue",
                    "select address from listings_venue",
                    "select grounds from listings_listing",
                    "select reply from listings_listing",
                    "select hearing from listings_listing",
                    "select leader from listings_listing",
                    "select document_number from listings_listing",
                    "select entry_source from listings_listingcriterion",
                    "select source from listings_progressvalue",
                    "select text from listings_listingstep",
                    "select document_number from listings_listingstep",
                    "select findings from listings_acceptance",
                    "select note from listings_acceptanceline",
                    "select unit from listings_opinion",
                    "select text from listings_opinion",
                    "select number from listings_listingpaper",
                    "select grounds from listings_designation",
                    "select decision from listings_designation",
                    "select document_number from listings_designation",
                    "select reason from adjustments_entry",
                    "select decision from adjustments_entry",
                    "select reply from adjustments_vetocase",
                    "select decision from adjustments_vetocase",
                    "select reason from alerts_alertevent",
                    "select document from targets_target",
                    "select reason from targets_target",
                    "select decision from targets_target",
                    "select document from targets_trajectory",
                    "select reason from targets_trajectory",
                    "select name from accounts_unit",
                    "select title from supervising_supervision",
                    "select number from supervising_supervision",
                    "select issuer from supervising_supervision",
                    "select title from plans_plan",
                    "select title from plans_task",
                    "select strand from plans_task",
                    "select title from plans_milestone",
                    "select name from letters_partner",
                    "select name from letters_lettertemplate",
                    "select issuer from letters_lettertemplate",
                    "select recipient_name from letters_letter",
                    "select signer_name from letters_letter",
                    "select name from bodies_body",
                    "select duties from bodies_body",
                    "select text from documents_normativedocument",
                    "select number from documents_article",
                    "select text from documents_article",
                    "select post from dutyreports_dutyreport",
                    "select text from dutyreports_dutyreport",
                    "select text from dutyreports_dutycomment",
                    "select text from dutyreports_unitevaluation",
                    "select texts from bodies_bodyreport",
                    "select number from bodies_bodyreport",
                    "select title from plans_plan",
                    "select document from plans_plan",
                    "select cancel_reason from plans_plan",
                    "select title from plans_task",
                    "select requirement from plans_task",
                    "select strand from plans_task",
                    "select state_reason from plans_task",
                    "select title from plans_milestone",
                    "select note from plans_milestone",
                    "select title from plans_deliverable",
                    "select article from plans_taskcitation",
                    "select text from plans_taskstep",
                    "select changes from plans_taskstep",
                    # As the document carries it.
                    "select number from documents_normativedocument",
                )
                for (name,) in database.execute(query)
                for word in CHINESE.findall(_plain(name))
            } | LANGUAGES

    def untranslated(self, text: str) -> list[str]:
        """The Chinese of a text that is no name."""
        return [word for word in CHINESE.findall(text) if word not in self.words]


def _plain(text: str) -> str:
    """Text as people read it; lists are stored with escapes."""
    return text.encode("ascii").decode("unicode_escape") if text.isascii() else text


@cache
def invented_names() -> frozenset[str]:
    """Names of the fictional city's regions."""
    folder = PROJECT / "src" / "jingtu" / "portal" / "demo_data" / "city"
    names = set()
    for name in ("regions.csv", "units.csv"):
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            names |= {row["name"] for row in csv.DictReader(file)}
    return frozenset(names)


def silent_fiction(page: Page) -> list[str]:
    """Invented places on a page that does not say that they are invented."""
    text = page.locator("body").inner_text()
    if "虚构" in text or "fictional" in text.lower():
        return []
    return sorted(name for name in invented_names() if name in text)[:3]
