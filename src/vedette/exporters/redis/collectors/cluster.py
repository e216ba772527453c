"""Messages between the nodes of a cluster."""

from __future__ import annotations

from vedette.exporters.page import Page
from vedette.exporters.redis.fields import family_of
from vedette.exporters.redis.reply import Reply, to_number


def describe(page: Page, reply: Reply) -> None:
    for name, text in reply.cluster.items():
        family, value = family_of(name), to_number(text)
        if family is not None and value is not None:
            page.add(family, value)
