"""The sentences of a bulletin in official Chinese."""

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
from jingtu.engine.notation import chinese_day
from jingtu.engine.problems import Language

_NUMERALS = "一二三四五六"
_TITLES = ("总体情况", "排名", "红线与预警", "变化较大的指标", "存在问题", "下步要求")


def _named(places: Sequence[Place]) -> str:
    return "、".join(f"{place.name}（{points_text(place.total)}分）" for place in places)


class ChineseWriter(Writer):
    """Official Chinese, as offices write it: no praise without a figure."""

    language: Language = "zh"

    def heading(self, part: int) -> str:
        return f"{_NUMERALS[part - 1]}、{_TITLES[part - 1]}"

    def title(self) -> str:
        source = self.source
        if source.kind == BulletinKind.DAILY:
            return f"{source.area}禁毒工作日监测（{source.period.label('zh')}）"
        if source.kind == BulletinKind.WEEKLY:
            return f"{source.area}禁毒工作周通报（{source.period.label('zh')}）"
        return f"关于{source.area}{source.period.label('zh')}{source.scorecard_zh}结果的通报"

    def recipient(self) -> str:
        return f"各{self.source.level_zh}禁毒委员会，各有关单位："

    def date(self) -> str:
        day = self.source.published_on
        return chinese_day(day) if day else "（未发布）"

    def opening(self) -> str:
        source = self.source
        return (
            f"按照《{source.scorecard_zh}》，现将{source.area}{source.period.label('zh')}"
            f"对{len(source.places)}个{source.level_zh}的考核结果通报如下。各项得分均由填报数据自动推导，可逐级查询至原始记录。"
        )

    def overview(self) -> list[str]:
        source = self.source
        sentences = []
        mean = average(source.places)
        text = f"本期参加考核的{source.level_zh}共{len(source.places)}个，参加排名{len(self.with_rank)}个"
        if mean is not None:
            text += f"，平均得分{mean:.2f}分"
        text += "。"
        if source.coverage_expected:
            text += f"应报数据{source.coverage_expected}项次，实报{source.coverage_reported}项次"
            if source.not_reported:
                shown = source.not_reported[:10]
                text += f"，有缺报的是{'、'.join(shown)}" + (
                    "等" if len(source.not_reported) > len(shown) else ""
                )
            text += "。"
        sentences.append(text)
        best, worst = leaders(self.places), trailers(self.places)
        if best:
            text = f"得分居前的是{_named(best)}。"
            if worst:
                text += f"得分靠后的是{_named(worst)}。"
            sentences.append(text)
        risen, fallen = self.movers()
        parts = []
        if risen:
            parts.append(f"{risen.name}位次上升最多，由第{risen.previous_rank}位升至第{risen.rank}位")
        if fallen:
            parts.append(f"{fallen.name}位次下降最多，由第{fallen.previous_rank}位降至第{fallen.rank}位")
        if parts:
            sentences.append(f"与{self.before}相比，" + "；".join(parts) + "。")
        weak = weakest_sections(source)
        if weak:
            parts = [f"“{name}”平均得分率{percent_text(share)}" for name, _, share in weak]
            sentences.append(f"从分项看，失分较多的是{'，'.join(parts)}。")
        return sentences

    def red_line_sentence(self) -> str:
        lines = self.source.red_lines
        if not lines:
            return "本期各项指标均未触及红线，设定要求的指标全部达标。"
        crossed = self.crossed
        unmet = len(lines) - len(crossed)
        parts = []
        if crossed:
            names = list(dict.fromkeys(line.place for line in crossed))
            parts.append(f"{'、'.join(names)}共{len(crossed)}项指标触及红线")
        if unmet:
            parts.append(
                f"另有{unmet}项未达到要求" if crossed else f"没有指标触及红线，有{unmet}项未达到要求"
            )
        text = "，".join(parts) + "。"
        if len(self.listed()) < len(lines):
            text += f"下表列出全部红线和差距较大的未达标项，共{len(self.listed())}项，其余见系统内评分表。"
        return text + "“还差”一栏为达到要求尚需完成的数量。"

    def change_sentence(self) -> str:
        changes = self.source.changes
        if not changes:
            return "本期与比较期相比没有需要单独说明的变化。"
        better = sum(1 for change in changes if change.improved)
        worse = sum(1 for change in changes if change.improved is False)
        return f"与比较期相比变化较大的有{len(changes)}项，其中好转{better}项，变差{worse}项。"

    def problems(self) -> list[str]:
        source = self.source
        texts = []
        if source.not_reported:
            texts.append(
                f"一是报送不全。{len(source.not_reported)}个{source.place_zh}本期有缺报，影响覆盖率。"
            )
        if self.crossed:
            parts = [
                f"{indicator}（{'、'.join(places)}）"
                for indicator, places in self.crossed_by_indicator().items()
            ]
            texts.append(f"{'二' if texts else '一'}是部分指标触及红线。{'；'.join(parts)}。")
        if source.findings:
            ordinal = "一二三"[len(texts)]
            texts.append(f"{ordinal}是数据质量仍需核实。本期数据校核共提示{len(source.findings)}项：")
            texts += [
                f"{finding.text_zh}{self._answer(finding.answer, finding.overridden_by, finding.reason)}"
                for finding in source.findings[:8]
            ]
            if len(source.findings) > 8:
                texts.append(f"其余{len(source.findings) - 8}项见系统内校核清单。")
        return texts or ["本期数据报送齐全，校核未提示需要说明的问题。"]

    @staticmethod
    def _answer(answer: str, overridden_by: str, reason: str) -> str:
        if overridden_by:
            return f"（经{overridden_by}核准发布，理由：{reason}）"
        return f"（答复：{answer}）" if answer else "（待答复）"

    def next_steps(self) -> list[str]:
        source = self.source
        texts = []
        for place, lines in self.crossed_by_place().items():
            items = ["，".join(filter(None, (line.indicator_zh, line.missing_zh))) for line in lines]
            texts.append(f"{place}要对照红线指标逐项整改：{'；'.join(items)}。")
        if source.not_reported:
            texts.append("有缺报的要尽快补报；补报后系统将形成新版本，已发布的本版不作改动。")
        until = source.release.objections_until
        if until is not None:
            texts.append(
                f"对本通报数据有异议的，请于{chinese_day(until)}前在系统中打开对应数字的推导过程，"
                "点“对这个数提出申诉”并附证据。"
            )
        else:
            texts.append("对本通报数据有异议的，可在系统中打开对应数字的推导过程，向制发单位提出并附证据。")
        return texts

    def release_notes(self) -> list[str]:
        release = self.source.release
        notes = []
        if release.appeal_from and release.appeal_until:
            notes.append(
                f"发布前于{release.appeal_from.isoformat()}至{release.appeal_until.isoformat()}开放申诉。"
            )
        if release.skip_reason:
            notes.append(f"未等满发布前的申诉期，理由：{release.skip_reason}（{release.signed_by}）。")
        if release.appeals:
            parts = [
                f"{word}{count}件"
                for word, count in (
                    ("成立", release.upheld),
                    ("部分成立", release.partly),
                    ("不成立", release.rejected),
                    ("未裁定", release.undecided),
                )
                if count
            ]
            notes.append(f"签发前收到申诉{release.appeals}件：{'，'.join(parts)}。")
        if release.held_zh:
            notes.append(
                f"{''.join(release.held_zh)}经{release.signed_by}决定仍予发布，理由：{release.hold_reason}。"
            )
        if release.objections_until:
            notes.append(
                f"申诉截止日：{release.objections_until.isoformat()}（工作日计）。{release.warning_zh}"
            )
        return notes

    def notes(self) -> list[str]:
        source = self.source
        notes = [
            f"本通报依据第{source.version}版考核结果编制，校验码（SHA-256）{source.publication_hash}。数据发布后冻结，更正另出新版。"
        ]
        if source.version_changes:
            text = f"本版与上一版相比，{len(source.version_changes)}个{source.level_zh}的结果有变化"
            notes.append(text + (f"，原因：{source.version_reason}。" if source.version_reason else "。"))
        notes += self.release_notes()
        for finding in source.findings:
            if finding.overridden_by:
                notes.append(
                    f"{finding.text_zh}。此条核查意见经{finding.overridden_by}豁免后发布，理由：{finding.reason}。"
                )
        notes += [
            f"{one.place}触发一票否决“{one.veto_zh}”，经{one.decided_by}决定不适用，理由：{one.reason}。"
            for one in source.waived
        ]
        if source.previous_period is not None:
            before = source.previous_period.label("zh")
            notes.append(
                f"上期（{before}）排名的{source.level_zh}与本期不同，不比较位次。"
                if source.other_places_before
                else f"“较上期”指与{before}的位次比较。"
            )
        else:
            notes.append("没有已发布的上期排名，不比较位次。")
        if source.suppressed:
            notes.append(f"为保护个人信息，小于{source.small_cell_limit}的涉人计数以“＊”代替，并作互补处理。")
        if source.unverified_indicators:
            notes.append(
                "下列指标尚无公开统一口径，按本地设定计算：" + "、".join(source.unverified_indicators) + "。"
            )
        if source.prepared_by or source.approved_by:
            notes.append(f"编制：{source.prepared_by or '—'}；审批：{source.approved_by or '—'}。")
        if source.audit_mark:
            sequence, _, digits = source.audit_mark.partition(":")
            notes.append(
                f"印发时审计链至第{sequence}条，链首校验值{digits}；审计员可用“jingtu audit verify --head {source.audit_mark}”核对其后有无截去。"
            )
        if source.base_url:
            notes.append(
                f"得分和指标值可点击查看推导过程，也可访问 {source.explanation_url(0).rsplit('/', 1)[0]}/ 加{source.place_zh}编号。"
            )
        return notes
