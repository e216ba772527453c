"""Settings that belong in alerts: limits on memory, clients and buffers. All of them on request."""

from __future__ import annotations

from vedette.exporters.page import Family, Page
from vedette.exporters.redis.fields import plain
from vedette.exporters.redis.reply import Reply, to_number

SETTINGS = {
    "maxmemory": plain("config_maxmemory"),
    "maxclients": plain("config_maxclients"),
    "io-threads": plain("config_io_threads"),
    "repl-backlog-size": plain("config_repl_backlog_size"),
}
COMMANDLOG = (
    "commandlog-execution-slower-than",
    "commandlog-slow-execution-max-len",
    "commandlog-request-larger-than",
    "commandlog-large-request-max-len",
    "commandlog-reply-larger-than",
    "commandlog-large-reply-max-len",
)
SETTINGS |= {name: plain(name.replace("-", "_")) for name in COMMANDLOG}
LIMIT_BYTES = Family(
    "redis_config_client_output_buffer_limit_bytes",
    "gauge",
    "The configured buffer limits per class",
    ("class", "limit"),
)
LIMIT_SECONDS = Family(
    "redis_config_client_output_buffer_limit_overcome_seconds",
    "gauge",
    "How long for buffer limits per class to be exceeded before replicas are dropped",
    ("class", "limit"),
)
VALUE = Family("redis_config_value", "gauge", "Configured value of a key", ("key",))
KEY_VALUE = Family("redis_config_key_value", "gauge", "Config key and value", ("key", "value"))
# Never shown, whatever is asked for.
SECRET = ("requirepass", "masterauth", "masteruser", "primaryauth", "primaryuser", "tls-key-file-pass")


def describe(page: Page, reply: Reply, every_setting: bool = False) -> None:
    config = reply.config or {}
    for name, text in config.items():
        family = SETTINGS.get(name)
        value = to_number(text)
        if family is not None and value is not None:
            page.add(family, value)
        if every_setting and not name.startswith(SECRET) and "pass" not in name:
            page.add(KEY_VALUE, 1, name, text)
            if value is not None:
                page.add(VALUE, value, name)
    words = config.get("client-output-buffer-limit", "").split()
    for kind, hard, soft, seconds in zip(words[::4], words[1::4], words[2::4], words[3::4], strict=False):
        page.add(LIMIT_BYTES, int(hard), kind, "hard")
        page.add(LIMIT_BYTES, int(soft), kind, "soft")
        page.add(LIMIT_SECONDS, int(seconds), kind, "soft")
