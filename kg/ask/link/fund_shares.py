"""How much comes from a fund, where a question asks for the money of what that fund pays for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from kg.ask.lexicon import Lexicon, words
from kg.ask.link.payers import share_of
from kg.ask.link.triggers import entries
from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.conditions import Is, Names, number_of, walk
from kg.ask.logic.plain import OfConcept, OfDepartment, OfProject, OfYear
from kg.ask.logic.run import Runner
from kg.ask.logic.sets import Set, Statistic
from kg.ask.logic.values import Computed, Each, Funded, Number, Several, Table, prefixed
from kg.ask.reading import plain
from kg.graph.store import Store
from kg.graph.terms import values

OF_CONCEPTS = frozenset({"fund", "group"})  # by which a share of one fund is not told apart


@dataclass(frozen=True)
class FundShares:
    """The shares of a store's funds."""

    lexicon: Lexicon
    store: Store
    runner: Runner

    def funded(self, value: Any, text: str) -> tuple[Any, float]:
        """“甲的中央补助资金多少”: the share that comes from the fund, where the table gives it; else, unless all of the
        money does, a guess."""
        if isinstance(value, Several):
            parts = [self.funded(part, text) for part in value.parts]
            return replace(value, parts=tuple(p for p, _ in parts)), sum(cost for _, cost in parts)
        if isinstance(value, Number) and isinstance(value.of, Computed):
            return self._computed(value, text)
        of, attribute, unit = _amount_of(value)
        if of is None or attribute is None or attribute.kind != "money":
            return value, 0.0
        if not named_one(of):
            labels = [c.label for c in of.where if isinstance(c, OfConcept) and c.relation == "fundSource"]
            said = re.sub("|".join(map(re.escape, labels)), "", text) if labels else text
            at = max((text.rfind(label) for label in labels), default=-1)
            behind = text[at:] if at >= 0 else text  # “项目里，中央资金总共多少” asks for the money
            whole = any(n in said for n in entries()["own_names"])
            averaged = re.match(entries()["fund_shares"]["averaged"], behind[len(labels[-1]) :] if at >= 0 else "")
            whole = whole or (not averaged and any(n in behind for n in words()["roles"]["projects"]))
            return (value, 0.0) if whole else self._from(value, of, attribute)
        funds = [c for c in of.where if isinstance(c, OfConcept) and c.relation == "fundSource" and not c.negated]
        if not funds and attribute == attributes()["project", "budget"] and self._by_its_fund(of):
            return None, 0.0
        if len(funds) != 1:
            return value, 0.0
        base = replace(of, where=tuple(c for c in of.where if c is not funds[0]))
        share = Funded(base, funds[0].iris, funds[0].label, unit or "万元")
        if self.runner.run(share).items:
            return share, 0.0
        others = self.store.select(
            f"SELECT DISTINCT ?c WHERE {{ {values('p', self.runner.members(of))} ?p jx:fundSource ?c . "
            f"FILTER NOT EXISTS {{ {values('a', funds[0].iris)} ?c skos:broader* ?a }} "
            f"FILTER NOT EXISTS {{ {values('b', funds[0].iris)} ?b skos:broader+ ?c }} }}"
        )
        part, more = self._from(value, of, attribute)
        return part, more or (0.6 if others and part == value else 0.0)

    def of_its_kind(self, share: Attribute) -> Attribute:
        """A fund's share, of the kind of money that the fund is of."""
        if not share.sources:
            return share
        return replace(share, name=self._kind_of(OfConcept("fundSource", share.sources, share.label)))

    def known(self, share: Attribute, value: Any) -> bool:
        """Whether the tables tell of every project that a fund pays for how much of its money that is. All of it (of the
        fund's kind), where it has none of another fund."""
        scope = [c for c in walk(value) if isinstance(c, OfYear | OfDepartment)]
        years = tuple(dict.fromkeys(y for c in scope if isinstance(c, OfYear) for y in c.years))
        departments = tuple(c for c in scope if isinstance(c, OfDepartment))
        of = Set("project", (*((OfYear(years),) if years else ()), *departments[:1]))
        money, names = replace(share, kind="money", unit="元"), Names()
        apart = "otherFunds" if share.name == "fiscalFunds" else "fiscalFunds" if share.name == "otherFunds" else ""
        related = (*share.sources, *(self._roots(apart) if apart else ()))
        rows = self.store.select(
            prefixed(
                f"SELECT ?p ?n ?b ?part (COUNT(DISTINCT ?o) AS ?others) WHERE {{ {of.pattern('p', names)} "
                f"{number_of(money, 'p', 'n', names)} ?p jx:budget ?b . OPTIONAL {{ ?p jx:{share.name} ?part }} "
                # what the project's name holds beside is the same money: “…-01中央直达资金-就业补助资金”
                "OPTIONAL { ?link rdf:subject ?p ; rdf:predicate jx:fundSource ; rdf:object ?o ; prov:wasQuotedFrom ?cell . "
                f'?cell jx:field ?field . FILTER(?field NOT IN ("project", "fiscal_funds")) FILTER NOT EXISTS {{ {values("m", related)} '
                "{ ?o skos:broader* ?m } UNION { ?m skos:broader* ?o } } } } GROUP BY ?p ?n ?b ?part"
            )
        )
        return all(r["n"] is not None and (not r["others"] or r["n"] not in (r["b"], r["part"])) for r in rows)

    def _roots(self, name: str) -> list[str]:
        """The funds that an attribute (财政资金, 其他资金) is the sum of."""
        names = map(plain, attributes()["project", name].names)
        return sorted({i for n in names for e in self.lexicon.entities.get(n) if e.kind == "fund" for i in e.iris})

    def _computed(self, value: Number, text: str) -> tuple[Any, float]:
        """“专项债券资金2025年比2024年多多少”: of either year what comes from the fund."""
        both = value.of
        assert isinstance(both, Computed)
        if not all(isinstance(s, Statistic) and not named_one(s.of) for s in (both.first, both.second)):
            return value, 0.0
        found = [self.funded(Number(s, value.unit), text) for s in (both.first, both.second)]
        if any(not isinstance(part, Number) for part, _ in found):
            return value, 0.0
        first, second = (part.of for part, _ in found)
        return replace(value, of=replace(both, first=first, second=second)), sum(cost for _, cost in found)

    def _from(self, value: Any, of: Set, attribute: Attribute) -> tuple[Any, float]:
        """“中央补助总共多少钱”: what comes from the fund, where projects have other money, too; how much that is may not
        be known."""
        funds = [c for c in of.where if isinstance(c, OfConcept) and c.relation == "fundSource" and not c.negated]
        if len(funds) != 1 or attribute != attributes()["project", "budget"]:
            return value, 0.0
        fund, members = funds[0], self.runner.members(of)
        called = self.lexicon.called(fund.iris)
        part = share_of(fund, self._kind_of(fund), called)
        names = Names()
        rows = self.store.select(
            prefixed(
                f"SELECT ?p ?n ?b ?u WHERE {{ {values('p', members)} {number_of(part, 'p', 'n', names)} ?p jx:budget ?b . "
                "OPTIONAL { ?p jx:purpose ?u } }"
            )
        )
        if all(r["n"] is not None and float(r["n"]) == float(r["b"]) for r in rows):
            return value, 0.0
        mixed = [r["p"] for r in rows if r["n"] is None or float(r["n"]) != float(r["b"])]
        said = self.store.select(
            f"SELECT DISTINCT ?p WHERE {{ {values('p', mixed)} {values('a', fund.iris)} ?a ^skos:broader* ?c . "
            "?p jx:funding ?f . ?f jx:fundSource ?c . FILTER NOT EXISTS { ?f jx:amount ?any } }"
        )
        told = {r["p"] for r in rows if any(re.search(form, r["u"] or "") for form in part.told)}
        if {r["p"] for r in said} - told:
            part = share_of(fund, "budget", called)  # of which kind it is the table does not say
        if not isinstance(value, Each) and getattr(value.of, "function", "") != "sum" and not self.known(part, of):
            return None, 0.0  # of each department, on average: no row may be left out
        return _with(value, part), 0.0

    def _by_its_fund(self, of: Set) -> bool:
        """Whether projects are called by a fund in their names alone, and have other money, too."""
        called = [plain(c.label) for c in of.where if isinstance(c, OfProject) and not c.negated]
        if not any(e.kind == "fund" for label in called for e in self.lexicon.entities.get(label)):
            return False
        members = values("p", self.runner.members(of))
        return bool(self.store.select(f"SELECT ?p WHERE {{ {members} ?p jx:otherFunds ?n FILTER(?n > 0) }} LIMIT 1"))

    def _kind_of(self, fund: OfConcept) -> str:
        """The attribute that holds all money of the fund's kind; the budget where it is not known to be of one."""
        for name in ("fiscalFunds", "otherFunds"):
            roots = self._roots(name)
            if roots and self.store.select(
                f"SELECT ?a WHERE {{ {values('a', fund.iris)} {values('r', roots)} ?a skos:broader* ?r }} LIMIT 1"
            ):
                return name
        return "budget"


def _amount_of(value: Any) -> tuple[Set | None, Attribute | None, str]:
    """The set, the amount and the unit of a value that is one amount of projects."""
    if isinstance(value, Each) and len(value.attributes) == 1:
        return value.of, value.attributes[0], value.unit
    if isinstance(value, Number) and isinstance(value.of, Statistic) and value.of.function in ("sum", "average"):
        return value.of.of, value.of.attribute, value.unit
    if isinstance(value, Table) and value.function in ("sum", "average") and value.by not in OF_CONCEPTS:
        return value.of, value.attribute, value.unit
    return None, None, ""


def _with(value: Any, attribute: Attribute) -> Any:
    """One amount of projects with another attribute in the place of its own."""
    if isinstance(value, Each):
        return replace(value, attributes=(attribute,))
    if isinstance(value, Table):
        return replace(value, attribute=attribute)
    return replace(value, of=replace(value.of, attribute=attribute))


def named_one(of: Set) -> bool:
    return any(isinstance(c, OfProject | Is) and not c.negated for c in of.where)
