"""用 SPARQL 汇总：每种资金来源有几个项目、预算共多少万元，写成 CSV。

一个项目可以有几种来源，各行不能相加。

用法：python examples/budget_by_fund.py [数据目录] > 资金来源.csv
"""

import csv
import sys

import kg

QUERY = """
SELECT ?fund (COUNT(?project) AS ?projects) (SUM(?budget) AS ?yuan) WHERE {
  ?project a jx:Project ; jx:fundSource ?source ; jx:budget ?budget .
  ?source skos:prefLabel ?fund FILTER(lang(?fund) = "zh")
} GROUP BY ?fund ORDER BY DESC(?yuan)
"""

data = sys.argv[1] if len(sys.argv) > 1 else "kg-data"

with kg.open(data) as graph:
    out = csv.writer(sys.stdout)
    out.writerow(["资金来源", "项目数", "预算（万元）"])
    for row in graph.store.select(QUERY):
        out.writerow([row["fund"], row["projects"], row["yuan"] / 10_000])  # 图里的金额一律是元
