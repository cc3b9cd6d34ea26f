"""The typed rules of the grammar: what two neighbouring spans mean together.

Categories: ``S`` set, ``C`` conditions, ``N`` the name of a class, ``A`` attribute, ``W`` words of content, ``Q`` an
indicator's value asked for, ``E`` attributes of a set, ``X`` number, ``R`` rank, ``K`` how many are wanted, ``B`` by
which class, ``P`` a pair of numbers, ``V`` what is asked. Triggers have names of their own: WH (which), HM (how many),
CNT (count), AGG (sum…), SUP (most, least), MORE (more, less), OP (comparison), BI (than), EACH, ALL, NOT, EXC, OR, AND,
HAS, REL (about), YN (whether), DIFF, RATIO, TIMES, ORD (sorted), UNIT, PER, LIM, MON, PCT, AMT, NUM.
"""

from __future__ import annotations

from functools import cache

from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.rules.asked import attributes_rules, indicators_rules
from kg.ask.grammar.rules.comparisons import comparisons_rules
from kg.ask.grammar.rules.groups import groups_rules
from kg.ask.grammar.rules.growth import growth_rules, having_so_many_rules
from kg.ask.grammar.rules.numbers import numbers_rules
from kg.ask.grammar.rules.pairs import contests_rules, pairs_rules
from kg.ask.grammar.rules.sets import conditions_rules, ranks_rules, sets_rules
from kg.ask.grammar.rules.several import several_rules
from kg.ask.grammar.rules.truth import truth_rules
from kg.ask.grammar.rules.whichyear import which_year_rules
from kg.ask.grammar.rules.years import years_rules


@cache
def grammar() -> Grammar:
    """All rules."""
    g = Grammar()
    sets_rules(g)
    conditions_rules(g)
    ranks_rules(g)
    indicators_rules(g)
    attributes_rules(g)
    numbers_rules(g)
    groups_rules(g)
    comparisons_rules(g)
    pairs_rules(g)
    contests_rules(g)
    years_rules(g)
    growth_rules(g)
    having_so_many_rules(g)
    which_year_rules(g)
    truth_rules(g)
    several_rules(g)
    return g
