"""Completion in the SPARQL editor: prefixes, classes, properties, and the concepts of the data by their names."""

from __future__ import annotations

import json
from typing import Any

from kg.service.pages.components import attempt
from kg.service.resources import short
from kg.service.service import Service
from ontology import PREFIXES

CONCEPTS = {"funds": "资金来源", "groups": "服务对象", "types": "指标类型", "departments": "部门"}
MOST = 3000  # names offered
# The editor's own completion, given a source more; its library is the one that the page has loaded.
_SCRIPT = """(async () => {
  const CM = await import('nicegui-codemirror'), options = %s;
  const source = (context) => {
    const word = context.matchBefore(/[\\w:?$\\u4e00-\\u9fff-]+/);
    if (!word && !context.explicit) return null;
    return {from: word ? word.from : context.pos, options, validFor: /^[\\w:\\u4e00-\\u9fff-]*$/};
  };
  const put = () => {
    const found = getElement(%d)?.editor;
    if (!found) return setTimeout(put, 50);
    found.dispatch({effects: CM.StateEffect.appendConfig.of(CM.EditorState.languageData.of(() => [{autocomplete: source}]))});
    document.querySelector('.kg-editor').dataset.completes = options.length;
  };
  put();
})()"""


async def options(service: Service) -> list[dict[str, Any]]:
    """What may be written, as the editor wants it: ``label`` is what is typed, ``apply`` what is put in its place."""
    schema = await attempt(service.kept("schema")) or {"classes": [], "properties": []}
    facets = await attempt(service.kept("facets")) or {}
    found = [{"label": f"{prefix}:", "detail": iri, "type": "namespace"} for prefix, iri in PREFIXES.items()]
    for kind, terms in (("class", schema["classes"]), ("property", schema["properties"])):
        for term in terms:
            name = short(term["iri"])
            found += [
                {"label": name, "detail": term["label"], "type": kind},
                {"label": term["label"], "detail": name, "apply": name, "type": kind},
            ]
    for facet, title in CONCEPTS.items():
        found += [
            {"label": each["label"], "detail": title, "apply": f"<{each['iri']}>", "type": "constant"}
            for each in facets.get(facet, ())
        ]
    return found[:MOST]


def script(element: int, offered: list[dict[str, Any]]) -> str:
    """What gives the editor of an element its completion."""
    return _SCRIPT % (json.dumps(offered, ensure_ascii=True), element)
