"""The page ``docs/checks.md``, written from the rules: ``python -m kg.graph.checks.docs > docs/checks.md``."""

from __future__ import annotations

from kg.graph.checks.rules import Rule, rules

SHOWN = {"error": "错误", "warning": "警告", "info": "提示"}
INTRODUCTION = """# 数据质量检查：`kg check`

`kg check` 逐表检查已载入的绩效目标表，每一条发现都指明文件、表、行和单元格原文，说明错在哪里、涉及的数值，以及官方规定的要求。
发现问题不算运行失败：查完即退出码 0。

```sh
kg check                                   # 按严重程度和代码分组
kg check --severity error                  # 只看错误；还有 warning（警告）、info（提示）
kg check --code typo --code unit-mismatch  # 只看这些代码
kg check --document 某局-2025.xlsx         # 只看这份文件
kg check --json                            # 一行一条 JSON，供程序使用
```

`--json` 每行的字段：`code` 代码、`severity` 严重程度、`message` 说明与要求、`iri` 项目或指标的 IRI、`document` 文件名、
`table` 表序号、`row` 指标行序号（表头部分为 null）、`value` 单元格原文。Python 里用 `KnowledgeGraph.check()`，得到同样的内容。

代码是固定的，可以放心写进脚本。检查有三个来源：

- **SHACL**：`ontology/quality-shapes.ttl` 里的 SHACL-SPARQL 约束，`kg check` 逐份文件运行，pyshacl 等工具用它能得到同样的结果；
- **文字**：要看用词的检查，用词在 `kg/graph/checks/words.toml` 里，可直接增补。错别字不靠词表，由语料自身得出：
  某处的词只见于这一种上下文，而同样的上下文几乎总是接另一个只差一个音近或形近字的词；
- **读表**：读表时不能确定的单元格，没有作为事实入图，在这里逐格列出。

宁缺毋滥：拿不准的不报。表里另有人均、单价等标准时，不拿成本合计与预算数比少；四舍五入之差不报；完成率、增长率可以超过 100%；
“不发生……”“较上年下降”等可以核对的定性表述不算空泛。漏字（如“运维保护”写成“运保护”）与简称分不开，不报。

## 代码
"""


def page() -> str:
    """The whole page."""
    return INTRODUCTION + "".join(_table(rule) for rule in rules().values())


def _table(rule: Rule) -> str:
    source = "SHACL" if rule.select else "读表" if rule.message == "{?message}" else "文字"
    said = f"- 说明：{rule.message}\n".replace("{?", "〈").replace("}", "〉") if source != "读表" else ""
    return f"\n### `{rule.code}` {rule.title}\n\n- {SHOWN[rule.severity]}（{rule.severity}），{source}\n{said}- 要求：{rule.asks}\n"


if __name__ == "__main__":
    print(page(), end="")
