"""The sentences of a bulletin in English."""

from __future__ import annotations

from collections.abc import Sequence

from jingtu.assessment.bulletins.rules import (
    BulletinKind,
    average,
    leaders,
    percent_text,
    points_text,
    trailers,
    weakest_sections,
)
from jingtu.assessment.bulletins.source import Place
from jingtu.assessment.bulletins.writer import Writer
from jingtu.engine.problems import Language

_TITLES = ("Overall", "Ranking", "Red lines and warnings", "Marked changes", "Problems", "Next steps")


def _named(places: Sequence[Place]) -> str:
    return ", ".join(f"{place.name} ({points_text(place.total)})" for place in places)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


class EnglishWriter(Writer):
    """Plain English; the same facts in the same order as the Chinese."""

    language: Language = "en"

    def heading(self, part: int) -> str:
        return f"{part}. {_TITLES[part - 1]}"

    def title(self) -> str:
        source = self.source
        if source.kind != BulletinKind.FULL:
            name = "Daily monitor" if source.kind == BulletinKind.DAILY else "Weekly bulletin"
            return f"{name}: {source.area_en or source.area}, {source.period.label('en')}"
        return (
            f"{source.scorecard_en}: results of {source.area_en or source.area}, {source.period.label('en')}"
        )

    def recipient(self) -> str:
        return "To all committees and units concerned:"

    def date(self) -> str:
        return self.source.published_on.isoformat() if self.source.published_on else "(not published)"

    def opening(self) -> str:
        source = self.source
        return (
            f"Results of {_count(len(source.places), source.level_en, _plural(source.level_en))} for "
            f"{source.period.label('en')} under the {source.scorecard_en}. Every score is derived from reported figures "
            "and opens down to the record it came from."
        )

    def overview(self) -> list[str]:
        source = self.source
        mean = average(source.places)
        text = f"{len(source.places)} assessed, {len(self.with_rank)} ranked"
        text += f"; the mean total is {mean:.2f}." if mean is not None else "."
        if source.coverage_expected:
            text += f" {source.coverage_reported} of {source.coverage_expected} figures due were reported"
            if source.not_reported:
                shown = source.not_reported[:10]
                text += f"; incomplete: {', '.join(shown)}" + (
                    " and others" if len(source.not_reported) > len(shown) else ""
                )
            text += "."
        sentences = [text]
        best, worst = leaders(self.places), trailers(self.places)
        if best:
            text = f"Leading: {_named(best)}."
            if worst:
                text += f" Trailing: {_named(worst)}."
            sentences.append(text)
        risen, fallen = self.movers()
        parts = []
        if risen:
            parts.append(f"{risen.name} rose most, from rank {risen.previous_rank} to {risen.rank}")
        if fallen:
            parts.append(f"{fallen.name} fell most, from rank {fallen.previous_rank} to {fallen.rank}")
        if parts:
            sentences.append(f"Against {self.before}, " + "; ".join(parts) + ".")
        weak = weakest_sections(source)
        if weak:
            parts = [f"{name} ({percent_text(share)} of full points on average)" for _, name, share in weak]
            sentences.append(f"Most points were lost in {' and '.join(parts)}.")
        return sentences

    def red_line_sentence(self) -> str:
        lines = self.source.red_lines
        if not lines:
            return "No indicator crossed its red line, and every stated requirement is met."
        crossed = self.crossed
        unmet = len(lines) - len(crossed)
        text = f"{_count(len(crossed), 'indicator', 'indicators')} crossed a red line"
        if crossed:
            text += f" ({', '.join(dict.fromkeys(line.place for line in crossed))})"
        if unmet:
            text += f"; {unmet} more {'is' if unmet == 1 else 'are'} below the requirement"
        text += "."
        if len(self.listed()) < len(lines):
            text += f" The table lists every red line and the widest gaps, {len(self.listed())} in all; the scorecard on screen has the rest."
        return text + ' "Missing" is what would meet the requirement.'

    def change_sentence(self) -> str:
        changes = self.source.changes
        if not changes:
            return "No change against the earlier periods needs a remark."
        better = sum(1 for change in changes if change.improved)
        worse = sum(1 for change in changes if change.improved is False)
        return f"{_count(len(changes), 'marked change', 'marked changes')}: {better} better, {worse} worse."

    def problems(self) -> list[str]:
        source = self.source
        texts = []
        if source.not_reported:
            texts.append(
                f"Incomplete reporting: {_count(len(source.not_reported), source.place_en, source.place_en + 's')}."
            )
        if self.crossed:
            parts = [
                f"{indicator} ({', '.join(places)})"
                for indicator, places in self.crossed_by_indicator().items()
            ]
            texts.append(f"Red lines crossed: {'; '.join(parts)}.")
        if source.findings:
            texts.append(f"Data to be verified: {_count(len(source.findings), 'finding', 'findings')}.")
            texts += [
                f"{finding.text_en}{self._answer(finding.answer, finding.overridden_by, finding.reason)}"
                for finding in source.findings[:8]
            ]
            if len(source.findings) > 8:
                texts.append(f"{len(source.findings) - 8} more are in the list of findings.")
        return texts or ["Reporting is complete and the checks found nothing that needs a remark."]

    @staticmethod
    def _answer(answer: str, overridden_by: str, reason: str) -> str:
        if overridden_by:
            return f" (published on the decision of {overridden_by}: {reason})"
        return f" (answer: {answer})" if answer else " (no answer yet)"

    def next_steps(self) -> list[str]:
        source = self.source
        texts = []
        for place, lines in self.crossed_by_place().items():
            items = [", ".join(filter(None, (line.indicator_en, line.missing_en))) for line in lines]
            texts.append(f"{place} is to mend, one by one: {'; '.join(items)}.")
        if source.not_reported:
            texts.append(
                "Whoever has figures missing reports them now; late figures make a new version and leave this one as it is."
            )
        until = source.release.objections_until
        if until is not None:
            texts.append(
                f"Whoever disputes a number opens its derivation in the system and files an appeal with evidence "
                f"by {until.isoformat()}."
            )
        else:
            texts.append(
                "Whoever disputes a number opens its derivation in the system and writes to the issuing office "
                "with evidence."
            )
        return texts

    def release_notes(self) -> list[str]:
        release = self.source.release
        notes = []
        if release.appeal_from and release.appeal_until:
            notes.append(
                f"Open to appeal before publication, {release.appeal_from} to {release.appeal_until}."
            )
        if release.skip_reason:
            notes.append(
                f"The time for appeals before publication was not given in full: {release.skip_reason} "
                f"({release.signed_by})."
            )
        if release.appeals:
            parts = [
                f"{count} {word}"
                for word, count in (
                    ("upheld", release.upheld),
                    ("upheld in part", release.partly),
                    ("rejected", release.rejected),
                    ("undecided", release.undecided),
                )
                if count
            ]
            number = _count(release.appeals, "appeal", "appeals")
            notes.append(f"{number} before signature: {', '.join(parts)}.")
        if release.held_en:
            notes.append(
                f"{' '.join(release.held_en)} Published all the same on the decision of {release.signed_by}: "
                f"{release.hold_reason}."
            )
        if release.objections_until:
            warning = f" {release.warning_en}" if release.warning_en else ""
            notes.append(f"Appeals until {release.objections_until} (working days).{warning}")
        return notes

    def notes(self) -> list[str]:
        source = self.source
        notes = [
            f"Version {source.version} of the results; SHA-256 {source.publication_hash}. Published figures are frozen; corrections are new versions."
        ]
        if source.version_changes:
            changed = _count(len(source.version_changes), source.level_en, _plural(source.level_en))
            reason = f"; reason: {source.version_reason}" if source.version_reason else ""
            notes.append(f"Against the version before, the results of {changed} differ{reason}.")
        notes += self.release_notes()
        for finding in source.findings:
            if finding.overridden_by:
                notes.append(
                    f"{finding.text_en}. This finding was waived by {finding.overridden_by}: {finding.reason}."
                )
        notes += [
            f'The veto "{one.veto_en}" fired for {one.place}; {one.decided_by} decided not to apply it: {one.reason}.'
            for one in source.waived
        ]
        if source.previous_period is not None:
            before = source.previous_period.label("en")
            notes.append(
                f"Other places were ranked in {before}, so ranks are not compared with it."
                if source.other_places_before
                else f'"Moved" compares ranks with {before}.'
            )
        else:
            notes.append("No ranking of the period before has been published, so ranks are not compared.")
        if source.suppressed:
            notes.append(
                f"Counts of persons below {source.small_cell_limit} are shown as *, with complementary suppression."
            )
        if source.unverified_indicators_en:
            notes.append(
                "No uniform public definition exists for: "
                + ", ".join(source.unverified_indicators_en)
                + "; local settings apply."
            )
        if source.prepared_by or source.approved_by:
            notes.append(f"Prepared by {source.prepared_by or '—'}; approved by {source.approved_by or '—'}.")
        if source.audit_mark:
            sequence, _, digits = source.audit_mark.partition(":")
            notes.append(
                f"At issue the audit chain stood at entry {sequence}, hash {digits}; the auditor checks with "
                f'"jingtu audit verify --head {source.audit_mark}" that nothing was cut off since.'
            )
        if source.base_url:
            notes.append(
                f"Totals and values open their derivation, also at {source.explanation_url(0).rsplit('/', 1)[0]}/ and the {source.place_en}'s number."
            )
        return notes


def _plural(noun: str) -> str:
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
