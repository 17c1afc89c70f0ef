"""Messages that leave the system, against a mail server and a web service inside the test."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import InvalidInput, PermissionDenied
from jingtu.core.notifications import channels, outgoing, services, texts
from jingtu.core.notifications.models import Channel, Delivery, Notice
from jingtu.core.notifications.texts import NoticeText, register_notices
from tests.access.cast import Cast, make_cast

TEXT = NoticeText("{period}考核已发布", "Assessment {period} published", "由{person}发布", "By {person}")
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=timezone.get_default_timezone())


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every mail and keeps it; refuses while ``closed``."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.mails: list[email.message.EmailMessage] = []
        self.closed = False


class _Mail(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        def say(line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        if self.server.closed:
            say("421 closed")
            return
        say("220 test")
        while command := self.rfile.readline().decode().strip():
            match command.split()[0].upper():
                case "EHLO" | "HELO":
                    say("250 test")
                case "DATA":
                    say("354 go on")
                    lines = []
                    while (line := self.rfile.readline()) not in (b".\r\n", b""):
                        lines.append(line)
                    parsed = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                    self.server.mails.append(parsed)  # type: ignore[arg-type]
                    say("250 taken")
                case "QUIT":
                    say("221 bye")
                    return
                case _:
                    say("250 ok")


class WebService(HTTPServer):
    """Keeps what is posted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Web)
        self.posted: list[dict[str, str]] = []


class _Web(BaseHTTPRequestHandler):
    server: WebService

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def running(server: socketserver.BaseServer) -> Iterator[socketserver.BaseServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    yield from running(MailServer())  # type: ignore[misc]


@pytest.fixture
def web() -> Iterator[WebService]:
    yield from running(WebService())  # type: ignore[misc]


@pytest.fixture
def cast(db: None, settings: Settings, tmp_path: Path) -> Iterator[Cast]:
    settings.FIELD_KEYS, settings.FIELD_KEYS_FILE = "", tmp_path / "keys"
    register_notices({"test.published": TEXT})
    made = make_cast()
    User.objects.update(email="")
    yield made
    texts._texts.pop("test.published")


@pytest.fixture
def reader(cast: Cast) -> User:
    user = cast.user("leader", "own")
    user.email = "leader@example.org"
    user.save()
    return user


@pytest.fixture
def mailing(cast: Cast, mail: MailServer) -> MailServer:
    port = mail.server_address[1]
    channels.add_channel(
        cast.actor("system_administrator"),
        name="邮件",
        kind="email",
        address=f"mailto://127.0.0.1:{port}?from=jingtu@example.org&mode=insecure",
    )
    return mail


def tell(*people: User, link: str = "") -> None:
    params = {"period": "2026-10", "person": "张三"}
    services.notify(SYSTEM, people, "test.published", params=params, link=link)


def wish(user: User, mode: str = "immediate", **more: object) -> None:
    channels.set_preference(UserActor(user), mode=mode, **more)  # type: ignore[arg-type]


def text_of(mail: email.message.EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return body.get_content() if body else ""


def test_nothing_is_queued_before_a_channel_is_there(reader: User) -> None:
    tell(reader)
    assert Notice.objects.exists()
    assert not Delivery.objects.exists()


def test_a_mail_holds_the_matter_and_the_way_back_but_no_person(mailing: MailServer, reader: User) -> None:
    wish(reader)
    tell(reader, link="/notices/")
    assert outgoing.deliver() == 1
    [mail] = mailing.mails
    assert mail["To"].addresses[0].addr_spec == "leader@example.org"
    text = text_of(mail)
    assert "2026-10考核已发布" in text
    assert "/notices/" in text
    assert "张三" not in text
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("sent", 1)
    assert outgoing.deliver() == 0
    assert len(mailing.mails) == 1


def test_a_digest_is_one_mail_without_what_was_read(mailing: MailServer, reader: User) -> None:
    with frozen(NOON):
        for _ in range(3):
            tell(reader)
        services.mark_read(UserActor(reader), Notice.objects.latest("pk").pk)
        assert outgoing.deliver() == 0
    with frozen(NOON + dt.timedelta(days=1)):
        assert outgoing.deliver() == 1
    assert "2" in mailing.mails[0]["Subject"]
    assert text_of(mailing.mails[0]).count("考核已发布") == 2
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["dropped", "sent", "sent"]


def test_a_round_tells_each_person_once_and_goes_on_in_a_new_notice_where_the_first_has_left_or_was_read(
    mailing: MailServer, reader: User
) -> None:
    wish(reader, quiet_from=dt.time(20), quiet_to=dt.time(7))

    def wording(months: Sequence[str]) -> services.Wording:
        return services.Wording("test.published", {"period": "、".join(months), "person": "张三"})

    bundle: services.Bundle[str] = services.Bundle(wording)
    with frozen(NOON.replace(hour=23)):
        for month in ("6", "7", "8"):
            bundle.tell(SYSTEM, [reader.pk], month)
        assert [notice.params["period"] for notice in Notice.objects.all()] == ["6、7、8"]
        assert outgoing.deliver() == 0
    with frozen(NOON.replace(hour=8) + dt.timedelta(days=1)):
        assert outgoing.deliver() == 1
        assert "6、7、8考核已发布" in text_of(mailing.mails[0])
        for month in ("9", "10"):
            bundle.tell(SYSTEM, [reader.pk], month)
        services.mark_read(UserActor(reader), Notice.objects.latest("pk").pk)
        bundle.tell(SYSTEM, [reader.pk], "11")
    assert [notice.params["period"] for notice in Notice.objects.order_by("pk")] == ["6、7、8", "9、10", "11"]


def test_what_was_taken_back_is_not_told_with_what_comes_after(mailing: MailServer, reader: User) -> None:
    wish(reader)

    def wording(months: Sequence[str]) -> services.Wording:
        return services.Wording("test.published", {"period": "、".join(months), "person": "张三"})

    bundle: services.Bundle[str] = services.Bundle(wording)
    bundle.tell(SYSTEM, [reader.pk], "6")
    with transaction.atomic():
        bundle.tell(SYSTEM, [reader.pk], "7")
        transaction.set_rollback(True)
    bundle.tell(SYSTEM, [reader.pk], "8")
    assert [notice.params["period"] for notice in Notice.objects.order_by("pk")] == ["6", "8"]


def test_wishes_are_kept(mailing: MailServer, cast: Cast, reader: User) -> None:
    wish(reader, "off")
    tell(reader)
    wish(reader, "immediate", muted=["test"])
    tell(reader)
    tell(cast.user("viewer", "own"))  # without an address
    assert not Delivery.objects.exists()
    night = NOON.replace(hour=23)
    wish(reader, "immediate", quiet_from=dt.time(22), quiet_to=dt.time(7))
    with frozen(night):
        tell(reader)
        tell(reader)
        assert outgoing.deliver() == 0
    with frozen(night + dt.timedelta(hours=8, minutes=1)):
        assert outgoing.deliver() == 1
    assert list(Delivery.objects.values_list("state", flat=True)) == ["sent", "sent"]


def test_whoever_lost_the_post_or_the_right_gets_nothing(mailing: MailServer, reader: User) -> None:
    wish(reader)
    tell(reader)
    Post.objects.filter(user=reader).update(ended_at=NOON)
    assert outgoing.deliver() == 0
    assert Delivery.objects.get().problem == "messages.no_post"
    assert not mailing.mails


def test_rights_are_asked_when_it_is_sent(mailing: MailServer, reader: User) -> None:
    outgoing.register_gate("notifications:list", lambda actor, kwargs: False)
    try:
        wish(reader)
        tell(reader, link="/notices/")
        outgoing.deliver()
    finally:
        outgoing._gates.pop("notifications:list")
    assert Delivery.objects.get().problem == "messages.no_right"
    assert not mailing.mails


def test_what_is_not_taken_is_tried_again_and_at_last_given_up(mailing: MailServer, reader: User) -> None:
    mailing.closed = True
    wish(reader)
    moment = NOON
    with frozen(moment):
        tell(reader)
    states = []
    for _ in range(6):
        with frozen(moment):
            assert outgoing.deliver() == 0
        delivery = Delivery.objects.get()
        states.append(delivery.state)
        moment = delivery.due_at + dt.timedelta(seconds=1)
    assert states == ["queued"] * 5 + ["failed"]
    assert Delivery.objects.get().problem == "messages.not_sent"


def test_a_message_left_by_a_dead_process_is_sent_later(mailing: MailServer, reader: User) -> None:
    wish(reader)
    with frozen(NOON):
        tell(reader)
        Delivery.objects.update(state="sending", due_at=NOON)
        assert outgoing.deliver() == 0
    with frozen(NOON + dt.timedelta(minutes=16)):
        assert outgoing.deliver() == 1


def test_a_group_gets_what_its_responsible_person_may_see(cast: Cast, web: WebService, reader: User) -> None:
    channel = channels.add_channel(
        cast.actor("system_administrator"),
        name="工作群",
        kind="webhook",
        address=f"json://127.0.0.1:{web.server_address[1]}/group",
        responsible_id=reader.pk,
    )
    asked: list[tuple[int, str]] = []

    def build(receiver: UserActor, reference: str) -> outgoing.Message | None:
        asked.append((receiver.user_id, reference))
        return outgoing.Message("每周数字", [("甲县 98%", "/runs/1/")]) if reference == "1" else None

    outgoing.register_source("test", build)
    try:
        assert outgoing.queue(reader.pk, "test", "1", channel)
        assert not outgoing.queue(reader.pk, "test", "1", channel)
        outgoing.queue(reader.pk, "test", "2", channel)
        assert outgoing.deliver() == 1
    finally:
        outgoing._sources.pop("test")
    assert asked == [(reader.pk, "1"), (reader.pk, "2")]
    assert "甲县 98%" in web.posted[0]["message"]
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["dropped", "sent"]


def test_addresses_are_encrypted_and_never_shown_again(cast: Cast, client: Client) -> None:
    administrator = cast.actor("system_administrator")
    channel = channels.add_channel(
        administrator, name="邮件", kind="email", address="mailtos://robot:hunter2@mail.example.org"
    )
    stored = Channel.objects.get().secret
    assert "hunter2" not in stored
    client.force_login(cast.user("system_administrator"))
    for address in (
        reverse("notifications:channels"),
        reverse("notifications:channel", args=[channel.pk]),
        reverse("notifications:deliveries"),
    ):
        assert "hunter2" not in client.get(address).content.decode()
    assert not any("hunter2" in str(entry.after) for entry in AuditEntry.objects.all())


def test_the_log_says_what_a_message_was_in_words(mailing: MailServer, cast: Cast, reader: User) -> None:
    wish(reader)
    tell(reader)
    client = Client()
    client.force_login(cast.user("system_administrator"))
    page = client.get(reverse("notifications:deliveries")).content.decode()
    assert "<td>通知</td>" in page


def test_channels_are_for_those_who_maintain_the_system(cast: Cast) -> None:
    for role in ("analyst", "leader"):
        with pytest.raises(PermissionDenied):
            channels.add_channel(
                cast.actor(role, "own"), name="x", kind="email", address="mailto://example.org"
            )
    administrator = cast.actor("system_administrator")
    with pytest.raises(InvalidInput):
        channels.add_channel(administrator, name="群", kind="dingtalk", address="dingtalk://abc")
    channels.add_channel(administrator, name="邮件", kind="email", address="mailto://example.org")
    for name in ("邮件", "另一个"):
        with pytest.raises(InvalidInput):
            channels.add_channel(administrator, name=name, kind="email", address="mailto://example.org")


def test_no_subject_of_a_notice_names_a_person(db: None) -> None:
    for code, text in texts._texts.items():
        named = texts.placeholders(text.subject_zh) & {
            "person",
            "name",
            "user",
            "reason",
            "reporter",
            "proxy",
        }
        assert not named, code


def test_queueing_asks_a_constant_number_of_queries(
    mailing: MailServer, cast: Cast, django_assert_max_num_queries: object
) -> None:
    people = [cast.user("viewer", relation) for relation in ("own", "ancestor", "sibling", "outsider")]
    User.objects.filter(pk__in=[user.pk for user in people]).update(email="someone@example.org")
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        tell(*people)
    assert Delivery.objects.count() == 4
