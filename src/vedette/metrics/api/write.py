"""``POST /api/v1/write``: the door for remote write 1.0."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from vedette.config.log import get_logger
from vedette.metrics.api.workers import Workers
from vedette.metrics.remote.receive import MAX_DECODED_BYTES, Received, RemoteWriteReceiver, WriteRefused

log = get_logger("metrics.remote")


def routes(
    receiver: RemoteWriteReceiver, workers: Workers, registry: CollectorRegistry, *, enabled: bool
) -> list[Route]:
    """`enabled` is ``--web.enable-remote-write-receiver``."""
    samples = Counter(
        "prometheus_api_remote_write_samples", "Samples stored from remote write requests.", registry=registry
    )
    left_out = Counter(
        "prometheus_api_remote_write_histograms_ignored",
        "Native histograms of remote write requests, which are not stored.",
        registry=registry,
    )
    invalid = Counter(
        "prometheus_api_remote_write_invalid_requests", "Remote write requests refused.", registry=registry
    )

    async def write(request: Request) -> Response:
        if not enabled:
            return PlainTextResponse(
                "remote write receiver needs to be enabled with --web.enable-remote-write-receiver", 404
            )
        if (wrong := unsupported(request)) is not None:
            return PlainTextResponse(wrong, 415)
        body = await request.body()
        if len(body) > MAX_DECODED_BYTES:
            return PlainTextResponse("request too large", 413)
        try:
            received: Received = await workers.run(lambda: receiver.receive(body))
        except WriteRefused as error:
            invalid.inc()
            return PlainTextResponse(f"{error}\n", 400)
        samples.inc(received.samples)
        left_out.inc(received.histograms)
        if received.refused:
            log.warning("samples of a remote write request refused", reason=received.refused)
            return PlainTextResponse(f"{received.refused}\n", 400)
        return Response(status_code=204)

    return [Route("/write", write, methods=["POST"])]


def unsupported(request: Request) -> str | None:
    """Why the request's encoding can't be read, or nothing."""
    content_type = request.headers.get("content-type", "")
    kind, *parameters = (part.strip() for part in content_type.split(";"))
    if kind and kind.lower() != "application/x-protobuf":
        return f"expected application/x-protobuf as the first (media) part, got {content_type} content-type"
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.lower() == "proto" and value != "prometheus.WriteRequest":
            return f"got remote write version {value}; only prometheus.WriteRequest is accepted here"
    encoding = request.headers.get("content-encoding", "snappy")
    if encoding.lower() != "snappy":
        return (
            f'"{encoding}" encoding (compression) is not accepted by this server; only "snappy" is acceptable'
        )
    return None
