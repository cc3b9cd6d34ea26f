"""The page ``docs/ontology.md``, written from the Turtle files: ``python -m ontology.docs > docs/ontology.md``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from ontology import DCTERMS, GRAPH, JX, OWL, PREFIXES, QUDT, RDF, RDFS, SCHEMA, SKOS, turtle_files

INTRODUCTION = """# 本体参考

由 `ontology/` 里的 Turtle 文件生成（`make docs`），不要手改：要改的是 Turtle 文件。怎样改见 [CONTRIBUTING.md](../CONTRIBUTING.md)。

"""
UNIT_SCHEME = "units.ttl"


def page() -> str:
    """The whole page: namespaces, classes with their properties, what can be asked for, schemes."""
    return INTRODUCTION + "\n".join(_Page().lines()) + "\n"


class _Page:
    def __init__(self) -> None:
        self.store = ox.Store()
        self.files: dict[str, str] = {}  # scheme → the file it stands in
        for file in turtle_files():
            quads = list(ox.parse(file.read_bytes(), format=ox.RdfFormat.TURTLE))
            self.store.bulk_extend(quads)
            schemes = [
                q.subject for q in quads if q.predicate.value == RDF.type and q.object == _node(SKOS.ConceptScheme)
            ]
            self.files.update((scheme.value, file.name) for scheme in schemes if isinstance(scheme, ox.NamedNode))
        names = {s.value for kind in _PROPERTIES for s in self._subjects(RDF.type, kind)}
        self.properties = sorted(name for name in names if name.startswith(JX))

    def lines(self) -> Iterator[str]:
        yield f"{self._said(GRAPH, DCTERMS.description)} 版本 {self._one(GRAPH, OWL.versionInfo)}。"
        yield from ("", "## 前缀", "", "| 前缀 | 命名空间 |", "| --- | --- |")
        yield from (f"| `{prefix}:` | `{namespace}` |" for prefix, namespace in PREFIXES.items())
        yield from ("", "## 类")
        for name in sorted(s.value for s in self._subjects(RDF.type, OWL.Class) if s.value.startswith(JX)):
            yield from self._class(name)
        yield from self._askable()
        yield from self._others()
        yield from self._schemes()

    def _class(self, name: str) -> Iterator[str]:
        above = [f"`{_short(o)}`" for o in self._all(name, RDFS.subClassOf)]
        yield from ("", f"### `{_short(name)}` {self._said(name, RDFS.label)}", "")
        yield self._said(name, RDFS.comment) + (f" 上位类：{'、'.join(above)}。" if above else "")
        held = [p for p in self.properties if name in self._domain(p)]
        if held:
            yield from ("", "| 属性 | 名称 | 值 | 说明 |", "| --- | --- | --- | --- |")
            yield from map(self._row, held)

    def _row(self, name: str) -> str:
        values = "、".join(f"`{_short(o)}`" for o in self._all(name, RDFS.range)) or "—"
        return f"| `{_short(name)}` | {self._said(name, RDFS.label)} | {values} | {self._said(name, RDFS.comment)} |"

    def _askable(self) -> Iterator[str]:
        asked = [p for p in self.properties if self._one(p, JX.askable) == "true"]
        yield from ("", "## 可以问的属性", "")
        yield "带 `jx:askable true` 的属性可以提问、筛选、排序、分组、导出，不必另写代码。叫法取自 `rdfs:label` 和 `skos:altLabel`，可直接增补。"
        yield from ("", "| 属性 | 属于 | 叫法 | 单位 | 证明它的栏目 |", "| --- | --- | --- | --- | --- |")
        for name in asked:
            owners = "、".join(f"`{_short(o)}`" for o in sorted(self._domain(name)))
            called = "、".join([self._said(name, RDFS.label), *sorted(self._all(name, SKOS.altLabel))])
            proven = "、".join(f"`{field}`" for field in self._all(name, JX.provenBy))
            yield f"| `{_short(name)}` | {owners} | {called} | {self._one(name, JX.unit)} | {proven} |"

    def _others(self) -> Iterator[str]:
        known = {s.value for s in self._subjects(RDF.type, OWL.Class) if s.value.startswith(JX)}
        rest = [p for p in self.properties if not known & self._domain(p)]
        if rest:
            yield from ("", "## 其他属性", "", "| 属性 | 名称 | 值 | 说明 |", "| --- | --- | --- | --- |")
            yield from map(self._row, rest)

    def _schemes(self) -> Iterator[str]:
        yield from ("", "## 词表", "", "| 词表 | 文件 | 概念数 | 顶层概念 |", "| --- | --- | --- | --- |")
        for scheme, file in sorted(self.files.items(), key=lambda item: item[1]):
            title = self._said(scheme, DCTERMS["title"]) or self._said(scheme, SKOS.prefLabel)
            count = len(set(self._subjects(SKOS.inScheme, scheme)))
            tops = "、".join(sorted(self._said(top, SKOS.prefLabel) for top in self._all(scheme, SKOS.hasTopConcept)))
            yield f"| {title} | `ontology/{file}` | {count} | {tops} |"
        units = len({s.value for s in self._subjects(RDF.type, QUDT.Unit)})
        yield f"| 计量单位（`qudt:Unit`，附换算倍数） | `ontology/{UNIT_SCHEME}` | {units} | — |"

    def _domain(self, name: str) -> set[str]:
        return {*self._all(name, RDFS.domain), *self._all(name, SCHEMA.domainIncludes)}

    def _subjects(self, predicate: str, value: str) -> Iterable[ox.NamedNode]:
        found = (q.subject for q in self.store.quads_for_pattern(None, _node(predicate), _node(value), None))
        return (s for s in found if isinstance(s, ox.NamedNode))

    def _objects(self, subject: str, predicate: str) -> list[ox.NamedNode | ox.Literal]:
        found = (q.object for q in self.store.quads_for_pattern(_node(subject), _node(predicate), None, None))
        return [o for o in found if isinstance(o, ox.NamedNode | ox.Literal)]

    def _all(self, subject: str, predicate: str) -> list[str]:
        """The values, those in other languages than Chinese left out, sorted."""
        found = self._objects(subject, predicate)
        return sorted(o.value for o in found if not isinstance(o, ox.Literal) or o.language in (None, "zh"))

    def _one(self, subject: str, predicate: str) -> str:
        return next(iter(self._all(subject, predicate)), "")

    def _said(self, subject: str, predicate: str) -> str:
        """The words in Chinese, fit for a cell of a table."""
        return " ".join(self._one(subject, predicate).replace("|", "\\|").split())


_PROPERTIES = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


def _node(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


def _short(iri: str) -> str:
    """``jx:budget`` for its IRI."""
    prefix, namespace = max(
        ((p, n) for p, n in PREFIXES.items() if iri.startswith(n)), key=lambda pair: len(pair[1]), default=("", "")
    )
    return f"{prefix}:{iri.removeprefix(namespace)}" if prefix else f"<{iri}>"


if __name__ == "__main__":
    print(page(), end="")
