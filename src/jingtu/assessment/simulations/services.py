"""Keeping and dropping scenarios."""

from __future__ import annotations

from django.db import transaction
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.assessment.runs.queries import get_run
from jingtu.core.audit.actions import register_actions, register_objects, register_reads
from jingtu.core.audit.exporting import Outgoing, export_table
from jingtu.core.audit.services import record
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.services import submit
from jingtu.core.kernel.actor import Actor, Permission, person_behind, user_id_of
from jingtu.core.kernel.characters import refuse_unseen
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound

from .models import Scenario
from .retrospecting import JOB_KIND, Looked, Wanted, chosen, header, published_periods, rows

register_actions(
    {
        "simulations.saved": ("保存模拟方案", "Scenario saved"),
        "simulations.dropped": ("删除模拟方案", "Scenario deleted"),
        "simulations.look_back_exported": ("导出多期回溯", "Look back over a year exported"),
    }
)
register_objects({"scenario": ("模拟方案", "Scenario")})
register_reads("simulations.look_back_exported")


def save(actor: Actor, run_id: int, name: str, query: str) -> Scenario:
    """Keep what an address shows under a name of the actor's; the same name is overwritten."""
    person = person_behind(actor, Permission.RESULTS_READ)
    run = get_run(actor, run_id)
    refuse_unseen(name=name)
    with transaction.atomic():
        made, _ = Scenario.objects.update_or_create(
            run=run, owner_id=person, name=name.strip(), defaults={"query": query, "made_at": now()}
        )
        record(
            actor, "simulations.saved", target_type="scenario", target_id=made.pk, region_id=run.region_id,
            after={"name": made.name},
        )  # fmt: skip
    return made


def drop(actor: Actor, scenario_id: int) -> int:
    """Delete an own scenario; returns the run it was about. Raises NotFound for those of others."""
    with transaction.atomic():
        found = (
            Scenario.objects.select_related("run").filter(pk=scenario_id, owner_id=user_id_of(actor)).first()
        )
        if found is None:
            raise NotFound(f"#{scenario_id}")
        run = found.run
        record(
            actor, "simulations.dropped", target_type="scenario", target_id=found.pk, region_id=run.region_id
        )
        found.delete()
    return run.pk


def start_look_back(actor: Actor, run_id: int, wanted: Wanted) -> Job:
    """Hand a look back over a year to a job, which works with the rights the actor has then.

    Raises NotFound for a run or a catalogue that is not there, InvalidInput for a year without periods.
    """
    run = get_run(actor, run_id)
    chosen(published_periods(actor, run), wanted.year or run.period_start.year)
    number = wanted.asked.catalogue
    if number is not None and not CatalogueVersion.objects.filter(number=number).exists():
        raise NotFound(f"#{number}")
    return submit(actor, JOB_KIND, {"run": run.pk, "wanted": wanted.plain()}, run.region_id)


def export_look_back(actor: Actor, looked: Looked) -> StreamingHttpResponse:
    """What a look back found, as a file that says whose it is, and that it is a simulation."""
    run, body = looked.run, list(rows(looked))
    about = {"run": run.pk, "version": run.version, "period": looked.year}
    more = [(_("说明"), _("这是模拟，不是考核结果。"))]
    more += [(_("说明"), one.text(actor.language)) for one in looked.left_out]
    table = Outgoing(
        _("多期回溯"),
        header(actor.language == "en"),
        body,
        len(body),
        scope="；".join(
            (
                _("考核 #%(run)s 第%(version)s版，%(period)s") % about,
                _("目录第%(number)s版") % {"number": looked.catalogue},
            )
        ),
        fictional=run.tree.fictional,
        more=more,
    )
    return export_table(
        actor,
        table,
        f"retrospect-{run.pk}-{looked.year}",
        "simulations.look_back_exported",
        target_type="run",
        target_id=run.pk,
        region_id=run.region_id,
        after={"year": looked.year, "catalogue": looked.catalogue},
    )
