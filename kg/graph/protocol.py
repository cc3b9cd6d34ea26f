"""A client of the SPARQL 1.1 protocol: query, update, and the graph store's HTTP protocol, on one connection kept open.

Which three addresses an engine has follows from the one that is given (``ENGINES``); ``KG_STORE_UPDATE`` and
``KG_STORE_GRAPHS`` name others. Who asks is said by user and password in the address (basic), or by ``KG_STORE_TOKEN``
(bearer).
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import re
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from kg.errors import KgError, StorageError
from kg.graph.guard import QueryError

RESULTS = "application/sparql-results+json"
TRIPLES = "application/n-triples"
CONNECTING, ANSWERING = 10, 3600  # seconds; loading a large graph is one request

ENGINES = (  # end of the address for queries → for updates, for graphs
    (r"(/repositories/[^/]+)$", r"\1/statements", r"\1/rdf-graphs/service"),  # RDF4J, GraphDB
    (r":8182/sparql$", r":8182/sparql", r":8182/sparql/gsp/"),  # Neptune
    (r":8890/sparql(-auth)?$", r":8890/sparql\1", r":8890/sparql-graph-crud\1"),  # Virtuoso
    (r"^(.*:3030/[^/]+)/(?:sparql|query)$", r"\1/update", r"\1/data"),  # Fuseki
    (r"^(.*:5820/[^/]+)/query$", r"\1/update", r"\1"),  # Stardog
    (r"^(.*?)(?:/|/sparql|/query)?$", r"\1/update", r"\1/store"),  # Oxigraph
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where an engine takes queries, updates and graphs; ``authorization`` is the header that says who asks."""

    query: str
    update: str
    graphs: str
    authorization: str = ""

    @classmethod
    def of(cls, url: str) -> Addresses:
        """Raises KgError for what is no address of an engine."""
        parts = urlsplit(url)
        try:
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            port = ":?"
        if parts.scheme not in ("http", "https") or not parts.hostname or port == ":?" or parts.query or parts.fragment:
            raise KgError(f"图数据库的地址“{without_secrets(url)}”不合格：应形如 https://主机:端口/sparql")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        path = parts.path if parts.path not in ("", "/") else "/query"
        query = urlunsplit((parts.scheme, host + port, path, "", ""))
        end, update, graphs = next(known for known in ENGINES if re.search(known[0], query))
        authorization = ""
        if token := os.environ.get("KG_STORE_TOKEN", ""):
            authorization = f"Bearer {token}"
        elif parts.username is not None:
            said = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            authorization = f"Basic {base64.b64encode(said.encode()).decode()}"
        return cls(
            query,
            os.environ.get("KG_STORE_UPDATE") or re.sub(end, update, query),
            os.environ.get("KG_STORE_GRAPHS") or re.sub(end, graphs, query),
            authorization,
        )


def without_secrets(url: str) -> str:
    """An address that can be shown and kept: without user and password."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, parts.fragment))


class Client:
    """Speaks to one engine. Raises StorageError, one line, where it is not reached, refuses or breaks off."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses
        self._connections: dict[tuple[str, str], http.client.HTTPConnection] = {}
        self._process = os.getpid()

    def query(
        self, sparql: str, default: Sequence[str] = (), named: Sequence[str] = (), accept: str = RESULTS
    ) -> tuple[str, bytes]:
        """(media type, body) of an answer over a dataset. Raises QueryError for a query that the engine refuses."""
        form = [
            ("query", sparql),
            *(("default-graph-uri", g) for g in default),
            *(("named-graph-uri", g) for g in named),
        ]
        return self._send(
            "POST", self.addresses.query, urlencode(form).encode(), "application/x-www-form-urlencoded", accept
        )

    def update(self, sparql: str) -> None:
        self._send("POST", self.addresses.update, sparql.encode(), "application/sparql-update")

    def put(self, graph: str, triples: bytes) -> None:
        """Put N-Triples in place of all of a graph."""
        self._send("PUT", self._graph(graph), triples, TRIPLES)

    def get(self, graph: str) -> bytes:
        """A graph as N-Triples; one that is not there has none."""
        return self._send("GET", self._graph(graph), None, accept=TRIPLES)[1]

    def _graph(self, graph: str) -> str:
        return f"{self.addresses.graphs}?graph={quote(graph, safe='')}"

    def _send(
        self, method: str, url: str, body: bytes | None, media_type: str = "", accept: str = "*/*"
    ) -> tuple[str, bytes]:
        headers = {"Accept": accept}
        if media_type:
            headers["Content-Type"] = media_type
        if self.addresses.authorization:
            headers["Authorization"] = self.addresses.authorization
        parts = urlsplit(url)
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        try:
            status, kind, answer = self._exchange(parts.scheme, parts.netloc, method, target, body, headers)
        except (OSError, http.client.HTTPException) as error:
            why = (
                error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
            )
            raise StorageError(
                f"图数据库 {self.addresses.query} 没有应答（{why}）：请确认它在运行、地址写对；原有数据没有变化"
            ) from None
        if status < 300:
            return kind.partition(";")[0].strip(), answer
        if status == 404 and method == "GET":
            return TRIPLES, b""
        said = (answer.decode("utf-8", "replace").strip().splitlines() or [""])[0][:200]
        if status in (401, 403):
            raise StorageError(
                f"图数据库 {self.addresses.query} 不接受口令（{status}）：请检查地址里的用户和口令，或 KG_STORE_TOKEN"
            )
        if status == 400 and url == self.addresses.query:
            raise QueryError(f"图数据库不接受这个查询：{said}")
        raise StorageError(f"图数据库 {self.addresses.query} 出错（{method} {url.partition('?')[0]}：{status} {said}）")

    def _exchange(
        self, scheme: str, host: str, method: str, target: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str, bytes]:
        if self._process != os.getpid():  # a connection is not shared with the process that was forked
            self._connections, self._process = {}, os.getpid()
        kept = self._connections.pop((scheme, host), None)
        for connection in (*filter(None, [kept]), _connection(scheme, host)):
            try:
                connection.request(method, target, body, headers)
                response = connection.getresponse()
                answer = response.read()
            except (ConnectionError, http.client.BadStatusLine):
                connection.close()
                if connection is kept:
                    continue  # it was closed while nothing was asked; every request here may be sent twice
                raise
            except BaseException:
                connection.close()
                raise
            if response.will_close:
                connection.close()
            else:
                self._connections[scheme, host] = connection
            return response.status, response.headers.get("Content-Type", ""), answer
        raise AssertionError

    def close(self) -> None:
        for connection in self._connections.values():
            with contextlib.suppress(OSError):
                connection.close()
        self._connections.clear()


class _Http(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(ANSWERING)


class _Https(http.client.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(ANSWERING)


def _connection(scheme: str, host: str) -> http.client.HTTPConnection:
    if scheme == "https":
        return _Https(host, timeout=CONNECTING, context=ssl.create_default_context())
    return _Http(host, timeout=CONNECTING)


def iris(names: Iterable[str]) -> str:
    """IRIs as SPARQL lists them."""
    return " ".join(f"<{name}>" for name in names)
