"""A question answered: understood, compiled, run, and proved by the cells it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import pyoxigraph as ox

from index.search import Index
from kg.ask.answer import Answer, Item
from kg.ask.compile import Compiler
from kg.ask.evidence import CELL, FIELDS, SHOWN, SHOWN_CELLS, Evidence, Evidences, cited, shown_by
from kg.ask.kinds import Kinds
from kg.ask.lexicon import Lexicon
from kg.ask.logic.narrow import narrowed
from kg.ask.naming import Unanswerable
from kg.ask.phrases import Phrases
from kg.ask.query import Changed, OfAmount, OfConcept, OfProject, OfYear, Query
from kg.ask.tokens import Tokens
from kg.ask.understand import Understander, Understanding
from kg.graph.store import Row, Store, python_rows
from kg.graph.terms import iri

WIDENED = 0.85  # of its confidence: an answer to less than all that the question says
_KINDS = {
    "projects": "projects", "indicators": "indicators", "groups": "groups", "funds": "funds", "departments": "departments",
    "documents": "value", "programmes": "projects", "goals": "goals", "purpose": "value", "amount": "number",
    "number": "number", "boolean": "boolean", "types": "value",
}  # fmt: skip


class Handlers:
    """Answers questions by handlers tried in order: asked where composition finds nothing."""

    def __init__(self, store: Store, index: Index, lexicon: Lexicon, phrases: Phrases) -> None:
        self.store, self.index, self.lexicon, self.phrases = store, index, lexicon, phrases

    @cached_property
    def understander(self) -> Understander:
        return Understander(self.lexicon, self.phrases)

    def outside(self, tokens: Tokens) -> Unanswerable | None:
        """What the question asks about that no loaded table can hold: a year, a place, a department, a kind of fact."""
        return Kinds(self.lexicon, self.phrases, tokens, Understanding(tokens), ()).outside()

    def ask(self, tokens: Tokens, previous: Sequence[str] = ()) -> Answer:
        """The answer of the first handler that has one. ``previous``: the projects of the answer before."""
        question = tokens.question
        understanding = self.understander.understand(tokens, previous)
        query = understanding.query
        answer = Answer(
            question, "", "none", method="none", unmatched=understanding.unmatched, notes=understanding.notes,
            tokens=tokens,
        )  # fmt: skip
        if query is None:
            answer.understood = understanding.reason
            return self._passages(answer) if understanding.keywords else answer
        if query.select == "boolean" and (missing := self._unserved(query)):
            answer.understood = missing
            return answer
        while query is not None:
            answer.sparql, answer.understood = Compiler().compile(query), str(query)
            self._run(query, answer)
            if answer.kind != "none" or query.otherwise is None:
                break
            answer.notes.append(f"{query}：没有；改为{query.otherwise}")
            query = query.otherwise
        if answer.kind == "none":
            answer.understood += f"：{self._nothing(query)}"
            answer.answers = []
        else:
            answer.method = "graph"
            widened = query is not understanding.query
            answer.confidence = round(max(0.05, understanding.confidence * (WIDENED if widened else 1)), 2)
        return answer

    def _passages(self, answer: Answer) -> Answer:
        """Plain keywords, not a question: what is found for them, and that it is only found."""
        hits = self.index.search(answer.question, 10)
        if hits:
            answer.kind, answer.method, answer.confidence = "passages", "search", 0.3
            answer.understood = f"没有看出问题，按关键词检索“{answer.question.strip()}”"
        for hit in hits:
            p = hit.passage
            answer.answers.append(Item(p.iri, p.label, p.project, p.text, year=p.year, evidence=[shown_by(p)]))
        return answer

    def _nothing(self, query: Query) -> str:
        return self._unused(query) or "数据里没有符合条件的内容"

    def _unused(self, query: Query) -> str:
        for condition in query.projects:
            if isinstance(condition, OfConcept) and not set(condition.iris) & self.lexicon.used:
                what = "服务" if condition.relation == "beneficiary" else "使用"
                return f"没有任何表{what}“{condition.label}”"
        return ""

    def _unserved(self, query: Query) -> str:
        """What no table has at all, where a yes/no question is about no project in particular."""
        return "" if any(isinstance(c, OfProject) for c in query.projects) else self._unused(query)

    def _run(self, query: Query, answer: Answer) -> None:
        result = self.store.query(Compiler().compile(narrowed(query, self.phrases.holders)))
        if isinstance(result, ox.QueryBoolean):
            answer.boolean, answer.kind = bool(result), "boolean"
            item = Item(None, "是" if answer.boolean else "否", value="是" if answer.boolean else "否")
            evident = Evidences(self.store, query)
            iris = [i for c in _projects(query) for i in c]
            item.evidence = evident.of_projects(iris).get(iris[0], []) if iris else []
            if query.candidates:
                item.evidence = [cell for cells in evident.of_indicators(query.candidates).values() for cell in cells]
            answer.answers, answer.projects = [item], iris
            return
        rows = python_rows(result)
        answer.kind = _KINDS[query.select]
        getattr(self, f"_{_SHAPES.get(query.select, query.select)}")(query, rows, answer)
        if not answer.answers:
            answer.kind = "none"

    def _project_rows(self, query: Query, rows: list[Row], answer: Answer) -> None:
        evidence = Evidences(self.store, query).of_projects([r["project"] for r in rows])
        for row in rows:
            item = Item(
                row["project"],
                row["label"],
                row["label"],
                year=row["year"],
                evidence=evidence.get(row["project"], []),
            )
            if query.select == "amount":
                item.number, item.unit = _number(row["number"]), query.unit
            elif row.get("was") is not None:
                item.number = _number(row["amount"] if query.measure == "changeRate" else row["amount"] / 10_000)
                item.unit = "%" if query.measure == "changeRate" else "万元"
                old = next(c.old for c in query.projects if isinstance(c, Changed))
                item.value = _moved(row["now"] / 10_000, row["was"] / 10_000, old)
            elif row.get("amount") is not None and (query.descending is not None or _by_amount(query)):
                indicators = query.measure == "indicators"
                item.number = _number(row["amount"] if indicators else row["amount"] / 10_000)
                item.unit = "个" if indicators else "万元"
            if item.number is not None and item.value is None:
                item.value = f"{show_number(item.number)}{item.unit}"
            answer.answers.append(item)
        answer.projects = [r["project"] for r in rows]

    def _indicators(self, query: Query, rows: list[Row], answer: Answer) -> None:
        if query.candidates:
            answer.kind = "value"
        evidence = Evidences(self.store, query).of_indicators([r["indicator"] for r in rows])
        before = Evidences(self.store, query).of_indicators([r["earlier"] for r in rows if r.get("earlier")])
        for row in rows:
            answer.answers.append(
                Item(
                    row["indicator"],
                    row["label"],
                    row["projectLabel"],
                    row["value"],
                    _number(row["written"]) if row["written"] is not None else None,
                    row["unit"],
                    row["year"],
                    evidence.get(row["indicator"], []) + before.get(row.get("earlier") or "", []),
                )
            )
        answer.projects = list(dict.fromkeys(r["project"] for r in rows))

    def _types(self, query: Query, rows: list[Row], answer: Answer) -> None:
        evidence = Evidences(self.store, query).of_indicators([r["indicator"] for r in rows])
        answer.answers = [
            Item(r["indicator"], r["label"], r["projectLabel"], r["value"], year=r["year"], evidence=evidence[r["indicator"]])
            for r in rows
        ]  # fmt: skip
        answer.projects = list(dict.fromkeys(r["project"] for r in rows))

    def _computed(self, query: Query, rows: list[Row], answer: Answer) -> None:
        if query.by_year:
            for row in rows:
                within = (*(c for c in query.projects if not isinstance(c, OfYear)), OfYear((row["year"],)))
                self._computed(replace(query, projects=within, by_year=False), [row], answer)
                answer.answers[-1].year = row["year"]
            return
        number = rows[0]["number"] if rows else None
        if number is None:
            return
        item = Item(None, str(query), number=_number(number), unit=query.unit)
        counted = query.aggregate in ("count", "countIndicators")
        item.value = f"{show_number(item.number or 0.0)}{item.unit}"
        for part in query.operands or (query,):
            evidences = Evidences(self.store, part)
            if part.candidates:
                found = evidences.of_indicators(part.candidates)
            elif part.indicators and part.aggregate in ("sum", "average"):
                rows = self.store.select(Compiler().compile(Query("indicators", part.projects, part.indicators)))
                found = evidences.of_indicators([r["indicator"] for r in rows])
            else:
                chosen = Query(
                    "projects", part.projects, measure=part.measure, descending=part.descending, limit=part.limit
                )
                rows = self.store.select(Compiler().compile(chosen))
                projects = [r["project"] for r in rows]
                answer.projects += projects
                counted = part.aggregate in ("count", "countIndicators", "averageIndicators")
                found = evidences.of_projects(projects) if counted else evidences.cells(projects, FIELDS[part.measure])
            item.evidence += [cells[0] for cells in found.values()]
        if item.evidence or counted:  # nothing was added up: its sum is no answer
            answer.answers.append(item)

    def _concepts(self, query: Query, rows: list[Row], answer: Answer) -> None:
        relation = "beneficiary" if query.select == "groups" else "fundSource"
        concept_rows = Compiler().compile(Query("projects", query.projects))
        projects = [r["project"] for r in self.store.select(concept_rows)]
        evidence = Evidences(self.store, query).links(projects, relation)
        by_concept: dict[str, list[tuple[str, Evidence]]] = defaultdict(list)
        for _, concept, quote, cell in evidence:
            by_concept[concept].append((quote, cell))
        for row in rows:
            found = by_concept[row["concept"]]
            said = "、".join(dict.fromkeys(quote for quote, _ in found))
            cells = list(dict.fromkeys(cell for _, cell in found))
            item = Item(row["concept"], row["label"], value=said or None, evidence=cells[:SHOWN_CELLS])
            if query.least:
                item.number, item.unit = float(row["projects"]), "个项目"
            answer.answers.append(item)
        answer.projects = projects

    def _departments(self, query: Query, rows: list[Row], answer: Answer) -> None:
        for row in rows:
            number = _number(row["number"]) if row.get("number") is not None else None
            cells = self.store.select(
                f"""SELECT DISTINCT {SHOWN} WHERE {{
                      ?p jx:department <{row["department"]}> ; prov:wasQuotedFrom ?cell .
                      ?cell jx:field "department" . {CELL}
                    }} ORDER BY ?document ?table LIMIT 1"""
            )
            answer.answers.append(
                Item(
                    row["department"],
                    row["label"],
                    number=number,
                    unit=query.unit if number is not None else None,
                    evidence=[cited(c) for c in cells],
                )
            )

    def _documents(self, _: Query, rows: list[Row], answer: Answer) -> None:
        for row in rows:
            text = f"第{row['table']}个表"
            answer.answers.append(
                Item(
                    row["document"],
                    row["label"],
                    value=text,
                    evidence=[Evidence(row["label"], row["table"], None, text)],
                )
            )

    def _programme_rows(self, query: Query, rows: list[Row], answer: Answer) -> None:
        for row in rows:
            line = f"SELECT ?p WHERE {{ ?p jx:programme {iri(row['programme'])} }} ORDER BY ?p"
            projects = [r["p"] for r in self.store.select(line)]
            cells = Evidences(self.store, query).cells(projects, "project")
            count = float(row["projects"])
            proof = [cell for found in cells.values() for cell in found]
            answer.answers.append(
                Item(row["programme"], row["label"], row["label"], None, count, "个项目", None, proof)
            )

    def _said(self, query: Query, rows: list[Row], answer: Answer) -> None:
        field_name = "goal" if query.select == "goals" else "purpose"
        cells = Evidences(self.store, query).cells([r["project"] for r in rows], field_name)
        for row in rows:
            answer.answers.append(
                Item(
                    row["project"],
                    row["label"],
                    row["projectLabel"],
                    row["label"],
                    year=row["year"],
                    evidence=cells.get(row["project"], []),
                )
            )
        answer.projects = list(dict.fromkeys(r["project"] for r in rows))


_SHAPES = {
    "projects": "project_rows", "amount": "project_rows", "number": "computed", "groups": "concepts", "funds": "concepts",
    "programmes": "programme_rows", "goals": "said", "purpose": "said",
}  # fmt: skip


def _number(value: Any) -> float:
    return round(float(value), 6)


def show_number(number: float) -> str:
    """Without exponent or needless zeros: 70519.24, 3540."""
    return f"{Decimal(str(number)).normalize():f}"


def _by_amount(query: Query) -> bool:
    return any(isinstance(c, OfAmount) for c in query.projects)


def _projects(query: Query) -> Iterable[Sequence[str]]:
    for part in (query, *query.operands):
        for condition in part.projects:
            if isinstance(condition, OfProject) and not condition.negated:
                yield condition.iris


def _moved(now: Decimal, was: Decimal, year: int) -> str:
    """An amount in 万元 with what it was in an earlier year: 120万元（2024年100万元，增加20万元，20%）."""
    shown = [show_number(float(x)) for x in (now, was, abs(now - was))]
    if now == was:
        return f"{shown[0]}万元（{year}年{shown[1]}万元，不变）"
    rate = f"，{abs(now - was) / was * 100:.2f}%" if was else ""
    return f"{shown[0]}万元（{year}年{shown[1]}万元，{'增加' if now > was else '减少'}{shown[2]}万元{rate}）"
