"""Parameters that an address does not have: refused, with the name that was meant perhaps."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from fastapi.routing import APIRoute
from starlette.requests import Request

from kg.service.problems import Problem

NAMED = 5  # unknown ones that are named, however many there are


def refuse(given: Iterable[str], known: Collection[str]) -> None:
    """Raises Problem 422 where something is given that is not known."""
    unknown = [name for name in dict.fromkeys(given) if name not in known]
    if not unknown:
        return
    said = "；".join(f"没有参数 {name[:40]}{_meant(name, known)}" for name in unknown[:NAMED])
    there = f"可用的参数：{'、'.join(sorted(known))}" if known else "这里不用参数"
    raise Problem(422, f"{said}。{there}")


def _meant(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name.lower()[:40], known, 1, 0.5)
    return f"，是不是 {near[0]}？" if near else ""


def only_known(request: Request) -> None:
    """Refuse query parameters that the route does not have: a filter that is misspelt would let everything through."""
    route = request.scope.get("route")
    if isinstance(route, APIRoute) and route.include_in_schema and request.url.query:
        refuse(request.query_params.keys(), {field.alias for field in route.dependant.query_params})
