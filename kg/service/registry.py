"""The jobs that worker processes do, by name: functions of an opened graph and plain arguments. Results are plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from kg.errors import KgError

Job = TypeVar("Job", bound=Callable[..., Any])
JOBS: dict[str, Callable[..., Any]] = {}


class NotFoundError(KgError):
    """There is no such thing in the graph."""


def job(function: Job) -> Job:
    """Make a function a job under its name. Its first argument is the graph."""
    JOBS[function.__name__] = function
    return function
