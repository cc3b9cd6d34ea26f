"""Typed query → SPARQL: what is selected, of the projects and indicators that meet the query's conditions."""

from __future__ import annotations

import re

from kg.ask.patterns import Patterns, served
from kg.ask.query import OfProject, OfType, Query
from kg.graph.terms import iri, values
from ontology import PREFIXES

FACTOR = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
CHANGES = {"change": "ABS(?now - ?was)", "changeRate": "ABS(?now - ?was) * 100 / ?was"}
HEAD = "?project rdfs:label ?label ; jx:table ?table ."
YEAR = "OPTIONAL { ?project jx:fiscalYear ?year }"


class Compiler(Patterns):
    """Compiles one query."""

    def _where(self, query: Query) -> str:
        """The conditions on ?project; it is bound first, for MINUS only removes what is bound before it."""
        return "\n  ".join(["?project a jx:Project .", *(self.project(c) for c in query.projects)])

    def compile(self, query: Query) -> str:
        """The whole query with the prefixes it uses; its rows are the answers in order."""
        body: str = getattr(self, f"_{query.select}")(query)
        used = [p for p in PREFIXES if re.search(rf"(?<![\w<]){p}:", body)]
        return "".join(f"PREFIX {p}: <{PREFIXES[p]}>\n" for p in used) + body

    def _projects(self, query: Query) -> str:
        amount, order = "", "DESC(?year) ?table ?label ?project"
        moved = query.measure in CHANGES
        if moved:
            amount = f"BIND({CHANGES[query.measure]} AS ?amount)"
            order = f"{'ASC' if query.descending is False else 'DESC'}(?amount) {order}"
        elif query.descending is not None or query.operands:
            direction = "DESC" if query.descending is not False else "ASC"
            order = f"{direction}(?amount) {order}"
            amount = self._counts(query) if query.measure == "indicators" else f"?project jx:{query.measure} ?amount ."
        else:
            amount = f"OPTIONAL {{ ?project jx:{query.measure} ?amount }}" if query.measure != "indicators" else ""
        if query.descending is not None and query.limit == 1 and not query.offset:
            # the first, and whatever ties with it
            extreme = "MAX" if query.descending else "MIN"
            amount += f"""
  {{ SELECT ({extreme}(?amount) AS ?best) WHERE {{ {self._where(query)} {amount} }} }}
  FILTER(?amount = ?best)"""
            limit = ""
        else:
            limit = f"\nLIMIT {query.limit}" if query.limit else ""
        offset = f" OFFSET {query.offset}" if query.offset else ""
        return f"""SELECT DISTINCT ?project ?label ?year ?table ?amount{" ?now ?was" if moved else ""} WHERE {{
  {self._where(query)}
  {HEAD}
  {YEAR}
  {amount}
}} ORDER BY {order}{limit}{offset}"""

    def _amount(self, query: Query) -> str:
        return f"""SELECT DISTINCT ?project ?label ?year ?table (?amount / {FACTOR[query.unit]} AS ?number) WHERE {{
  {self._where(query)}
  {HEAD}
  {YEAR}
  ?project jx:{query.measure} ?amount .
}} ORDER BY DESC(?year) ?table ?label ?project"""

    def _indicators(self, query: Query) -> str:
        chosen = values("indicator", query.candidates) if query.candidates else ""
        if query.pairs:
            rows = " ".join(f"({iri(before)} {iri(after)})" for before, after in query.pairs)
            chosen = f"""VALUES (?earlier ?indicator) {{ {rows} }}
  ?earlier jx:target ?t0 . ?t0 qudt:value ?before ; jx:writtenNumber ?n0 ; jx:text ?was .
  ?indicator jx:target ?t1 . ?t1 qudt:value ?after ; jx:writtenNumber ?n1 .
  OPTIONAL {{ ?t0 jx:writtenUnit ?w0 }}
  OPTIONAL {{ ?t1 jx:writtenUnit ?w1 }}
  OPTIONAL {{ ?t0 qudt:hasUnit ?u0 }}
  OPTIONAL {{ ?t1 qudt:hasUnit ?u1 }}
  FILTER(IF(COALESCE(?w0, "") = COALESCE(?w1, ""), ?n1 {query.change} ?n0,
            COALESCE(?u0 = ?u1, false) && ?after {query.change} ?before))"""
        inner = "\n  ".join(self.indicator(c) for c in query.indicators)
        order = "DESC(?year) ?table ?row ?indicator"
        number = ""
        if query.descending is not None:
            order = f"{'DESC' if query.descending else 'ASC'}(?n) {order}"
            number = "?t qudt:value ?n ."
        limit = f"\nLIMIT {query.limit}" if query.limit else ""
        was = " ?earlier ?was" if query.pairs else ""
        return f"""SELECT DISTINCT ?indicator ?label ?value ?written ?unit ?project ?projectLabel ?year ?table ?row{was} WHERE {{
  {chosen}
  {self._where(query)}
  {inner}
  ?project jx:indicator ?indicator ; rdfs:label ?projectLabel ; jx:table ?table .
  ?indicator rdfs:label ?label ; jx:row ?row ; jx:target ?t .
  ?t jx:text ?value .
  {number}
  OPTIONAL {{ ?t jx:writtenNumber ?written }}
  OPTIONAL {{ ?t jx:writtenUnit ?unit }}
  {YEAR}
}} ORDER BY {order}{limit}"""

    def _types(self, query: Query) -> str:
        return f"""SELECT DISTINCT ?indicator ?label ?project ?projectLabel ?year ?value WHERE {{
  {values("indicator", query.candidates)}
  ?project jx:indicator ?indicator ; rdfs:label ?projectLabel .
  ?indicator jx:type ?type ; rdfs:label ?value .
  ?type skos:prefLabel ?label . FILTER(lang(?label) != "en")
  {YEAR}
}} ORDER BY DESC(?year) ?label"""

    def _number(self, query: Query) -> str:
        if query.operands:
            return self._arithmetic(query)
        if query.by_year:
            per_year = {"sum": "SUM(?amount)", "average": "AVG(?amount)", "count": "COUNT(DISTINCT ?project)"}
            amount = f"?project jx:{query.measure} ?amount ." if query.aggregate != "count" else ""
            return f"""SELECT ?year ({per_year[query.aggregate]} / {FACTOR.get(query.unit, 1)} AS ?number) WHERE {{
  {{ SELECT DISTINCT ?project ?year ?amount WHERE {{ {self._where(query)} ?project jx:fiscalYear ?year . {amount} }} }}
}} GROUP BY ?year ORDER BY ?year"""
        if query.aggregate == "count":
            return f"SELECT (COUNT(DISTINCT ?project) AS ?number) WHERE {{\n  {self._where(query)}\n}}"
        if query.aggregate == "countIndicators":
            inner = "\n  ".join(self.indicator(c) for c in query.indicators)
            return f"SELECT (COUNT(DISTINCT ?indicator) AS ?number) WHERE {{\n  {self._where(query)}\n  ?project jx:indicator ?indicator .\n  {inner}\n}}"
        if query.aggregate == "averageIndicators":
            each = f"{{ SELECT ?project (COUNT(DISTINCT ?i) AS ?n) WHERE {{ {self._where(query)} ?project jx:indicator ?i }} GROUP BY ?project }}"
            return f"SELECT (AVG(?n) AS ?number) WHERE {{\n  {each}\n}}"
        function = {"sum": "SUM", "average": "AVG"}[query.aggregate]
        return (
            f"SELECT ({function}(?amount) / {FACTOR.get(query.unit, 1)} AS ?number) WHERE {{\n  {self._each(query)}\n}}"
        )

    def _counts(self, query: Query) -> str:
        """A subselect of each project's number of indicators that meet the query's conditions."""
        kinds = " ".join(self.indicator(c, "?i") for c in query.indicators)
        return (
            f"{{ SELECT ?project (COUNT(DISTINCT ?i) AS ?amount) WHERE {{ {kinds} ?project jx:indicator ?i }} "
            "GROUP BY ?project }"
        )

    def _each(self, query: Query) -> str:
        """A subselect of one ?amount (in the base unit) for each project or candidate indicator."""
        if query.candidates:
            number = "jx:writtenNumber" if query.measure == "written" else "qudt:value"
            return (
                f"{{ SELECT DISTINCT ?indicator ?amount WHERE {{ {values('indicator', query.candidates)} "
                f"?indicator jx:target ?t . ?t {number} ?amount }} }}"
            )
        if query.indicators:
            kinds = " ".join(self.indicator(c) for c in query.indicators)
            return (
                f"{{ SELECT DISTINCT ?indicator ?amount WHERE {{ {self._where(query)} {kinds} "
                "?project jx:indicator ?indicator . ?indicator jx:target ?t . "
                "?t qudt:value ?amount ; qudt:hasUnit jxu:yuan } }"
            )
        chosen = ""
        if query.descending is not None:
            chosen = f" ORDER BY {'DESC' if query.descending else 'ASC'}(?amount) LIMIT {query.limit or 1}"
        return f"{{ SELECT DISTINCT ?project ?amount WHERE {{ {self._where(query)} ?project jx:{query.measure} ?amount }}{chosen} }}"

    def _sums(self, query: Query) -> str:
        """Subselects of the two operands' totals, ?a and ?b."""
        return "\n  ".join(
            f"{{ {self._number(operand).replace('?number', '?' + name)} }}"
            if operand.select == "number"
            else f"{{ SELECT (SUM(?amount) AS ?{name}) WHERE {{ {self._each(operand)} }} }}"
            for name, operand in zip("ab", query.operands, strict=False)
        )

    def _arithmetic(self, query: Query) -> str:
        formula = {"difference": "ABS(?a - ?b)", "ratio": "?a * 100 / ?b", "times": "?a / ?b"}[query.aggregate]
        factor = FACTOR.get(query.unit, 1) if query.aggregate == "difference" else 1
        return f"SELECT ({formula} / {factor} AS ?number) WHERE {{\n  {self._sums(query)}\n}}"

    def _boolean(self, query: Query) -> str:
        if len(query.operands) == 1:
            iris = [i for c in query.projects if isinstance(c, OfProject) for i in c.iris]
            return f"ASK {{\n  {values('project', iris)}\n  {{ {self._projects(query.operands[0])} }}\n}}"
        if query.operands:
            sign = query.change or (">" if query.descending else "<")
            return f"ASK {{\n  {self._sums(query)}\n  FILTER(?a {sign} ?b)\n}}"
        if query.every:
            kinds, targets = (
                " ".join(self.indicator(c) for c in query.indicators if isinstance(c, OfType) is kind)
                for kind in (True, False)
            )
            return f"""ASK {{ FILTER NOT EXISTS {{
  {self._where(query)}
  ?project jx:indicator ?indicator . {kinds}
  FILTER NOT EXISTS {{ {targets} }}
}} }}"""
        if query.candidates or query.pairs:
            return re.sub(
                r"^SELECT.*?WHERE \{", "ASK {", self._indicators(query).partition(" ORDER BY")[0], flags=re.DOTALL
            )
        inner = "".join(f"\n  {self.indicator(c)}" for c in query.indicators)
        link = "?project jx:indicator ?indicator ." if query.indicators or query.candidates else ""
        chosen = values("indicator", query.candidates) if query.candidates else ""
        return f"ASK {{\n  {self._where(query)}\n  {link} {chosen}{inner}\n}}"

    def _concepts(self, query: Query, relation: str) -> str:
        having = f"\nHAVING(COUNT(DISTINCT ?project) >= {query.least})" if query.least else ""
        linked = f"?project jx:{relation} ?concept ."
        named = next((c.iris for c in query.projects if isinstance(c, OfProject) and not c.negated), None)
        if relation == "beneficiary" and named is not None:
            linked = f"{{ {linked} }} UNION {{ {served('project', 'concept', named, self._var)} }}"
        return f"""SELECT ?concept (SAMPLE(?l) AS ?label) (COUNT(DISTINCT ?project) AS ?projects) WHERE {{
  {self._where(query)}
  {linked}
  ?concept skos:prefLabel ?l . FILTER(lang(?l) != "en")
}} GROUP BY ?concept{having} ORDER BY DESC(?projects) ?label"""

    def _groups(self, query: Query) -> str:
        return self._concepts(query, "beneficiary")

    def _funds(self, query: Query) -> str:
        return self._concepts(query, "fundSource")

    def _programmes(self, query: Query) -> str:
        """Lines of projects that have, for each operand, a project meeting its conditions."""
        parts = []
        for operand in query.operands:
            p = f"?{self._var('p')}"
            inner = " ".join(self.project(c, p) for c in operand.projects)
            parts.append(f"{{ SELECT DISTINCT ?programme WHERE {{ {p} jx:programme ?programme . {inner} }} }}")
        return f"""SELECT ?programme ?label (COUNT(DISTINCT ?project) AS ?projects) WHERE {{
  {self._where(query)}
  ?project jx:programme ?programme .
  ?programme rdfs:label ?label .
  {" ".join(parts)}
}} GROUP BY ?programme ?label ORDER BY ?label"""

    def _departments(self, query: Query) -> str:
        if query.descending is None:
            return f"""SELECT DISTINCT ?department ?label WHERE {{
  {self._where(query)}
  ?project jx:department ?department .
  ?department rdfs:label ?label .
}} ORDER BY ?label"""
        return f"""SELECT ?department ?label (SUM(?amount) / {FACTOR[query.unit]} AS ?number) WHERE {{
  {self._where(query)}
  ?project jx:department ?department ; jx:{query.measure} ?amount .
  ?department rdfs:label ?label .
}} GROUP BY ?department ?label ORDER BY {"DESC" if query.descending else "ASC"}(?number) ?label LIMIT {query.limit or 100}"""

    def _documents(self, query: Query) -> str:
        return f"""SELECT DISTINCT ?document ?label ?table WHERE {{
  {self._where(query)}
  ?project jx:document ?document ; jx:table ?table .
  ?document rdfs:label ?label .
}} ORDER BY ?label ?table"""

    def _goals(self, query: Query) -> str:
        return self._said(query, "jx:goal")

    def _purpose(self, query: Query) -> str:
        return self._said(query, "jx:purpose")

    def _said(self, query: Query, prop: str) -> str:
        return f"""SELECT DISTINCT ?project ?projectLabel ?year ?table ?label WHERE {{
  {self._where(query)}
  ?project rdfs:label ?projectLabel ; jx:table ?table ; {prop} ?label .
  {YEAR}
}} ORDER BY DESC(?year) ?table ?label ?project"""
