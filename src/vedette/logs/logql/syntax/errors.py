"""What can be wrong with a query.

LogQLError          the text is no query, or breaks a limit: HTTP 400
  NotSupported      a query of the real language that this release does not answer yet
  PipelineError     a metric query met a line with `__error__`
"""

from __future__ import annotations


class LogQLError(ValueError):
    """A bad query. `str()` is the whole text for the user; `line` and `column` count from 1, 0 when unknown."""

    def __init__(self, message: str, line: int = 0, column: int = 0, *, positioned: bool = True) -> None:
        self.line, self.column = line, column
        if not positioned:
            text = message
        elif line or column:
            text = f"parse error at line {line}, col {column}: {message}"
        else:
            text = f"parse error : {message}"
        super().__init__(text)


class NotSupported(LogQLError):
    """LogQL that is understood but not answered by this release."""

    def __init__(self, what: str) -> None:
        super().__init__(f"not supported: {what}", positioned=False)


class PipelineError(LogQLError):
    """A metric query met a line that a stage could not process. The user must filter such lines or forgive them."""

    def __init__(self, kind: str, series: str) -> None:
        super().__init__(
            f"pipeline error: '{kind}' for series: '{series}'.\n"
            'Use a label filter to intentionally skip this error. (e.g | __error__!="' + kind + '").\n'
            'To skip all potential errors you can match empty errors.(e.g __error__="")\n'
            'The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__="" )\n',
            positioned=False,
        )
