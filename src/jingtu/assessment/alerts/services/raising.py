"""From what the rules noticed in a run to alerts, one for each episode.

An alert from a run that is not published yet is a draft's: only those who see drafts know of it, nobody is
told, and an alert that readers know already is left alone until the new figures are signed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from jingtu.assessment.runs.models import Run
from jingtu.core.audit.actions import register_actions
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now, today
from jingtu.core.notifications.services import Bundle, Wording
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.core.regions.models import Region
from jingtu.engine.alerting import Signal
from jingtu.engine.catalogue import AlertRule
from jingtu.engine.periods import Period, PeriodKind

from ..models import OPEN, Alert, AlertEvent, AlertOccurrence
from ..owners import Owners
from ..rules import AlertEventKind, AlertState, Standing, continuation, due_on, is_worse

register_actions(
    {
        "alerts.raised": ("发出预警", "Alerts raised"),
        "alerts.closed_with_run": ("随考核撤回关闭预警", "Alerts closed with a withdrawn run"),
    }
)
register_notices(
    {
        "alerts.raised": NoticeText(
            "{count}条预警待您处置（{period}）",
            "{count} alerts for you to settle ({period})",
            "请在{due}前知悉并处置。",
            "Please see to them by {due}.",
        ),
    }
)

Key = tuple[str, int, str]
ToOwner = tuple[Period, Sequence[Alert]]
"""What one owner is told of one period."""


@dataclass(frozen=True)
class Watched:
    """What applying the rules did: alerts begun, raised again, continued, closed because the figures changed."""

    raised: int = 0
    again: int = 0
    continued: int = 0
    lapsed: int = 0


@dataclass(frozen=True)
class Noticed:
    """A signal at a region of the register."""

    signal: Signal
    region_id: int
    sensitive: bool = False

    @property
    def key(self) -> Key:
        return self.signal.rule.code, self.region_id, self.signal.subject


class Raising:
    """One round: everything the rules noticed for one period inside one region. Call inside a transaction."""

    def __init__(
        self,
        region: Region,
        period: Period,
        rules: Collection[AlertRule],
        *,
        run: Run | None,
        disclosed: bool,
        bundle: Bundle[ToOwner] | None = None,
    ) -> None:
        self.bundle = bundle or notices_of_a_round()
        self.region = region
        self.period = period
        self.rules = {rule.code: rule for rule in rules if period.kind.value in rule.cadence}
        self.run = run
        self.disclosed = disclosed
        self.owners = Owners(region.tree_id)
        self.told: dict[int, list[Alert]] = {}
        self.moment = now()

    def apply(self, actor: Actor, noticed: Iterable[Noticed]) -> Watched:
        """Begin, continue, raise again, close; tell the owners; write one line into the audit trail."""
        found = {one.key: one for one in noticed}
        known = self._latest()
        regions = Region.objects.in_bulk({one.region_id for one in found.values()})
        counts = {"fresh": 0, "raise_again": 0, "add": 0, "same": 0}
        for key, one in found.items():
            region = regions[one.region_id]
            alert = known.get(key)
            if alert is not None and alert.disclosed and not self.disclosed:
                continue
            what = continuation(self._standing(alert), one.signal.strength)
            counts[what] += 1
            if what == "fresh" or alert is None:
                self._begin(one, region)
            else:
                self._go_on(alert, one, region, again=what == "raise_again", quiet=what == "same")
        lapsed = self._close_what_is_gone(found.keys(), known)
        self._tell(actor)
        done = Watched(counts["fresh"], counts["raise_again"], counts["add"], lapsed)
        if any((done.raised, done.again, done.lapsed)):
            record(
                actor,
                "alerts.raised",
                target_type="run" if self.run else "region",
                target_id=self.run.pk if self.run else self.region.pk,
                region_id=self.region.pk,
                after={**vars(done), "period": self.period.key},
            )
        return done

    # -- what there is --------------------------------------------------------------------------

    def _latest(self) -> dict[Key, Alert]:
        """The alert a detection may belong to: the open one, else the latest. One query."""
        alerts = Alert.objects.filter(
            Q(state__in=OPEN) | Q(last_end__gte=self.period.previous().start),
            tree_id=self.region.tree_id,
            rule__in=list(self.rules),
            cadence=self.period.kind.value,
        ).order_by("last_end", "pk")
        found: dict[Key, Alert] = {}
        for alert in alerts.select_related("region"):
            key = (alert.rule, alert.region_id, alert.subject)
            if key not in found or not found[key].open:
                found[key] = alert
        return found

    def _standing(self, alert: Alert | None) -> Standing | None:
        if alert is None:
            return None
        return Standing(
            AlertState(alert.state),
            same_period=alert.last_period == self.period.key,
            follows=alert.last_period == self.period.previous().key,
            settled_strength=alert.settled_strength,
        )

    # -- what is done ---------------------------------------------------------------------------

    def _begin(self, one: Noticed, region: Region) -> None:
        signal, rule = one.signal, one.signal.rule
        alert = Alert.objects.create(
            rule=rule.code,
            rule_zh=rule.name_zh,
            rule_en=rule.name_en,
            kind=rule.kind,
            severity=rule.severity,
            tree_id=region.tree_id,
            region=region,
            within=self.region,
            subject=signal.subject,
            cadence=self.period.kind.value,
            disclosed=self.disclosed,
            sensitive=one.sensitive,
            first_period=self.period.key,
            last_period=self.period.key,
            last_start=self.period.start,
            last_end=self.period.end,
            strength=signal.strength,
            owner_id=self.owners.of(rule.owner, region, sensitive=one.sensitive),
            due_on=due_on(today(), rule.due_days).day,
            raised_at=self.moment,
        )
        self._occur(alert, signal)
        self._event(alert, AlertEventKind.RAISED, "")
        self._remember(alert)

    def _go_on(self, alert: Alert, one: Noticed, region: Region, *, again: bool, quiet: bool) -> None:
        signal, rule = one.signal, one.signal.rule
        before, was, known_before = alert.state, alert.strength, alert.disclosed
        newer = self.period.end > alert.last_end
        alert.disclosed = alert.disclosed or self.disclosed
        alert.sensitive = alert.sensitive or one.sensitive
        if self._occur(alert, signal):
            # An earlier period may be assessed after a later one; it counts, and may be the first.
            alert.times += 1
            if self.period.start < Period.parse(alert.first_period).start:
                alert.first_period = self.period.key
        if newer:
            alert.last_period, alert.last_start, alert.last_end = (
                self.period.key,
                self.period.start,
                self.period.end,
            )
            alert.eased_in = ""
        if newer or alert.last_period == self.period.key:
            alert.strength, alert.severity = signal.strength, rule.severity
        if again:
            alert.state, alert.closed_at, alert.snoozed_until = AlertState.NEW.value, None, None
            alert.due_on = due_on(today(), rule.due_days).day
        if again or one.sensitive:
            alert.owner_id = self.owners.of(rule.owner, region, sensitive=alert.sensitive)
        alert.save()
        if again:
            self._event(alert, AlertEventKind.RAISED_AGAIN, before)
        elif not known_before and self.disclosed:
            self._event(alert, AlertEventKind.DISCLOSED, before)
        elif newer and not quiet:
            worse = is_worse(was, signal.strength)
            self._event(alert, AlertEventKind.WORSENED if worse else AlertEventKind.CONTINUED, before)
        if again or (alert.open and not known_before):
            self._remember(alert)

    def _close_what_is_gone(self, found: Collection[Key], known: dict[Key, Alert]) -> int:
        """Corrected figures close what they no longer show; later ones only say that it has eased."""
        if self.run is None or self.region.position is None:
            return 0
        lapsed = 0
        series = self._of_this_series()
        for key, alert in known.items():
            place = alert.region.position
            inside = place is not None and self.region.position <= place <= (self.region.last or 0)
            if key in found or not alert.open or not inside or alert.pk not in series:
                continue
            if alert.disclosed and not self.disclosed:
                continue
            before = alert.state
            if alert.last_period == self.period.key:
                alert.state, alert.closed_at = AlertState.RESOLVED.value, self.moment
                alert.snoozed_until, alert.settled_strength = None, alert.strength
                alert.save()
                self._event(alert, AlertEventKind.LAPSED, before)
                lapsed += 1
            elif alert.last_end < self.period.start and not alert.eased_in:
                alert.eased_in = self.period.key
                alert.save(update_fields=["eased_in"])
                self._event(alert, AlertEventKind.EASED, before)
        return lapsed

    def _of_this_series(self) -> set[int]:
        """Alerts that runs of the same kind raised, or that come from no run at all."""
        if self.run is None:
            return set()
        return set(
            AlertOccurrence.objects.filter(
                Q(run__isnull=True)
                | Q(
                    run__region_id=self.run.region_id,
                    run__level=self.run.level,
                    run__scorecard=self.run.scorecard,
                    run__cadence=self.run.cadence,
                ),
                alert__state__in=OPEN,
                alert__tree_id=self.region.tree_id,
            ).values_list("alert_id", flat=True)
        )

    def _occur(self, alert: Alert, signal: Signal) -> bool:
        """Keep the evidence of this period; whether it is the first that is kept of it."""
        _, first = AlertOccurrence.objects.update_or_create(
            alert=alert,
            period=self.period.key,
            defaults={
                "period_end": self.period.end,
                "run": self.run,
                "code": signal.code,
                "evidence": dict(signal.evidence),
                "strength": signal.strength,
                "at": self.moment,
            },
        )
        return first

    def _event(self, alert: Alert, kind: AlertEventKind, before: str) -> None:
        AlertEvent.objects.create(
            alert=alert,
            kind=kind.value,
            from_state=before,
            to_state=alert.state,
            period=self.period.key,
            at=self.moment,
        )

    def _remember(self, alert: Alert) -> None:
        if alert.disclosed and alert.owner_id is not None:
            self.told.setdefault(alert.owner_id, []).append(alert)

    def _tell(self, actor: Actor) -> None:
        """One notice for each owner, however many alerts there are."""
        for owner, alerts in self.told.items():
            self.bundle.tell(actor, [owner], (self.period, alerts))


def notices_of_a_round() -> Bundle[ToOwner]:
    """Owners hear once of a round, however many periods it looks at."""
    return Bundle(_to_owner)


def spans_of(periods: Iterable[Period]) -> list[list[Period]]:
    """The first and the last period of each kind, or the only one, by their days; months and quarters are no span."""
    kinds: dict[PeriodKind, list[Period]] = {}
    for period in sorted(set(periods)):
        kinds.setdefault(period.kind, []).append(period)
    return [found if len(found) == 1 else [found[0], found[-1]] for found in kinds.values()]


def _to_owner(found: Sequence[ToOwner]) -> Wording:
    alerts = {alert.pk: alert for _period, raised in found for alert in raised}
    spans = spans_of(period for period, _raised in found)
    return Wording(
        "alerts.raised",
        {
            "count": len(alerts),
            "period": "、".join("至".join(each.label("zh") for each in span) for span in spans),
            "period_en": ", ".join(" to ".join(each.label("en") for each in span) for span in spans),
            "due": min(alert.due_on for alert in alerts.values()).isoformat(),
        },
        reverse("alerts:detail", args=list(alerts))
        if len(alerts) == 1
        else f"{reverse('alerts:list')}?mine=on",
    )
