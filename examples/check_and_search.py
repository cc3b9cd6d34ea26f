"""先列出数据质量检查的发现，再看与一句话意思最近的指标。

用法：python examples/check_and_search.py [数据目录]
"""

import sys
from collections import Counter

import kg

data = sys.argv[1] if len(sys.argv) > 1 else "kg-data"

with kg.open(data) as graph:
    findings = graph.check()
    print(f"{len(findings)} 条发现")
    for code, count in Counter(finding.code for finding in findings).most_common(3):
        print(f"  {code}：{count} 条")
    for finding in graph.check(severities=["warning"])[:3]:
        print(f"{finding.document} 表{finding.table}：{finding.message}")

    for hit in graph.search("帮助大学生找工作", limit=3):
        found = hit.passage
        print(f"{hit.score:.3f} {found.project}｜{found.label}（{found.document} 表{found.table}）")
