"""What a document says, free of its layout: projects and their indicators, every fact with its cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from kg.readers import Grid, Scan, Source
from kg.tables.values import Target


@dataclass(frozen=True, slots=True)
class Quote:
    """The cell a fact was read from: ``row`` counts indicator rows from 1 and is 0 in the table's head."""

    field: str
    text: str
    table: int
    row: int
    column: int
    line: int = 0
    page: int = 0
    sheet: str = ""
    ref: str = ""
    scans: tuple[Scan, ...] = ()  # where it was recognised in a picture
    source_table: int = 0  # counted over all tables of the file
    source_row: int = 0  # of that table, headings included

    @property
    def place(self) -> str:
        """``工作表“第2页” H7``, ``第3页 第1个表 第5行``, ``第2个表 第5行`` or ``第12行文字``; empty where nothing says it.

        Of a cell that was recognised in a picture it says so.
        """
        if self.scans:
            sheet = f"工作表“{self.sheet}”的图片" if self.sheet else ""
            checked = "，已核对" if all(scan.confirmed for scan in self.scans) else ""
            return " ".join(filter(None, (sheet, self._on_page, f"扫描识别{checked}")))
        if self.ref:
            return f"工作表“{self.sheet}” {self.ref}" if self.sheet else self.ref
        return f"第{self.line}行文字" if self.line else self._on_page

    @property
    def _on_page(self) -> str:
        page = f"第{self.page}页" if self.page else ""
        table = f"第{self.source_table}个表 第{self.source_row}行" if self.source_table and self.source_row else ""
        return " ".join(filter(None, (page, table)))


@dataclass(frozen=True, slots=True)
class Funding:
    """One source's share of a project's money: the source in the table's words, the amount in 元 (None: not said).

    ``kind`` is ``fiscal_funds``, ``other_funds`` or ``carried_over``; empty where the words do not say.
    """

    source: str
    amount: Decimal | None
    kind: str
    quote: Quote


@dataclass(frozen=True, slots=True)
class Flag:
    """What was read but is not certain: a stable ``code``, a line in Chinese, and the cell. Never stored as a fact."""

    code: str
    message: str
    quote: Quote


@dataclass(slots=True)
class IndicatorRecord:
    """One indicator row; ``level1``/``level2`` as written, inherited where the table merges them.

    ``others`` holds what stands beside the target, by meaning: ``midterm``, ``half_year``, ``prior``, ``actual`` and
    ``interim`` (reached when the project was monitored, within the year).
    ``weight`` and ``score`` are points; ``goal`` is the one of several goals that the row stands under.
    """

    row: int
    level1: str
    level2: str
    name: str
    description: str
    target: Target
    unit_inferred: str = ""  # the unit that table and budget make certain where the cell writes none
    others: dict[str, Target] = field(default_factory=dict)
    weight: Decimal | None = None
    score: Decimal | None = None
    deviation: str = ""
    goal: str = ""
    quotes: dict[str, Quote] = field(default_factory=dict)


@dataclass(slots=True)
class ProjectRecord:
    """One table. Amounts in 元; ``None`` where the cell is empty or absent.

    ``kind`` is ``project``, or ``department`` for a table of a whole department's spending (部门整体支出).
    ``implementer`` is the unit that carries the project out, where the table names it beside the department.
    """

    table: int
    name: str
    kind: str = "project"
    code: str = ""
    title: str = ""
    year: int | None = None  # where the table says another year than the document
    department: str = ""
    department_code: str = ""
    implementer: str = ""
    implementer_code: str = ""
    money_unit: str = ""
    budget: Decimal | None = None
    fiscal_funds: Decimal | None = None
    other_funds: Decimal | None = None
    carried_over: Decimal | None = None
    adjusted_budget: Decimal | None = None
    executed: Decimal | None = None
    interim_executed: Decimal | None = None  # when the project was monitored
    midterm_budget: Decimal | None = None
    execution_rate: Decimal | None = None  # percent
    execution_score: Decimal | None = None
    total_score: Decimal | None = None
    fundings: list[Funding] = field(default_factory=list)
    purpose: str = ""
    goals: list[str] = field(default_factory=list)
    midterm_goals: list[str] = field(default_factory=list)
    indicators: list[IndicatorRecord] = field(default_factory=list)
    quotes: dict[str, Quote] = field(default_factory=dict)


@dataclass(slots=True)
class DocumentRecord:
    """One file: its base name, content hash, title, fiscal year (None where nothing certain says it)."""

    name: str
    sha256: str
    title: str
    year: int | None
    projects: list[ProjectRecord]
    warnings: list[str] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    source: Source | None = None  # of a document that was recognised in pictures: people may yet correct its cells
    grids: list[Grid] = field(default_factory=list)  # the file's tables as they were read
