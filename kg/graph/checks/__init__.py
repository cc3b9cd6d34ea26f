"""Data-quality findings: SHACL shapes run on the store, what only the words show, and what reading left unsure.

Every code has its title, message and official rule in ``ontology/quality-shapes.ttl``.
"""

from __future__ import annotations

from kg.graph.checks.findings import Finding, check, subjects
from kg.graph.checks.rules import Rule, rules

__all__ = ["Finding", "Rule", "check", "rules", "subjects"]
