"""Which grammar a page is in, by its Content-Type. 3.x has no default: a page must say, or the job must."""

from __future__ import annotations

from email.message import Message

from vedette.kernels.exposition import OPENMETRICS, TEXT
from vedette.metrics.config.protocols import MEDIA_TYPES, PROTOBUF
from vedette.metrics.scrape.fetch import ScrapeError
from vedette.model.labels import quote

_PROTOBUF_TYPE = "application/vnd.google.protobuf"
_SYNTAXES = {"application/openmetrics-text": OPENMETRICS, "text/plain": TEXT}


def syntax_of(content_type: str, fallback: str) -> int:
    """`TEXT` or `OPENMETRICS`. `fallback` is a protocol's name or ''. Raises `ScrapeError`."""
    media = _media_type(content_type)
    if media == _PROTOBUF_TYPE:
        raise ScrapeError(
            f"received Content-Type {quote(content_type)}, which was not asked for and can't be read"
        )
    if media in _SYNTAXES:
        return _SYNTAXES[media]
    if fallback and fallback != PROTOBUF:
        return _SYNTAXES[MEDIA_TYPES[fallback].partition(";")[0]]
    if not content_type:
        raise ScrapeError(
            "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target"
        )
    if not media:
        raise ScrapeError(
            f"cannot parse Content-Type {quote(content_type)} and no fallback_scrape_protocol for target"
        )
    raise ScrapeError(
        f"received unsupported Content-Type {quote(content_type)} and no fallback_scrape_protocol specified for target"
    )


def _media_type(content_type: str) -> str:
    """Type and subtype in lower case, or '' when the header is none."""
    try:
        message = Message()
        message["Content-Type"] = content_type
        main = content_type.partition(";")[0].strip().lower()
        return main if main == message.get_content_type() else ""
    except (ValueError, IndexError):
        return ""
