"""Why the best reading of a question is no answer to it all the same: a list of vetoes, each with its name.

A veto looks at what was read, what that came to and what was passed over. The dear one, which embeds the question, is
the last.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from index.segment import tags
from kg.ask import follow
from kg.ask.answer import Answer
from kg.ask.compose import Composer, Reading
from kg.ask.grammar.meaning import joined, number
from kg.ask.link.lattice import Lattice, kinds
from kg.ask.link.triggers import entries
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.changes import NewIn
from kg.ask.logic.conditions import PREVIOUS, Compare, Is, walk
from kg.ask.logic.holding import Has
from kg.ask.logic.plain import About, Named, OfConcept, OfDepartment, OfProject, OfYear, OnlyIn, TargetKind
from kg.ask.logic.run import Result
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import Computed, Each, Every, Exists, Holds, List, Number, Several
from kg.ask.logic.wanted import Wanted
from kg.ask.phrases import HALF, value_kinds
from kg.ask.reading import plain

ASKING = frozenset({"HM", "AHM", "AW", "WHICH", "CNT", "NW", "RATIOQ"})  # words that ask for something
PROJECTS = frozenset({"N", "NW", "NT", "NCNT", "NP", "REL", "WHICH"})  # words by which projects are asked for
LINKED = frozenset({"W", "S", "WHICH", "C"})  # words by which one indicator is found, and which is asked
OF_ONE = frozenset({"HAS", "THERE"})  # words that 都 is part of and that say nothing of all
FAR_LINK = 0.5  # of linking words, from which on no noun may be unknown to the data
MONEY = frozenset({"元", "万元", "亿元"})
DOUBTED = 0.95  # up to so sure a reading gives way to what the whole question comes nearest to


@dataclass(frozen=True, slots=True)
class Case:
    """A reading, what it came to and how sure it is. ``otherwise``: whether the whole question comes nearer to something
    else."""

    answer: Answer
    reading: Reading
    result: Result
    lattice: Lattice
    sure: float
    composer: Composer
    otherwise: Callable[[], bool]

    @property
    def value(self) -> Any:
        return self.reading.value

    @property
    def statistic(self) -> Statistic | None:
        """The one number over a set that it is; None where it is another value."""
        number = self.value.of if isinstance(self.value, Number) else None
        return number if isinstance(number, Statistic) else None

    def features(self, *names: str) -> bool:
        return any(self.answer.features.get(name) for name in names)

    def passed(self, *categories: str) -> bool:
        """Whether a word of one of the categories is passed over."""
        spans = set(self.reading.derivation.skipped())
        return any(e.category in categories and (e.start, e.end) in spans for e in self.lattice.edges)


def _halved(case: Case) -> bool:
    """Half an answer would look like the whole: fewer things than are asked, fewer values than measures are named."""
    needed = max(len(case.lattice.measures), case.lattice.named)
    few = case.result.boolean is None and len(case.result.items) + case.result.absent < needed
    return case.reading.halved or (few and not isinstance(case.value, List))


def _one_by_one(case: Case) -> bool:
    """“预算多少，财政和其他资金各多少”: a part that tells one of them alone."""
    parts = case.result.parts
    if len(parts) > len(case.lattice.asks) + case.lattice.lists or any(len(p.items) > 1 for p in parts):
        return False
    if isinstance(case.value, Several) and all(isinstance(p, List) and p.of.rank for p in case.value.parts):
        return False  # “最高和最低的各是哪个，各多少”: with the number of each
    return len(parts) > 1 and case.composer.apart(case.reading, case.lattice)


def _one_for_two(case: Case) -> bool:
    """“资助多少学生，标准是多少”: the value of one indicator for both."""
    parts = [p for p in case.result.parts if p.kind == "value" and p.items]
    told = [tuple((str(i["iri"]), i["value"]) for i in p.items) for p in parts]
    return len(set(told)) < len(told)  # its target and what was done are two


def _only_named(case: Case) -> bool:
    """“乙项目呢”: the same is asked of it, and nothing is found; that it is there is no answer."""
    asked = any(c in ASKING for _, _, c in case.reading.derivation.used())
    only = case.answer.before is not None and follow.only_named(case.value)
    return only and not (case.result.items and asked)


def _foreign(case: Case) -> bool:
    """“煤矿安全检查”, where nothing is of 煤矿."""
    content = case.answer.tokens.content() if case.answer.tokens else []
    return case.reading.link > FAR_LINK and any(case.composer.phrases.foreign(t.text) for t in content)


def _one_of_many(case: Case) -> bool:
    """“加起来”, and each by itself is no answer; nor are all, where the most is asked."""
    if case.result.kind == "value" and _summed_years(case):
        return True  # “两年合计多少”, and one year has it
    joined = any(e.category == "AND" for e in case.lattice.edges)
    if joined and case.features("skip AGG") and case.result.kind == "value":
        return True  # “排查和鉴定总共花多少钱”: one of them
    left = ("skip AGG", "skip SUP", *(("skip LIM",) if "kind List" in case.answer.features else ()))
    return case.features(*left) and any(len(r.items) > 1 for r in case.result.parts or [case.result])


def _summed_years(case: Case) -> bool:
    """Whether a sum over years is asked, and what is found is not of each of them."""
    asked = {y for n in walk(case.value) if isinstance(n, OfYear) and len(n.years) > 1 for y in n.years}
    summed = any(c == "AGG" for _, _, c in case.reading.derivation.used())
    return summed and not asked <= {i.get("year") for i in case.result.items}


def _apart(case: Case) -> bool:
    """That words stand together nowhere is no “no”."""
    return case.result.boolean is False and not case.composer.together(case.reading)


def _of_any(case: Case) -> bool:
    """“三个局都有的指标”, and those of any of them are none."""
    asked = re.search(entries()["every_one"]["pattern"], case.lattice.text)
    return case.passed("ALL") and _in_each(case.value) and not asked


def _some_for_all(case: Case) -> bool:
    """“目标值都是文字的项目”: those that have one such are none."""
    one = [n for n in walk(case.value) if isinstance(n, Has) and (n.operator, n.number) == ("≥", 1)]
    return case.passed("ALL") and any(isinstance(c, TargetKind) for n in one for c in n.of.where)


def _not_of_each(case: Case) -> bool:
    """“每个项目都设了…吗”, “每个项目有几条”: that one has it, or how many all have, is none."""
    one = case.result.boolean is not None or isinstance(case.value, Number)
    if case.result.boolean is not None and not isinstance(case.value, Every):
        used = [(a, b) for a, b, c in case.reading.derivation.used() if c not in OF_ONE]
        alls = [e for e in case.lattice.edges if e.category in ("ALL", "ALLHAS")]
        several = isinstance(case.value, Exists) and joined(case.value.of)  # “甲和乙两年都有吗”: one of them has
        if alls and several:
            return True
        if any(not any(a < e.end and e.start < b for a, b in used) for e in alls):
            return True  # “…的预算都超过100万吗”: some do
    if isinstance(case.value, Every) and case.passed("WHICH"):
        return True  # “有没有哪个项目全是…”
    return one and case.passed("EACH", "EACHKIND")


def _whether(case: Case) -> bool:
    """“完成目标了吗”: what the target is, where nothing asks for it, is no yes or no."""
    if case.result.boolean is not None or not case.features("skip YN"):
        return False
    if isinstance(case.value, List):  # “目标是不是比2024年提高了”, of one that is named
        return any(isinstance(c, Is) or (isinstance(c, Named) and c.exact) for c in case.value.of.where)
    return not any(c in ASKING for _, _, c in case.reading.derivation.used())


def _which_one(case: Case) -> bool:
    """“是为哪个项目付利息的”: the value of an indicator tells of no project."""
    if case.result.kind in ("value", "indicators") and case.passed("WHICH") and case.passed("N"):
        return True
    number, used = case.statistic, case.reading.derivation.used()  # nor does what all of them have together
    asked = {b for _, b, c in used if c == "WHICH"} & {a for a, _, c in used if c == "N"}
    summed = number is not None and number.function == "sum" and number.of.cls == "project"
    return bool(asked) and summed and not any(c in ("AGG", "XA") for _, _, c in used)


def _which_of_others(case: Case) -> bool:
    """“面向哪些行业”: a figure tells of no trades."""
    text, edges = case.lattice.text, case.lattice.edges
    nouns = {e.start for e in edges if e.category == "N"}
    which = re.compile(entries()["which_ones"]["pattern"])
    ones = [e for e in edges if e.category in ("WHICH", "NW") and which.match(text[e.start : e.end])]
    words = {t.start for t in case.answer.tokens.content()} if case.answer.tokens else set()
    things = any(e.end in words and e.end not in nouns for e in ones) and len(case.lattice.asks) < 1
    figures = all(i["number"] is not None for i in case.result.items)
    return things and figures and isinstance(case.value, Each) and case.result.kind == "value"


def _the_most(case: Case) -> bool:
    """“标准最高的是哪个指标”: which has the most is asked, and one with an upper limit is not it."""
    used = case.reading.derivation.used()
    limits = {(a, b) for a, b, c in used if c == "LIM"}
    most = any(e.category == "SUP" and (e.start, e.end) in limits for e in case.lattice.edges)
    return most and case.result.kind == "value" and (any(c == "WHICH" for _, _, c in used) or case.passed("WHICH"))


def _of_no_project(case: Case) -> bool:
    """“改造公墓的数量”, “今年要新增多少个”: how many projects speak of some words, where nothing asks for projects."""
    number = case.statistic
    if number is None or number.function != "count" or number.of.cls != "project":
        return False
    topic = any(isinstance(c, About) for c in number.of.where)
    new = any(isinstance(c, NewIn | OnlyIn) for c in number.of.where) and any(
        isinstance(c, OfConcept) for c in number.of.where
    )
    return (topic or new) and not any(c in PROJECTS for _, _, c in case.reading.derivation.used())


def _of_some_topic(case: Case) -> bool:
    """“请专家的钱最多能花多少”: a limit is a target's, and no sum of what all projects have that speak of experts."""
    number = case.statistic
    if number is None or number.function != "sum" or number.of.cls != "project":
        return False
    topic = any(isinstance(c, About) for c in number.of.where)
    limit = any(e.category == "LIM" for e in case.lattice.edges)
    return topic and limit and not any(c in PROJECTS for _, _, c in case.reading.derivation.used())


def _granted(case: Case) -> bool:
    """“信息系统维护批了多少钱”: what was granted is a budget, and no limit of costs that is called otherwise."""
    if case.result.kind != "value" or case.reading.link < FAR_LINK or not isinstance(case.value, Each):
        return False
    used = {(a, b) for a, b, _ in case.reading.derivation.used()}
    return any(
        e.category == "AHM" and _is_budget(e.meaning) and (e.start, e.end) not in used for e in case.lattice.edges
    )


def _is_budget(attribute: Any) -> bool:
    return isinstance(attribute, Attribute) and attribute.name == "budget"


def _rate_for_all(case: Case) -> bool:
    """“养护一共批了多少钱”: so much for each square metre is no sum."""
    if case.result.kind != "value" or not case.result.items:
        return False
    money = any(e.category == "HM" and "money" in e.meaning.kinds for e in case.lattice.edges)
    money = money or any(e.category == "AHM" and _is_budget(e.meaning) for e in case.lattice.edges)
    total = any(e.category == "AGG" and e.meaning == "sum" for e in case.lattice.edges)
    each = any(e.category == "PER" for e in case.lattice.edges)
    return money and total and not each and all("/" in (i["unit"] or "") for i in case.result.items)


def _superlative(case: Case) -> bool:
    """“时效指标里最松的是哪个”: the most of something is asked, and what is given is not chosen by it."""
    used = case.reading.derivation.used()
    which = any(c in ("WHICH", "N") for _, _, c in used)
    items = [i for r in case.result.parts or [case.result] for i in r.items]
    if not which and len(items) < 2:
        return False
    said = f"{[(i['label'], i['project']) for i in items]}"
    for found in re.finditer(entries()["superlative"]["pattern"], case.lattice.text):
        over = {c for a, b, c in used if a <= found.start() < b}
        if found[0] not in said and over <= {"LIM", "W"} and not ("LIM" in over and any(c == "HM" for _, _, c in used)):
            return True
    return False


def _most_of_one(case: Case) -> bool:
    """“补贴标准最高的”: of the one indicator that is called so; those that are called so and more were meant."""
    of = case.value.of if isinstance(case.value, List) else None
    if not isinstance(of, Set) or of.cls != "indicator" or of.rank is None or len(case.result.items) > 1:
        return False
    if not any(isinstance(c, Named) and c.exact for c in of.where):
        return False
    return len(case.composer.runner.members(replace(of, rank=None))) < 2


def _most_people(case: Case) -> bool:
    """“哪个项目服务林农最多”: whom it serves most is asked, and not whose budget is the highest."""
    rank = case.value.of.rank if isinstance(case.value, List) else None
    if rank is None or not _is_budget(rank.by):
        return False
    used = case.reading.derivation.used()
    groups = {
        e.end
        for e in case.lattice.edges
        if e.category == "C"
        and (e.start, e.end, "C") in used
        and any(isinstance(c, OfConcept) and c.relation == "beneficiary" for c in e.meaning)
    }
    return any(c == "SUP" and a in groups for a, _, c in used)


def _by_how_many(case: Case) -> bool:
    """“林农满意度最高的项目”: by its target, and not by how many indicators of that name there are."""
    rank = case.value.of.rank if isinstance(case.value, List) else None
    by = rank.by if rank is not None and isinstance(rank.by, Set) else None
    return by is not None and any(isinstance(c, Is) or (isinstance(c, Named) and c.exact) for c in by.where)


def _of_some_untold(case: Case) -> bool:
    """“茶农有哪些项目”: where no table tells of those, not all that serves farmers serves them."""
    projects = isinstance(case.value, List) and case.value.of.cls == "project"
    statistic = case.statistic
    if not projects and (statistic is None or statistic.of.cls != "project"):
        return False
    said = [c.label for c in case.value.of.where if isinstance(c, OfConcept)] if projects else []
    said += [c.label for c in statistic.of.where if isinstance(c, OfConcept)] if statistic else []
    occurs = case.composer.phrases.index.occurs
    return any(label in kinds() and not any(map(occurs, kinds()[label])) for label in said)


def _of_another_class(case: Case) -> bool:
    """“有哪些指标名称在两个以上项目里出现”: indicators are asked for, and projects are none; “由哪几级资金承担”: nor is an
    indicator that only words were linked to what is asked for."""
    of = case.value.of if isinstance(case.value, List) else None
    if not isinstance(of, Set) or of.cls not in ("project", "indicator"):
        return False
    which = {e.end for e in case.lattice.edges if e.category == "WHICH"}
    asked = {e.meaning for e in case.lattice.edges if e.category == "N" and e.start in which}
    if asked == {"indicator"}:
        return of.cls == "project"
    used = {c for _, _, c in case.reading.derivation.used()}
    return of.cls == "indicator" and case.reading.link > 0 and "WHICH" in used and used <= LINKED


def _of_a_sibling(case: Case) -> bool:
    """“消费券要拉动多少消费”: what is done is in the name of another indicator of the project, and not in this one's."""
    said = case.answer.tokens.content() if case.answer.tokens else []
    words = [t for t in (case.answer.tokens.items if case.answer.tokens else []) if t.kind in ("word", "light")]
    done = [t.text for t in words if len(t.text) > 1 and tags(t.text)[0] == "v"]
    results = case.result.parts or [case.result]
    found = [r.items[0] for r in results if r.kind == "value" and len(r.items) == 1 and r.items[0].get("about")]
    if not done or len(found) < len(results):
        return False
    phrases = case.composer.phrases
    told = [phrases.all_of([i["about"]]) for i in found]
    best = {c.iri: c for all_ in told for c in all_ if c.iri in {i["iri"] for i in found}}
    missing = [w for w in map(phrases.word, done) if all(w.found_in(c.own) < HALF for c in best.values())]
    rest = [phrases.word(t.text) for t in said if t.text not in done]
    kinds = {kind for c in best.values() for kind in value_kinds(c)}
    others = {plain(c.label) for all_ in told for c in all_ if c.iri not in best and value_kinds(c) & kinds}
    return any(w.found_in(n) > HALF and any(r.found_in(n) > HALF for r in rest) for n in others for w in missing)


def _nothing_to_compare(case: Case) -> bool:
    """“2025年是不是比2024年提高了”: where a year has nothing, or no number, it is no “no”."""
    if not isinstance(case.value, Holds):
        return False
    compared = [n for part in (case.value.first, case.value.second) for n in walk(part) if isinstance(n, Statistic)]
    runner = case.composer.runner
    return any(
        s.function != "count" and not (runner.members(s.of) and (case.result.boolean or runner.run(number(s)).items))
        for s in compared
    )


def _no_sum(case: Case) -> bool:
    """“资金拨付及时率一共用了多少次”: percentages of several do not add up; nor is the one spoken of counted."""
    number = case.statistic
    if number is None:
        return False
    if number.function == "sum" and case.value.unit in ("", "%") and any(i["unit"] == "%" for i in case.result.items):
        return len(case.composer.runner.members(number.of)) > 1
    alone = [c for c in number.of.where if isinstance(c, Is) and len(c.iris) == 1 and c.label != PREVIOUS]
    if number.function == "sum" and number.of.cls == "indicator" and alone:
        return any(c == "AGG" for _, _, c in case.reading.derivation.used())  # “各类人员人次加起来”, of one
    spoken = any(isinstance(c, Is) and c.label == PREVIOUS and len(c.iris) == 1 for c in number.of.where)
    return number.function == "count" and number.of.cls == "project" and spoken


def _in_money(case: Case) -> bool:
    """“2025年比2024年少了多少人”: money that nothing asks for is no number of people."""
    asked = [e for e in case.lattice.edges if isinstance(e.meaning, Wanted)]
    last = min(asked, key=lambda e: (-e.end, e.start), default=None)  # “几项成本指标合计是多少万元”
    counted = last is not None and last.meaning.kinds == ("count",) and last.meaning.unit
    if not counted or any(a.kind == "money" for e in case.lattice.edges for a in _attributes_of(e.meaning)):
        return False
    return any(i["unit"] in MONEY for r in case.result.parts or [case.result] for i in r.items)


def _attributes_of(meaning: Any) -> list[Attribute]:
    said = meaning if isinstance(meaning, tuple) else (meaning,)
    return [a for a in said if isinstance(a, Attribute)]


def _which_by_number(case: Case) -> bool:
    """“选在哪两个乡镇”: how many there are says not which."""
    asked = re.search(entries()["which_of"]["pattern"], case.lattice.text)
    return bool(asked) and all(r.kind == "value" for r in case.result.parts or [case.result])


def _sum_not_used(case: Case) -> bool:
    """“成本合计是多少，有没有超预算”: a yes or no of one of them is no answer."""
    return case.result.boolean is not None and case.features("skip AGG")


def _asked_and_left(case: Case) -> bool:
    """“图个啥，目标怎么写的”: a text that is asked for and passed over, and one value told."""
    asked = [
        e
        for e in case.lattice.edges
        if e.category == "AW" and (e.start, e.end) in set(case.reading.derivation.skipped())
    ]
    return bool(asked) and case.result.kind == "value" and not case.result.parts


def _fund_for_words(case: Case) -> bool:
    """“省级资金多少、市级资金多少”: a fund that is named is no word of an indicator that does not hold it."""
    if not case.reading.link or case.answer.tokens is None:
        return False
    used = set(case.reading.derivation.used())
    said = [t for t in case.answer.tokens.entities("fund") if (t.start, t.end, "W") in used]
    labels = [i["label"] or "" for r in case.result.parts or [case.result] for i in r.items if r.kind == "value"]
    return any(not any(t.text[:2] in label for label in labels) for t in said)


def wrong_end(lattice: Lattice, result: Result) -> bool:
    """“一个月最高能拿到多少”: what is at least so much tells no most; nor what is at most so much a least."""
    asked = {e.meaning.bound for e in lattice.edges if isinstance(e.meaning, Wanted)} - {""}
    items = [i for r in result.parts or [result] for i in r.items]
    ends = {str(i["value"] or "")[:1] for i in items}
    return result.kind == "value" and len(asked) == 1 and (asked, ends) in (({"≤"}, {"≥"}), ({"≥"}, {"≤"}))


def _wrong_end(case: Case) -> bool:
    return wrong_end(case.lattice, case.result)


def _by_how_much(case: Case) -> bool:
    """“比预算少30万元以上”: by how much it is less, and no limit of the budget."""
    more = {e.end for e in case.lattice.edges if e.category == "MORE"}
    by = {e.meaning.number for e in case.lattice.edges if e.category == "MON" and e.start in more}
    return any(isinstance(n, Compare) and isinstance(n.than, Decimal) and n.than in by for n in walk(case.value))


def _guessed(case: Case) -> bool:
    """Words that were only guessed to mean something prove nothing; nor do single characters (“新用了其他资金”)."""
    if case.result.boolean is None and any(
        isinstance(n, About) and len("".join(f[0] for f in n.words)) < 2 for n in walk(case.value)
    ):
        return True
    return not case.result.items and bool(case.reading.link and case.reading.notes)


def _paid_by(case: Case) -> bool:
    """“企业自筹多少”: that no purpose says so in these words is no proof that they pay nothing; nor is an indicator told."""
    if re.search(entries()["payers"]["unlisted"], case.lattice.text) and case.result.kind == "value":
        return True
    empty = [case.value] if not case.result.items else []
    return any(isinstance(n, Attribute) and n.told for value in empty for n in walk(value))


def _half_named(case: Case) -> bool:
    """“送戏和惠民券是不是都有其他资金”: of one of two names, the other taken for a topic."""
    of = case.value.of if isinstance(case.value, Exists) else None
    joins = {(e.start, e.end) for e in case.lattice.edges if e.category == "AND"}
    if not isinstance(of, Set) or not joins:
        return False
    related = any(c == "REL" and (a, b) not in joins for a, b, c in case.reading.derivation.used())
    return {About, OfProject} <= {type(c) for c in of.where} and not related


def _share_or_whole(case: Case) -> bool:
    """“中央资金超过100万元的”: what comes from the fund is asked, and no budget of what has some of it."""
    used = {(a, b) for a, b, c in case.reading.derivation.used() if c == "A"}
    shares = [e for e in case.lattice.edges if e.category == "A" and e.meaning.sources]
    if not shares or any((e.start, e.end) in used for e in shares):
        return False
    amounts = [a for n in walk(case.value) for a in _amounts(n)]
    return any(map(_is_budget, amounts)) and not any(a.sources for a in amounts)


def _none_wholly(case: Case) -> bool:
    """“只用市级资金的有几个”: of projects of which no table says who pays it may be so."""
    whole = any(isinstance(n, Compare) and n.operator == "=" and n.attribute.sources for n in walk(case.value))
    return whole and not any(i["number"] != 0 for i in case.result.items)


def _amounts(node: Any) -> list[Any]:
    """The attributes by which a node compares, ranks or adds up."""
    by = node.by if isinstance(node, Rank) else None
    return [a for a in (getattr(node, "attribute", None), by) if isinstance(a, Attribute)]


def _no_tables_then(case: Case) -> bool:
    """“甲2024年就有安排吗”, where there is no table of its department for that year: nothing tells."""
    if case.result.boolean is not False or not isinstance(case.value, Exists):
        return False
    years = {y for c in case.value.of.where if isinstance(c, OfYear) for y in c.years}
    projects = case.composer.lexicon.projects
    named = {i for c in case.value.of.where if isinstance(c, OfProject | Is) for i in c.iris if i in projects}
    departments = {projects[i].department for i in named}
    held = {p.year for p in projects.values() if p.department in departments}
    return bool(named) and not years <= held


def _no_sum_of_words(case: Case) -> bool:
    """“排查和鉴定总共多少钱”: that one of two that words name has no amount is no proof that there is none; nor is one that
    they were only taken to mean added up."""
    number = case.value.of if isinstance(case.value, Number) else None
    summed = isinstance(number, Computed) and number.operation == "sum"
    return summed and bool(case.reading.notes or (case.reading.link and not case.result.items))


def _of_both_or_either(case: Case) -> bool:
    """“中央资金和省级资金”: of both, or of either; that nothing is of both does not tell."""
    said = any(c == "BOTH" for _, _, c in case.reading.derivation.used())
    return not case.result.items and _of_two_funds(case.value) and not said


def _nearer(case: Case) -> bool:
    """The whole question comes surely nearer to something else."""
    return case.sure < DOUBTED and bool(case.reading.link) and case.otherwise()


VETOES: tuple[tuple[str, Callable[[Case], bool]], ...] = (
    ("half of it", _halved),
    ("one of those asked for one by one", _one_by_one),
    ("one for two", _one_for_two),
    ("only named", _only_named),
    ("paid by others", _paid_by),
    ("foreign noun", _foreign),
    ("one of many", _one_of_many),
    ("words apart", _apart),
    ("of any, not of all", _of_any),
    ("some for all", _some_for_all),
    ("not of each", _not_of_each),
    ("whether it is so", _whether),
    ("which one", _which_one),
    ("which of other things", _which_of_others),
    ("which has the most", _the_most),
    ("no projects asked for", _of_no_project),
    ("a limit of no target", _of_some_topic),
    ("what was granted", _granted),
    ("a rate for a sum", _rate_for_all),
    ("a superlative left", _superlative),
    ("the most of one", _most_of_one),
    ("who serves the most", _most_people),
    ("by how many of that name", _by_how_many),
    ("of some that are not told of", _of_some_untold),
    ("of another class", _of_another_class),
    ("of a sibling", _of_a_sibling),
    ("nothing to compare", _nothing_to_compare),
    ("no sum", _no_sum),
    ("money for things counted", _in_money),
    ("which by how many", _which_by_number),
    ("a sum passed over", _sum_not_used),
    ("a fund for words", _fund_for_words),
    ("a text asked for", _asked_and_left),
    ("the other end", _wrong_end),
    ("a difference for a limit", _by_how_much),
    ("guessed words", _guessed),
    ("one of two names", _half_named),
    ("no tables of that year", _no_tables_then),
    ("no sum of words", _no_sum_of_words),
    ("of both or of either", _of_both_or_either),
    ("of a share or of the whole", _share_or_whole),
    ("none wholly of a fund", _none_wholly),
    ("nearer to something else", _nearer),
)


def veto(case: Case) -> str:
    """The name of the first veto; empty where there is none."""
    return next((name for name, holds in VETOES if holds(case)), "")


def _of_two_funds(value: Any) -> bool:
    """Whether a set is of what has both of two funds, or serves both of two groups."""
    for node in walk(value):
        said = (
            [c.relation for c in node.where if isinstance(c, OfConcept) and not c.negated]
            if isinstance(node, Set)
            else []
        )
        if len(said) > len(set(said)):
            return True
    return False


def _in_each(value: Any) -> bool:
    """Whether a list is of the indicators of several departments or years."""
    owner = value.of.of if isinstance(value, List) and value.of.cls == "indicator" else None
    return owner is not None and any(
        (isinstance(c, OfYear) and len(c.years) > 1) or (isinstance(c, OfDepartment) and "、" in c.label)
        for c in owner.where
    )
