"""Who knows a token: as bearer, or by the session that the page gets for it. Guesses are slowed by client."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import ipaddress
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence

from kg.service.people import WRITER, Person, by_token
from kg.service.problems import Problem

COOKIE = "kg_session"
SESSION_SECONDS = 12 * 3600.0  # without use
SESSIONS = 1000
GUESSES = 10  # wrong tokens that a client may give at once
GUESS_SECONDS = 3.0  # after which it may give one more
CLIENTS = 10_000  # that are remembered for it


class Access:
    def __init__(self, token: str, people: Sequence[Person] = ()) -> None:
        self.people = people
        self._tokens = {token.encode()} if token else set()
        if token:
            with contextlib.suppress(UnicodeEncodeError):  # some clients send a header that is not ASCII like this
                self._tokens.add(token.encode("latin-1"))
        # hash → who, time of last use; the oldest first
        self._sessions: OrderedDict[bytes, tuple[Person, float]] = OrderedDict()
        self._wrong: OrderedDict[str, tuple[float, float]] = (
            OrderedDict()
        )  # client → wrong tokens left to pay for, when

    def knows(self, given: bytes, client: str) -> Person | None:
        """Whose token this is. Raises Problem 429 where the client has guessed too often."""
        who = network(client)
        now = time.monotonic()
        owed, then = self._wrong.get(who, (0.0, now))
        owed = max(0.0, owed - (now - then) / GUESS_SECONDS)
        if owed > GUESSES - 1:
            wait = math.ceil((owed - GUESSES + 1) * GUESS_SECONDS)
            raise Problem(429, f"口令错得太多：请 {wait} 秒后再试", {"Retry-After": str(wait)})
        given = given.strip(b" \t")
        if any([hmac.compare_digest(given, token) for token in self._tokens]):  # noqa: C419 - always both
            return WRITER
        if person := by_token(self.people, given):
            return person
        self._wrong[who] = owed + 1, now
        self._wrong.move_to_end(who)
        while len(self._wrong) > CLIENTS:
            self._wrong.popitem(last=False)
        return None

    def enter(self, person: Person = WRITER) -> str:
        """A new session, to be kept in the client's cookie."""
        name = secrets.token_urlsafe(32)
        self._sessions[_hash(name)] = person, time.monotonic()
        while len(self._sessions) > SESSIONS:
            self._sessions.popitem(last=False)
        return name

    def has(self, session: str) -> Person | None:
        """Whose session it is. Its time begins anew."""
        key, now = _hash(session), time.monotonic()
        person, used = self._sessions.pop(key, (None, 0.0))
        if person is None or now - used > SESSION_SECONDS:
            return None
        self._sessions[key] = person, now
        return person

    def leave(self, session: str) -> None:
        self._sessions.pop(_hash(session), None)


def _hash(session: str) -> bytes:
    return hashlib.sha256(session.encode()).digest()


def network(client: str) -> str:
    """What a client may have any number of addresses of: of IPv6 a /64."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client[:60]
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return client
