"""Papers of a meeting: a pack of sixty pages bound, and what an agenda asks of the database."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Line, Table, within

PAGES, PACK_SECONDS, ITEMS, DECISIONS = 60, 10.0, 20, 30


def run(rounds: int) -> Table:
    """In a process of its own, on an installation of its own."""
    with tempfile.TemporaryDirectory(prefix="jingtu-bench-home-") as home:
        environment = os.environ | {
            "JINGTU_HOME": home,
            "DJANGO_SETTINGS_MODULE": "jingtu.portal.settings.test",
        }
        words = [sys.executable, "-m", "benchmarks.meetings", str(rounds)]
        done = subprocess.run(
            words, env=environment, capture_output=True, text=True, check=False, cwd=Path.cwd()
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    few, many = found["queries"]
    lines = [
        within(f"pack of {found['pages']} pages, {ITEMS} items, kept", found["seconds"], PACK_SECONDS, "s"),
        Line(
            f"queries of the proposed agenda, 1 and {DECISIONS} open decisions",
            f"{few}, {many}",
            "equal",
            many <= few,
        ),
    ]
    return Table("meetings", lines, ["SQLite; two uploaded pages and one set page an item"])


def _main(rounds: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from pypdf import PdfWriter

    from jingtu.core.accounts.actors import UserActor
    from jingtu.core.accounts.models import Post, User
    from jingtu.core.kernel.clock import today
    from jingtu.core.regions.models import Region, RegionTree
    from jingtu.governance.duties.meetings import services
    from jingtu.governance.duties.meetings.proposing import proposals
    from jingtu.governance.duties.meetings.rules import Rhythm, Rule
    from jingtu.governance.duties.meetings.services.packs import keep_pack

    call_command("migrate", verbosity=0, interactive=False)
    tree = RegionTree.objects.create(slug="bench", name_zh="测", name_en="Bench")
    place = Region.objects.create(tree=tree, code="1", name="某县", level="county", position=0, last=0)
    people = {}
    for role in ("secretary", "leader"):
        user = User.objects.create_user(role, None, full_name=role)
        Post.objects.create(user=user, role=role, region=place)
        people[role] = UserActor(user)
    secretary, chair = people["secretary"], people["leader"]
    wanted = services.SeriesData(
        place.pk,
        "调度会",
        Rule(Rhythm.MONTH, day=8),
        dt.time(9),
        chair.user_id,
        today() - dt.timedelta(days=70),
    )
    series = services.save_series(secretary, wanted)
    first, second, third = services.generate(
        secretary, series.pk, today() + dt.timedelta(days=92), first=today() - dt.timedelta(days=70)
    )[:3]
    asked = []
    for meeting, following, decisions in ((first, second, 1), (second, third, DECISIONS)):
        services.change(
            secretary,
            meeting.pk,
            place="",
            chair_id=chair.user_id,
            minutes=60,
            people=[services.Named(name="甲")],
        )
        item = services.add_item(secretary, meeting.pk, services.ItemData("议题"))
        services.invite(secretary, meeting.pk)
        services.hold(secretary, meeting.pk, {})
        services.record_items(secretary, meeting.pk, {item.pk: "研究了有关工作。"})
        for number in range(decisions):
            services.add_decision(
                secretary,
                meeting.pk,
                services.DecisionData(f"事项{number}", today() + dt.timedelta(days=9), place.pk),
            )
        services.hand_in(secretary, meeting.pk)
        services.confirm(chair, meeting.pk)
        proposals(secretary, following)
        with CaptureQueriesContext(connection) as counted:
            proposals(secretary, following)
        asked.append(len(counted))
    paper = io.BytesIO()
    writer = PdfWriter()
    for _ in range(2):
        writer.add_blank_page(595, 842)
    writer.write(paper)
    for number in range(ITEMS):
        item = services.add_item(
            secretary, third.pk, services.ItemData(f"议题{number}", "会议材料的正文。\n" * 20)
        )
        services.add_papers(secretary, item.pk, [("附件.pdf", [paper.getvalue()])])
    seconds, pages = [], 0
    for _ in range(max(rounds, 1)):
        start = time.perf_counter()
        pages = keep_pack(secretary, third.pk, "zh").pages
        seconds.append(time.perf_counter() - start)
    if pages < PAGES:
        raise RuntimeError(f"{pages} pages")
    print(json.dumps({"seconds": seconds, "pages": pages, "queries": asked}))


if __name__ == "__main__":
    _main(int(sys.argv[1]))
