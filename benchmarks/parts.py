"""The parts of the benchmark, each a function from the workspace to its tables."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import kg
import queries as named
from benchmarks import children
from benchmarks.children import Engine, Run, Vectors
from benchmarks.generate import documents
from benchmarks.measure import ROOT, Child, Table, child, figure, middle, ms, percentile, ratio, warm
from benchmarks.measure import children as repeated
from kg.ask.answer import Answer
from kg.knowledge import KnowledgeGraph

QUESTION = "哪些项目服务高校毕业生？"
QUESTIONS = ROOT / "tests" / "data" / "regression" / "paraphrases.jsonl"
RUNS = 5  # of a whole process
BUILDS = 3
COPIES = (1, 10, 100)
SLOW = 60.0  # seconds a named query may take on many copies


def questions() -> list[str]:
    return [json.loads(line)["q"] for line in QUESTIONS.read_text("utf-8").splitlines()]


@dataclass(slots=True)
class Built:
    """A data directory of so many copies of the sample; ``empty`` and ``cached`` are its two builds."""

    data: Path
    empty: Child
    cached: Child

    @property
    def cache(self) -> Path:
        return self.data / "cache" / "embeddings.sqlite"

    def size(self, part: str) -> float:
        """MB on disk of ``graph`` or ``index``."""
        generation = self.data / "generations" / (self.data / "CURRENT").read_text().strip()
        return sum(f.stat().st_size for f in (generation / part).rglob("*") if f.is_file()) / 1e6


@dataclass(slots=True)
class Workspace:
    """A folder for the run, and the data directories built in it so far."""

    folder: Path
    _built: dict[int, Built] = field(default_factory=dict)

    def built(self, copies: int = 1) -> Built:
        """Data of so many copies of the sample, built when first asked for."""
        if copies not in self._built:
            self._built[copies] = self.build(self.folder / f"data-{copies}", copies)
        return self._built[copies]

    def build(self, data: Path, copies: int) -> Built:
        """Build it with an empty embedding cache, then with a filled one."""
        paths = documents(self.folder / f"documents-{copies}", copies)
        empty, cached = (child("kg.cli", "build", "--yes", "--data", data, *paths) for _ in range(2))
        return Built(data, empty, cached)

    def triples(self) -> Path:
        """The sample's graph, ontology and all, as N-Triples."""
        path = self.folder / "triples.nt"
        if not path.exists():
            with kg.open(self.built().data) as graph:
                quads = {f"{q.subject} {q.predicate} {q.object} .\n" for q in graph.store.inner}
            path.write_text("".join(sorted(quads)), "utf-8")
        return path


# -- build ------------------------------------------------------------------------------------------------


def build(work: Workspace) -> Iterator[Table]:
    """The sample built whole, and its parts beside plain rdflib and the bare encoder."""
    built = work.built()
    with kg.open(built.data) as graph:
        texts = Vectors.of(graph, built.cache).texts
    listed = work.folder / "texts.json"
    listed.write_text(json.dumps(texts), "utf-8")
    runs: dict[str, list[Child]] = defaultdict(list)
    for number in range(BUILDS):
        again = work.build(work.folder / f"again-{number}", 1)
        runs["empty"].append(again.empty)
        runs["cached"].append(again.cached)
        runs["encoder"].append(child("benchmarks.children", "embed", listed).inner())
        runs["graph"].append(child("benchmarks.children", "graph", work.folder / f"graph-{number}").inner())
        runs["rdflib"].append(child("benchmarks.children", "parse", work.triples()).inner())
    medians = {name: middle(several) for name, several in runs.items()}

    def row(shown: str, name: str, peer: str = "") -> list[str]:
        run, other = medians[name], medians.get(peer)
        compared = [ratio(run.seconds, other.seconds), ratio(run.memory, other.memory)] if other else ["–", "–"]
        return [shown, figure(run.seconds), figure(run.memory), *compared]

    yield Table(
        f"建库（样例，{BUILDS} 次取中位）",
        ("步骤", "秒", "峰值内存 MB", "耗时÷对照", "内存÷对照"),
        (
            row("kg build，向量缓存为空（整个进程）", "empty", "encoder"),
            row(f"　对照：只用编码器编码同样 {len(texts)} 段文字", "encoder"),
            row("kg build，向量已缓存（整个进程）", "cached", "encoder"),
            row("只建图：读表、识别、映射、写入 Oxigraph", "graph", "rdflib"),
            row("　对照：rdflib 把同样的三元组读入内存", "rdflib"),
        ),
        "“整个进程”含启动与载入；只建图、只编码、rdflib 的秒数只计工作本身，内存都是整个进程的峰值。",
    )


# -- ask --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Asked:
    """Warm times of all questions in seconds: whole, of their parts, and of plain vector search."""

    methods: Counter[str]
    whole: list[float]
    understanding: list[float]
    sparql: list[float]
    vectors: list[float]

    @property
    def evidence(self) -> list[float]:
        """What is left of a question: proving cells and putting the answer together."""
        parts = zip(self.whole, self.understanding, self.sparql, strict=True)
        return [max(0.0, whole - understanding - sparql) for whole, understanding, sparql in parts]


def asked(graph: KnowledgeGraph, vectors: Vectors, budget: float = 120.0) -> Asked:
    """Ask every question warm."""
    asker = graph.asker
    answers: dict[str, Answer] = {}

    def whole(question: str) -> None:
        answers[question] = graph.ask(question)

    def understanding(question: str) -> None:
        asker.composer.read(asker.tokens(question))

    def sparql(question: str) -> None:
        if answers[question].sparql:
            children.rows(graph.store, answers[question].sparql)

    times = warm((whole, understanding, sparql, vectors.nearest), questions(), budget)
    return Asked(Counter(answer.method for answer in answers.values()), *times)


def ask(work: Workspace) -> Iterator[Table]:
    """Questions from a cold start and warm, beside plain vector search."""
    built = work.built()
    with kg.open(built.data) as graph:
        vectors = Vectors.of(graph, built.cache)
        vectors.save(work.folder)
        times = asked(graph, vectors)
    cold = repeated(RUNS, "kg.cli", "ask", "--data", built.data, QUESTION)
    peer = repeated(RUNS, "benchmarks.children", "nearest", work.folder, QUESTION)
    yield Table(
        f"提问：冷启动（整个进程，{RUNS} 次取中位）",
        ("做法", "秒", "峰值内存 MB", "耗时÷对照"),
        (
            [f"kg ask {QUESTION}", *_cold(cold), ratio(cold.seconds, peer.seconds)],
            ["　对照：纯向量检索", *_cold(peer), "–"],
        ),
    )
    parts = {
        "kg ask": times.whole,
        "　理解（切分与解读）": times.understanding,
        "　编译并运行 SPARQL": times.sparql,
        "　依据与成文（其余）": times.evidence,
        "　对照：纯向量检索": times.vectors,
    }
    peer_middle, total = statistics.median(times.vectors), sum(times.whole)
    yield Table(
        f"提问：热（进程内，{len(times.whole)} 个问题）",
        ("做法", "中位 ms", "p95 ms", "占总时间", "中位÷对照"),
        [
            [
                name,
                ms(statistics.median(values)),
                ms(percentile(values, 0.95)),
                "–" if values is times.vectors else f"{sum(values) / total:.0%}",
                "–" if values is times.vectors else ratio(statistics.median(values), peer_middle),
            ]
            for name, values in parts.items()
        ],
        f"问题取自 tests/data/regression/paraphrases.jsonl；作答方式：{_methods(times.methods)}。"
        f"对照：同一编码器编码问题，与全部 {len(vectors.texts)} 段指标和项目文字逐一求余弦。",
    )


def _cold(run: Child) -> tuple[str, str]:
    return figure(run.seconds), figure(run.memory)


def _methods(methods: Counter[str]) -> str:
    return "、".join(f"{name} {count}" for name, count in methods.most_common())


# -- search -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Searched:
    """Warm times of all questions as texts to find."""

    hybrid: list[float]
    vectors: list[float]
    keyword: list[float]


def searched(graph: KnowledgeGraph, vectors: Vectors, budget: float = 60.0) -> Searched:
    def keyword(text: str) -> None:
        for number, _ in graph.index.keyword(text, 10):
            graph.index.passage(number)

    return Searched(*warm((graph.search, vectors.nearest, keyword), questions(), budget))


def search(work: Workspace) -> Iterator[Table]:
    """Hybrid search beside plain vector search and plain BM25, warm and from a cold start."""
    built = work.built()
    with kg.open(built.data) as graph:
        vectors = Vectors.of(graph, built.cache)
        vectors.save(work.folder)
        times = searched(graph, vectors)
    colds = (
        repeated(RUNS, "kg.cli", "search", "--data", built.data, QUESTION),
        repeated(RUNS, "benchmarks.children", "nearest", work.folder, QUESTION),
        repeated(RUNS, "benchmarks.children", "keyword", built.data, QUESTION),
    )
    warms = [statistics.median(values) for values in (times.hybrid, times.vectors, times.keyword)]
    names = ("kg search（混合）", "　对照：纯向量检索", "　对照：纯 BM25")
    yield Table(
        f"检索（热：{len(times.hybrid)} 段文字的中位；冷：整个进程，{RUNS} 次取中位）",
        ("做法", "热 ms", "混合÷对照", "冷 秒", "混合÷对照", "峰值内存 MB"),
        [
            [
                name,
                ms(seconds),
                ratio(warms[0], seconds) if at else "–",
                figure(cold.seconds),
                ratio(colds[0].seconds, cold.seconds) if at else "–",
                figure(cold.memory),
            ]
            for at, (name, seconds, cold) in enumerate(zip(names, warms, colds, strict=True))
        ],
    )


# -- named queries ----------------------------------------------------------------------------------------


def _run_all(engine: Engine) -> dict[str, Run]:
    try:
        return {query.name: engine.run(query.sparql()) for query in named.load_all()}
    finally:
        engine.close()


def queries(work: Workspace) -> Iterator[Table]:
    """Every named query on the store and on plain rdflib."""
    ours = _run_all(Engine(children.oxigraph, work.built().data))
    theirs = _run_all(Engine(children.rdflib, work.triples()))
    yield Table(
        "命名查询（样例，热，中位）",
        ("查询", "行数", "Oxigraph 磁盘只读 ms", "rdflib 内存 ms", "rdflib÷Oxigraph"),
        [_compared(name, run, theirs[name]) for name, run in ours.items()],
        f"对照：rdflib 内存中的一个 Graph，三元组与 SPARQL 相同；一次超过 {children.LIMIT:g} 秒即中止。"
        "rdflib 的行数不同时写在括号里。",
    )


def _compared(name: str, run: Run, peer: Run) -> list[str]:
    times = ratio(peer.seconds, run.seconds) if peer.seconds and run.seconds else "–"
    if run.seconds and peer.failure.startswith(">"):
        times = f"> {ratio(children.LIMIT, run.seconds)}"
    rows = str(run.rows) if peer.rows in (run.rows, None) else f"{run.rows}（{peer.rows}）"
    return [name, rows, _time(run), _time(peer), times]


def _time(run: Run) -> str:
    return run.failure or ms(run.seconds or 0)


# -- scale ------------------------------------------------------------------------------------------------


def scale(work: Workspace) -> Iterator[Table]:
    """The same on 10 and 100 times the data, with how much each figure grows."""
    figures: list[dict[str, float | None]] = []
    runs: list[dict[str, Run]] = []
    methods = []
    for copies in COPIES:
        measured, answered = _at_scale(work.built(copies))
        figures.append(measured)
        methods.append(f"{copies}×：{_methods(answered)}")
        runs.append(_run_all(Engine(children.oxigraph, work.built(copies).data, SLOW)))
    growth = [f"{copies}×÷1×" for copies in COPIES[1:]]
    header = [*(f"{copies}×" for copies in COPIES), *growth]
    yield Table(
        "规模：样例与其 10 倍、100 倍",
        ("量", *header),
        [_growing(name, [f[name] for f in figures]) for name in figures[0]],
        "其他部门、其他年度的文档由 benchmarks/generate.py 生成（10 个部门，2016–2025 年）。"
        f"作答方式：{'；'.join(methods)}。",
    )
    yield Table(
        "规模：命名查询（热，中位 ms）",
        ("查询", *header, "100× 行数"),
        [_growing_query(name, [run[name] for run in runs]) for name in runs[0]],
    )


def _growing_query(name: str, runs: list[Run]) -> list[str]:
    times = [run.seconds * 1000 if run.seconds else None for run in runs]
    rows = runs[-1].rows
    return [*_growing(name, times, runs[-1].failure), f"{rows:,}" if rows is not None else "–"]


def _growing(name: str, values: list[float | None], missing: str = "–") -> list[str]:
    shown = [figure(value) if value is not None else missing for value in values]
    first = values[0]
    return [name, *shown, *(ratio(v, first) if v is not None and first else "–" for v in values[1:])]


def _at_scale(built: Built) -> tuple[dict[str, float | None], Counter[str]]:
    """Name of a figure → its value, for one data directory; and how its questions were answered."""
    with kg.open(built.data) as graph:
        vectors = Vectors.of(graph, built.cache)
        start = time.perf_counter()
        graph.ask(QUESTION)
        first = time.perf_counter() - start
        questions_ = asked(graph, vectors, 240.0)
        texts = searched(graph, vectors)
        documents_ = graph.manifest.documents
        latest = max(d.year or 0 for d in documents_)
        counts = {
            "文档": len(documents_),
            "项目": sum(d.projects for d in documents_),
            "　其中最新年度": sum(d.projects for d in documents_ if d.year == latest),
            "指标": sum(d.indicators for d in documents_),
            "三元组": graph.store.select("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")[0]["n"],
            "不同文字": len(vectors.texts),
        }
    cold = repeated(RUNS, "kg.cli", "ask", "--data", built.data, QUESTION)

    def median_ms(values: list[float]) -> float:
        return statistics.median(values) * 1000

    return {
        **counts,
        "建库 秒（向量缓存为空）": built.empty.seconds,
        "建库 秒（向量已缓存）": built.cached.seconds,
        "建库峰值内存 MB": built.empty.memory,
        "图谱 MB": built.size("graph"),
        "索引 MB": built.size("index"),
        "提问，冷，整个进程 秒": cold.seconds,
        "提问，冷，峰值内存 MB": cold.memory,
        "提问，进程内第一问 ms": first * 1000,
        "提问，热，中位 ms": median_ms(questions_.whole),
        "提问，热，p95 ms": percentile(questions_.whole, 0.95) * 1000,
        "　理解，平均 ms": statistics.mean(questions_.understanding) * 1000,
        "　SPARQL，平均 ms": statistics.mean(questions_.sparql) * 1000,
        "　依据与成文，平均 ms": statistics.mean(questions_.evidence) * 1000,
        "混合检索，热，中位 ms": median_ms(texts.hybrid),
        "对照：纯向量检索 ms": median_ms(texts.vectors),
        "对照：纯 BM25 ms": median_ms(texts.keyword),
    }, questions_.methods


def growth(work: Workspace) -> Iterator[Table]:
    """One document added and taken out, and warm questions, of more and more data."""
    from benchmarks import growth as of

    yield of.table(COPIES, [of.measure(work.folder, copies) for copies in COPIES if work.built(copies)])


PARTS = {part.__name__: part for part in (build, ask, search, queries, scale, growth)}
