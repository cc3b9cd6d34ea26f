"""提问，并逐条打印证明答案的单元格；接着上一个答案再问一句。

用法：python examples/ask_and_prove.py [数据目录]
"""

import sys

import kg

data = sys.argv[1] if len(sys.argv) > 1 else "kg-data"

with kg.open(data) as graph:
    answer = graph.ask("哪些项目服务高校毕业生？")
    print(f"理解：{answer.understood}（把握 {answer.confidence}）")
    for item in answer.answers:
        print(f"{item.label}（{item.year}年）")
        for cell in item.evidence:
            row = f" 第{cell.row}行" if cell.row else ""
            print(f"  {cell.document} 表{cell.table}{row}：{cell.text[:40]}")

    highest = graph.ask("那其中预算最高的呢？", previous=answer)
    for item in highest.answers:
        print(f"其中预算最高：{item.label} {item.number}{item.unit}")

    missing = graph.ask("2018年的人才专项经费预算是多少")
    assert missing.method == "none"
    print(f"没有答案：{missing.understood}")
