"""Email: one message a group, HTML beside plain text, by SMTP with STARTTLS or TLS from the start."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses, make_msgid
from types import TracebackType
from typing import TYPE_CHECKING, Self

from vedette.alerts.notify.errors import Failure, NotifyError
from vedette.alerts.notify.integration import NO_MEMORY, Tools, unrenderable
from vedette.alerts.notify.message import Message
from vedette.alerts.notify.templates import Texts
from vedette.alerts.settings.receivers.email import EmailSettings
from vedette.client.aliases import lookup
from vedette.template import TemplateError

if TYPE_CHECKING:
    import aiosmtplib

IMPLICIT_TLS_PORT = 465
DEFAULT_SUBJECT = '{{ template "email.default.subject" . }}'
_TIMEOUT_S = 60.0


class Email:
    kind = "email"

    def __init__(self, settings: EmailSettings, index: int, tools: Tools) -> None:
        self.settings, self.index, self.tools = settings, index, tools
        self.send_resolved = settings.send_resolved

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def notify(self, message: Message) -> Mapping[str, str]:
        try:
            mail = compose(self.settings, message, Texts(self.tools.templates, message.data))
        except TemplateError as error:
            raise unrenderable(error) from None
        except (ValueError, MessageError) as error:
            raise NotifyError(f"can't write the message: {error}", retry=False) from None
        # Here, because most configurations send no mail.
        import aiosmtplib

        try:
            await self._deliver(mail)
        except aiosmtplib.SMTPResponseException as error:
            final = error.code >= 500
            raise NotifyError(
                f"{error.code} {error.message}", retry=not final, failure=Failure.SERVER
            ) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise NotifyError(str(error) or type(error).__name__, retry=True) from None
        return NO_MEMORY

    async def _deliver(self, mail: EmailMessage) -> None:
        import aiosmtplib

        settings = self.settings
        host, _, port_text = settings.smarthost.rpartition(":")
        host, port = host.strip("[]"), int(port_text)
        there = lookup(host, port)
        implicit = (
            port == IMPLICIT_TLS_PORT if settings.force_implicit_tls is None else settings.force_implicit_tls
        )
        server = aiosmtplib.SMTP(
            hostname=there.host,
            port=there.port,
            local_hostname=settings.hello or None,
            timeout=_TIMEOUT_S,
            use_tls=implicit and not there.plain,
            start_tls=False,
            tls_context=self._context() if implicit and not there.plain else None,
        )
        async with server:
            if settings.require_tls and not implicit and not there.plain:
                await self._starttls(server, host)
            await self._login(server)
            await server.send_message(mail)

    def _context(self) -> ssl.SSLContext:
        if self.settings.tls_config is None:
            return ssl.create_default_context()
        return self.settings.tls_config.context(self.tools.base_dir)

    async def _starttls(self, server: aiosmtplib.SMTP, host: str) -> None:
        await server.ehlo()
        if not server.supports_extension("starttls"):
            raise NotifyError(
                f"'require_tls' is true (default) but {host} does not advertise the STARTTLS extension",
                retry=True,
            )
        tls = self.settings.tls_config
        await server.starttls(
            server_hostname=tls.server_name if tls is not None and tls.server_name else host,
            tls_context=self._context(),
        )

    async def _login(self, server: aiosmtplib.SMTP) -> None:
        """By the first way that the server offers and the configuration has what it takes for."""
        settings = self.settings
        if not settings.auth_username:
            return
        await server.ehlo()
        offered = server.supported_auth_methods
        secret = self._secret(settings.auth_secret.reveal(), settings.auth_secret_file)
        password = self._secret(settings.auth_password.reveal(), settings.auth_password_file)
        if "cram-md5" in offered and secret:
            await server.auth_crammd5(settings.auth_username, secret)
        elif "plain" in offered and password:
            await server.auth_plain(settings.auth_username, password)
        elif "login" in offered and password:
            await server.auth_login(settings.auth_username, password)
        else:
            raise NotifyError(
                f"no way to log in: the server offers {', '.join(offered) or 'none'}, and the configuration has "
                + ("no password" if not password else "only a password"),
                retry=False,
                failure=Failure.AUTH,
            )

    def _secret(self, value: str, file: str) -> str:
        if not file:
            return value
        try:
            return (self.tools.base_dir / file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise NotifyError(f"could not read {file}: {error.strerror}", retry=False) from None


def compose(settings: EmailSettings, message: Message, texts: Texts) -> EmailMessage:
    """Raises `TemplateError`, or `ValueError` for addresses that are none."""
    mail = EmailMessage()
    sender, to = texts.text(settings.from_), texts.text(settings.to)
    headers = {"Subject": DEFAULT_SUBJECT, "To": to, "From": sender}
    headers |= {name.title(): written for name, written in settings.headers.items()}
    for name, written in headers.items():
        value = " ".join(texts.text(written).split("\n")).strip()
        mail[name] = _addresses(value) if name in ("To", "From") else value
    domain = sender.rpartition("@")[2].strip("> ") or "localhost"
    mail["Message-Id"] = make_msgid(domain=domain)
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.now / 1e9, UTC))
    if settings.threading.enabled:
        mail["References"] = mail["In-Reply-To"] = _thread(settings, message, domain)
    if settings.text:
        mail.set_content(texts.text(settings.text))
    if settings.html:
        page = texts.html(settings.html)
        if settings.text:
            mail.add_alternative(page, subtype="html")
        else:
            mail.set_content(page, subtype="html")
            mail.make_alternative()
    return mail


def _thread(settings: EmailSettings, message: Message, domain: str) -> str:
    """One thread a group, or one a group and day."""
    day = ""
    if settings.threading.thread_by_date == "daily":
        day = datetime.fromtimestamp(message.now / 1e9, UTC).strftime("-%Y%m%d")
    return f"<{message.key_hash}{day}@{domain}>"


def _addresses(text: str) -> tuple[Address, ...]:
    found = getaddresses([text])
    if not found or any(not address for _, address in found):
        raise ValueError(f"{text!r} holds no address")
    return tuple(Address(display_name=name, addr_spec=address) for name, address in found)
