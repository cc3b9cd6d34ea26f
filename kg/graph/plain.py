"""A query as engines elsewhere take it: plain ASCII SPARQL 1.1 that says all it needs.

Prefixes are declared, variables have ASCII names, what else is not ASCII is escaped or written as a full IRI, and a graph
is reached through the catalogue of its generation: ``GRAPH ?g { … }`` becomes ``GRAPH ?in { GRAPH <generation> { ?in names
?g } … }``, for there a document's graph stands under a name of its own in each generation that changed it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from kg.graph.guard import TOKEN, QueryError, names_graphs
from ontology import PREFIXES

NAMES = "https://w3id.org/jixiao/store#names"


@dataclass(slots=True)
class Plain:
    """``text`` is the query to send; ``named``: it reaches for graphs; ``heads``: its variables, by the names sent."""

    text: str
    named: bool
    heads: dict[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    def results(self, body: bytes) -> bytes:
        """The JSON of an answer to ``text`` as that of the query it stands for."""
        if not self.heads and not self.hidden:
            return body
        answer = json.loads(body)
        if "vars" in answer.get("head", {}):
            answer["head"]["vars"] = [self.heads.get(v, v) for v in answer["head"]["vars"] if v not in self.hidden]
        if "results" in answer:
            answer["results"]["bindings"] = [
                {self.heads.get(v, v): term for v, term in row.items() if v not in self.hidden}
                for row in answer["results"]["bindings"]
            ]
        return json.dumps(answer).encode()


def plain(sparql: str, catalogue: str, base: str = "") -> Plain:
    """``sparql``, a valid query, for an engine that keeps its graphs by ``catalogue``.

    Raises QueryError for a query whose GRAPH cannot be made out.
    """
    stem = "v"
    while re.search(rf"[?$]{stem}\d", sparql):
        stem += "v"
    sent: dict[str, str] = {}  # variable as written → as sent
    inner: dict[str, str] = {}  # what names a graph → the variable for where it stands
    spaces = dict(PREFIXES)
    used: set[str] = set()
    out: list[str] = []
    within = ""  # what the next group begins with
    graph, prefix = False, None  # the word GRAPH came before; PREFIX and perhaps a name
    for token in TOKEN.finditer(sparql):
        text = token[0]
        if token.lastgroup == "skip" and (text[0].isspace() or text[0] == "#"):
            out.append(" " if text[0] == "#" else text)
            continue
        if prefix is not None and text[0] == "<":
            spaces[prefix], prefix = text[1:-1], None
        if token.lastgroup == "name":
            name, _, local = text.partition(":")
            if prefix == "":
                prefix, text = name, text if text.isascii() else f"{stem}{len(spaces)}p:"
            elif not text.isascii():
                local = local.replace("\\", "")
                text = f"<{spaces[name]}{local}>" if name != "_" else f"_:{stem}{local.encode().hex()}"
            else:
                used.add(name)
        if text[0] in "?$" and len(text) > 1 and not text.isascii():
            text = f"?{sent.setdefault(text[1:], f'{stem}{len(sent)}')}"
        elif not text.isascii():
            text = _escaped(text)
        if token.lastgroup == "word" and text.upper() == "GRAPH":
            graph = True
            continue
        if token.lastgroup == "word" and text.upper() == "PREFIX":
            prefix = ""
        if graph:
            place = inner.setdefault(text, f"{stem}{len(inner)}in")
            within, text = f" GRAPH <{catalogue}> {{ ?{place} <{NAMES}> {text} }} ", f"GRAPH ?{place} "
            graph = False
        elif within and text == "{":  # as its first pattern, so that engines begin with it, before any OPTIONAL
            text, within = "{" + within, ""
        out.append(text)
    if bool(inner) != names_graphs(sparql, base):
        raise QueryError("查询的 GRAPH 读不懂：请写成 GRAPH ?图 { … } 或 GRAPH <图的 IRI> { … }")
    head = f"BASE <{_escaped(base)}> " if base else ""
    head += "".join(f"PREFIX {p}: <{iri}> " for p, iri in PREFIXES.items() if p in used)
    return Plain(head + "".join(out), bool(inner), {new: old for old, new in sent.items()}, frozenset(inner.values()))


def _escaped(text: str) -> str:
    return "".join(c if c.isascii() else f"\\u{ord(c):04X}" if ord(c) < 0x10000 else f"\\U{ord(c):08X}" for c in text)
