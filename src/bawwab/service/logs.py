"""Structured logs: one JSON object a line on standard error, never a text or a recipient."""

import logging
import secrets
import sys
import traceback

import structlog
from structlog.typing import Processor


def configure_logs(level: str = "info") -> None:
    """Log as JSON, the server's own lines included."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def new_request_id() -> str:
    """Name a request that is worth a line."""
    return "req_" + secrets.token_hex(8)


def refused_request(**what: object) -> None:
    """Log a request that could not be served, for no fault of its caller."""
    structlog.get_logger("bawwab").warning("request not served", **what)


def report_crash(error: Exception, request_id: str) -> None:
    """Log where an unforeseen error arose; its text may hold what a caller sent, so only its type."""
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    structlog.get_logger("bawwab").error(
        "unforeseen error",
        request_id=request_id,
        error=type(error).__name__,
        where=[f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames],
    )
