"""What a query may be: a read query, of this data, that the parser can take.

Whether a query has a SERVICE or FROM clause is decided by the engine's own parser, not by a second reading of the
text that might differ from it: where the query no longer parses once each spelling of the word is replaced by a
word that means nothing, the word was a keyword. In strings, IRIs, names, variables and comments another word
makes no difference.
"""

from __future__ import annotations

import re
import secrets
import string
from itertools import pairwise

import pyoxigraph as ox

from kg.errors import KgError
from ontology import PREFIXES

NESTED = 400  # brackets within brackets; the engine dies of some 600 on a stack of 8 MB


class QueryError(KgError):
    """A query that is not valid SPARQL, or not one that is allowed here."""


NO_SERVICE = "SERVICE 会访问外部网络，被拒绝：请只查询本库数据"
NO_UPDATE = "这里只能查询：SPARQL 更新（INSERT、DELETE 等）被拒绝，数据没有变化；改数据请用 kg add / kg remove"

_NOTHING = ox.Store()
_ABSENT: dict[ox.Variable, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple] = {
    ox.Variable("nowhere" + secrets.token_hex(8)): ox.Literal("")
}
TOKEN = re.compile(
    r"""
      (?P<skip> \s+ | \#[^\n\r]*                                        # blanks and comments
        | \"{3}(?:\\.|(?!\"{3}).)*\"{3} | '{3}(?:\\.|(?!'{3}).)*'{3}    # strings
        | "(?:\\.|[^"\\\n\r])*" | '(?:\\.|[^'\\\n\r])*'
        | <[^<>"{}|^`\\\x00-\x20]*>                                     # IRIs
        | [?$][\w·]+ | @[a-zA-Z-]+ )                                    # variables and language tags
    | (?P<name> (?:[^\W\d]|_)?[\w·.-]*:(?:[\w·.:-]|%[0-9A-Fa-f]{2}|\\.)* )   # prefixed names
    | (?P<word> [A-Za-z]+ )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_UPDATES = frozenset({"INSERT", "DELETE", "WITH", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"})


def _spelled(word: str) -> re.Pattern[str]:
    """``word`` in any case, each letter as itself or as a code point escape (SPARQL 1.1, 19.2)."""
    letters = (
        rf"(?:{c}|\\u00(?:{ord(c):02x}|{ord(c) - 32:02x})|\\U000000(?:{ord(c):02x}|{ord(c) - 32:02x}))" for c in word
    )
    return re.compile("".join(letters), re.IGNORECASE)


_LONE = re.compile("[\ud800-\udfff]")
_LOCAL = re.compile(":[A-Za-z]+")  # of a name, an IRI, a string, a comment: no keyword, whatever stands before it
_SERVICE, _FROM, _GRAPH = _spelled("service"), _spelled("from"), _spelled("graph")


def check_query(sparql: str, base: str = "") -> None:
    """Raises QueryError for what may not be asked of this data: SERVICE, and nesting beyond the parser's stack.

    ``base`` is what the engine is to resolve relative IRIs against, and so takes or does not take them.
    """
    if _LONE.search(sparql):
        raise QueryError("查询里有不成对的代理字符：它不是合格的文字")
    if _depth(sparql) > NESTED:
        raise QueryError(f"查询的括号嵌套超过 {NESTED} 层：请改写得浅一些")
    if _has(sparql, _SERVICE, base):
        raise QueryError(NO_SERVICE)


def is_update(sparql: str) -> bool:
    """Whether text that is no query begins like an update; for what is said only."""
    words = (m[0].upper() for m in TOKEN.finditer(sparql) if m.lastgroup == "word")
    return next((w for w in words if w in _FORMS | _UPDATES), "") in _UPDATES


Dataset = tuple[tuple[str, ...], tuple[str, ...]]
"""The IRIs of the graphs that make the default graph, and of those that are named."""


def graphs_named(sparql: str, base: str = "") -> Dataset | None:
    """The dataset of FROM and FROM NAMED, None where there is none. Raises QueryError where it cannot be made out."""
    if not _has(sparql, _FROM, base):
        return None
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        algebra = translateQuery(parseQuery(sparql), base=base or None, initNs=PREFIXES).algebra
        clauses = algebra.datasetClause or ()
        found = tuple(str(c.default) for c in clauses if c.default), tuple(str(c.named) for c in clauses if c.named)
    except Exception:  # noqa: BLE001 - rdflib raises whatever it likes
        found = (), ()
    if not any(found):
        raise QueryError("查询的 FROM 读不懂：请写成 FROM <图的 IRI>，放在 WHERE 之前")
    return found


def names_graphs(sparql: str, base: str = "") -> bool:
    """Whether a query has a GRAPH pattern."""
    return _has(sparql, _GRAPH, base)


def check_syntax(sparql: str, base: str = "") -> None:
    """Raises SyntaxError for what is no query, as the embedded engine does; nothing is evaluated."""
    try:
        _NOTHING.query(sparql, base_iri=base or None, prefixes=PREFIXES, substitutions=_ABSENT)
    except (OSError, RuntimeError, ValueError):
        return  # it was parsed, and the variable to be substituted missed


def _has(sparql: str, word: re.Pattern[str], base: str) -> bool:
    """Whether ``word`` stands as a keyword in a query; False too where it is no valid query."""
    if not word.search(sparql) or not word.search(_LOCAL.sub(":", sparql)):
        return False
    others: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        return others.setdefault(found[0], "".join(secrets.choice(string.ascii_lowercase) for _ in range(8)))

    return _parses(sparql, base) and not _parses(word.sub(other, sparql), base)


def _parses(sparql: str, base: str) -> bool:
    """Whether the engine takes this for a query. Nothing is evaluated: a variable that the query lacks is to be
    substituted, which the engine refuses when it has parsed."""
    try:
        check_syntax(sparql, base)
    except SyntaxError:
        return False
    return True


def _depth(sparql: str) -> int:
    if sparql.count("{") + sparql.count("(") + sparql.count("[") + sparql.count("<<") <= NESTED:
        return 0
    deepest = now = 0
    for token in TOKEN.finditer(sparql):
        if token[0] in ("{", "(", "["):
            now += 1
            deepest = max(deepest, now)
            if deepest > NESTED:
                break  # deep enough, however much follows
        elif token[0] in ("}", ")", "]"):
            now -= 1
    return deepest


_REASONS = {
    "contains a variable that is unbound": "（SELECT 的变量没有出现，或没有列入 GROUP BY）",
    "IRI parsing failed": "（尖括号里须是完整的 IRI）",
}


def syntax_message(sparql: str, message: str) -> str:
    """Where a query stops being SPARQL. Oxigraph tells how far it looked ahead, so rdflib tells the place."""
    line, column, why = _undeclared(sparql) or _stopped(sparql) or _looked_at(message)
    lines = sparql.splitlines() or [""]
    near = lines[line - 1][column - 1 :][:20].strip() if line <= len(lines) else ""
    return f"SPARQL 语法错误：第 {line} 行第 {column} 列，{f'“{near}”附近' if near else '结尾处'}{why}"


def _undeclared(sparql: str) -> tuple[int, int, str] | None:
    tokens = list(TOKEN.finditer(sparql))
    solid = [t for t in tokens if t.lastgroup != "skip"]
    declared = {after[0].partition(":")[0] for word, after in pairwise(solid) if word[0].upper() == "PREFIX"}
    for token in solid:
        prefix = token[0].partition(":")[0]
        if token.lastgroup == "name" and prefix not in declared | PREFIXES.keys() | {"_"}:
            before = sparql[: token.start()]
            return before.count("\n") + 1, len(before) - before.rfind("\n"), f"（前缀 {prefix}: 没有声明）"
    return None


def _stopped(sparql: str) -> tuple[int, int, str] | None:
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        parseQuery(sparql.replace("\t", " "))
    except ParseBaseException as error:
        return error.lineno, error.col, ""
    except (RecursionError, ValueError, TypeError):
        return None
    return None


def _looked_at(message: str) -> tuple[int, int, str]:
    found = re.search(r"error at (\d+):(\d+)", message)
    why = next((said for words, said in _REASONS.items() if words in message), "")
    return (int(found[1]), int(found[2]), why) if found else (1, 1, why)
