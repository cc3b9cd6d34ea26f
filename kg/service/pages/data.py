"""数据: upload with progress, what was read and flagged, removal, findings on the data."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from nicegui import ui

from kg.captions import SEVERITIES
from kg.service import audit
from kg.service.api import ACCEPTED, checked_name
from kg.service.pages import components, scans
from kg.service.pages.components import attempt, html, join, link
from kg.service.people import CALLED, WRITER
from kg.service.problems import Problem
from kg.service.service import Service

DEEDS = 1000  # lines of the record that are looked through
SHOWN = 20


def pages(service: Service) -> None:
    @ui.page("/data", response_timeout=components.PATIENCE)
    async def page() -> None:
        with components.frame("/data", "数据"):
            await DataView(service).build()


class DataView:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.writer = components.may("write")
        self.who = components.person() or WRITER

    async def build(self) -> None:
        html("<h1>数据</h1>")
        if who := components.person():
            name = f"{who.name}（{CALLED[who.role]}）" if who.name else "共用口令"
            leave = (
                Markup(
                    '<form method="post" action="/logout" style="display:inline"><button class="kg-cell">退出</button></form>'
                )
                if ui.context.client.request.scope.get("kg_session")
                else ""
            )
            html(Markup('<p class="kg-soft kg-small" style="margin:0">已登录：{} {}</p>').format(name, leave))
        if self.writer:
            self.upload_card()
        else:
            with ui.element("section").classes("kg-card"):
                who = components.person()
                said = f"{who.name}的权限是{CALLED[who.role]}，不能上传和移除。" if who else "上传和移除需要口令。"
                html(Markup("{}{}").format(said, link("/login", "换一个口令" if who else "输入口令", next="/data")))
        self.loaded = ui.element("div")
        self.twins = ui.element("div")
        self.scans = ui.element("div")
        self.findings = ui.element("div")
        self.deeds = ui.element("div")
        await self.show_loaded()
        self.show_deeds()

    def origins(self) -> dict[str, str]:
        """Of the content of each uploaded file (SHA-256), who uploaded it."""
        return {
            file["sha256"]: f"网页或接口{'：' * bool(deed['by'])}{deed['by']}"
            for deed in reversed(self.service.audit.last(DEEDS, "upload"))
            for file in deed["what"]
            if "sha256" in file
        }

    async def show_twins(self) -> None:
        """Projects that seem to be there twice: sums count them twice."""
        found = await attempt(self.service.kept("twins")) or []
        self.twins.clear()
        if not found:
            return
        with self.twins, ui.element("section").classes("kg-card").props("data-twins"):
            html(Markup('<h2>疑为重复载入：{} 组项目同名、同年度、同金额</h2><p class="kg-soft kg-small">合计会各算一次。确是同一个项目的，请移除其中一份文件。</p>').format(
                len(found)
            ))  # fmt: skip
            rows = [
                (link("/project", p["label"], iri=p["iri"]), p["year"], components.money(p["budget_wan"]), p["department"],
                 f"{p['document']} 表{p['table']}")
                for group in found for p in group
            ]  # fmt: skip
            html(components.rows_html(["项目", "年度", "预算（万元）", "部门", "在哪里"], rows, numbers=(1, 2)))

    def show_deeds(self) -> None:
        """What was uploaded, removed, decided: it is there after a reload, and for whoever comes next."""
        self.deeds.clear()
        if not self.writer:
            return
        found = [deed for deed in self.service.audit.last(DEEDS) if deed["did"] not in ("login", "refused")][:SHOWN]
        if not found:
            return
        with self.deeds, ui.element("section").classes("kg-card").props("data-deeds"):
            html("<h2>最近的改动</h2>")
            rows = [
                (components.moment(d["time"]), d["by"] or "共用口令", audit.DEEDS[d["did"]], _what(d), d["result"])
                for d in found
            ]
            html(components.rows_html(["时间", "谁", "做了什么", "对象", "结果"], rows))

    def upload_card(self) -> None:
        limits = self.service.limits
        with ui.element("section").classes("kg-card"):
            html(Markup('<h2>上传</h2><p class="kg-soft kg-small">可读格式：{}。同名文件会被替换；有人正在查询也不受影响。</p>').format(
                "、".join(s.lstrip(".") for s in ACCEPTED)
            ))  # fmt: skip
            with ui.element("div").classes("kg-row").style("margin-bottom:8px"):
                self.year = (
                    ui.number("年度（文件没有写明时）", min=1900, max=2200, format="%d")
                    .props("outlined dense")
                    .style("width:220px")
                )
            self.upload = (
                ui.upload(
                    multiple=True, auto_upload=True, max_file_size=limits.upload_bytes, max_files=limits.upload_files,
                    label="把文件拖到这里，或点右侧加号选择", on_multi_upload=self.received, on_rejected=self.rejected,
                )
                .props(f'flat bordered accept="{",".join(ACCEPTED)}"')
                .classes("kg-upload")
            )  # fmt: skip
            self.status = html("")
            self.bar = ui.linear_progress(0, show_value=False).props("rounded size=10px").style("margin-top:8px")
            self.bar.set_visibility(False)
            self.outcome = ui.element("div").props("data-outcome")

    def rejected(self) -> None:
        ui.notify(
            f"没有上传：格式不能读，或超过 {self.service.limits.upload_bytes >> 20} MB", type="negative", position="top"
        )

    async def received(self, event: Any) -> None:
        """All files are on this machine: read them into a new generation."""
        self.outcome.clear()
        self.bar.set_visibility(True)
        with self.service.writer.incoming() as folder:
            paths = []
            try:
                for file in event.files:
                    path = folder / checked_name(file.name)
                    await file.save(path)
                    paths.append(path)
                year = int(self.year.value) if self.year.value else None
                before = {d["name"]: d["sha256"] for d in (await self.service.run("documents"))["documents"]}
                outcome = await self.service.add(paths, year, self.progress, self.who)
            except Problem as problem:
                self.show_outcome(
                    {
                        "failures": problem.detail.replace(f"{folder}/", "").split("\n"),
                        "warnings": [],
                        "changed": False,
                    },
                    [],
                )
                return
            finally:
                self.bar.set_visibility(False)
                self.status.set_content("")
                self.upload.reset()
        for kind in ("failures", "warnings"):
            outcome[kind] = [m.replace(f"{folder}/", "") for m in outcome[kind]]
        names = {p.name for p in paths}
        read = [d for d in outcome["documents"] if d["name"] in names or before.get(d["name"]) != d["sha256"]]
        self.show_outcome(outcome, read)
        await self.show_loaded()
        self.show_deeds()

    def progress(self, stage: str, done: int, total: int) -> None:
        self.bar.set_value(done / total if total else 0)
        self.status.set_content(
            str(Markup('<div class="kg-soft" style="margin-top:8px">{} {}/{}</div>').format(stage, done, total))
        )

    def show_outcome(self, outcome: dict[str, Any], read: list[dict[str, Any]]) -> None:
        with self.outcome:
            said = [
                Markup('<div><span class="kg-tag good">已读入</span>{}：{} 个项目、{} 个指标{}</div>').format(
                    link("/projects", d["name"], document=d["name"]), d["projects"], d["indicators"], f"，{d['year']}年" if d["year"] else "，年度未知"
                )
                for d in read
            ]  # fmt: skip
            if read and not outcome["changed"]:
                said.append(Markup('<div class="kg-soft">与已载入的相同，没有变化。</div>'))
            said += [
                Markup('<div><span class="kg-tag warning">注意</span>{}</div>').format(w) for w in outcome["warnings"]
            ]
            said += [
                Markup('<div><span class="kg-tag error">未读入</span>{}</div>').format(f) for f in outcome["failures"]
            ]
            html(Markup('<div style="margin-top:10px">{}</div>').format(join(said)))

    async def show_loaded(self) -> None:
        found = await attempt(self.service.run("documents"))
        self.loaded.clear()
        if found is None:
            return
        documents = found["documents"]
        with self.loaded, ui.element("section").classes("kg-card"):
            projects, indicators = (sum(d[k] for d in documents) for k in ("projects", "indicators"))
            html(Markup("<h2>已载入 {} 份文档、{} 个项目、{} 个指标</h2>").format(len(documents), projects, indicators))
            origin = self.origins()
            rows = [
                (link("/projects", d["name"], document=d["name"]), d["year"] or "未知", "、".join(d["forms"]), d["projects"], d["indicators"],
                 components.size(d["bytes"]), components.moment(d["at"]), origin.get(d["sha256"], "命令行"),
                 components.original_link(d["name"]), Markup('<button type="button" class="kg-cell" data-remove="{}">移除</button>').format(d["name"]) if self.writer else "")
                for d in documents
            ]  # fmt: skip
            heads = ["文件", "年度", "表的种类", "项目", "指标", "大小", "读入时间", "来自", "原件", ""]
            table = html(components.rows_html(heads, rows, numbers=(3, 4, 5)))
            table.on(
                "click",
                self.asked,
                js_handler="(e) => { const b = e.target.closest('[data-remove]'); if (b) emit(b.dataset.remove); }",
            )
            html(Markup('<p style="margin:12px 0 0">导出：{}</p>').format(Markup(" · ").join(
                link("/api/export", label, format=form)
                for form, label in (("xlsx", "指标明细 Excel"), ("csv", "指标明细 CSV"), ("turtle", "图谱 Turtle"), ("nquads", "图谱 N-Quads"))
            )))  # fmt: skip

        await self.show_twins()
        self.scans.clear()
        with self.scans:
            reviewer = self.who if components.may("review") else None
            await scans.card(self.service, reviewer, done=self.show_loaded)
        self.findings.clear()
        with self.findings:
            components.findings_card(self.service, lambda every: every, _by_code)

    async def asked(self, event: Any) -> None:
        """Remove a document once that is confirmed."""
        if not self.writer or not isinstance(event.args, str):
            return
        name = event.args
        with ui.dialog() as dialog, ui.element("div").classes("kg-dialog").style("width:min(420px,92vw)"):
            html(
                Markup(
                    "<h2>移除“{}”？</h2><p class='kg-soft'>它的项目和指标会从图谱里去掉；原文件不受影响，可以再次上传。</p>"
                ).format(name)
            )
            with ui.element("div").classes("kg-row").style("justify-content:flex-end"):
                ui.button("取消", on_click=lambda: dialog.submit(False)).props("flat")
                ui.button("移除", on_click=lambda: dialog.submit(True)).props("unelevated color=negative")
        agreed = await dialog
        dialog.delete()
        with self.findings:  # the table that was clicked is about to be drawn anew
            if agreed and await attempt(self.service.remove([name], who=self.who)):
                ui.notify(f"已移除 {name}", type="positive", position="top")
                await self.show_loaded()
                self.show_deeds()


def _what(deed: dict[str, Any]) -> str:
    """What was done to, in few words."""
    if deed["did"] == "review":
        return "一对指标"
    names = [str(each.get("name") or each.get("cell", "")) for each in deed["what"] or ()]
    return "、".join(names[:5]) + (f" 等 {len(names)} 个" if len(names) > 5 else "")


def _by_code(found: list[dict[str, Any]]) -> Markup:
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for finding in sorted(found, key=lambda f: list(SEVERITIES).index(f["severity"])):
        groups.setdefault((finding["severity"], finding["code"], finding["title"]), []).append(finding)
    return join(
        Markup(
            '<details class="kg-cluster"><summary><span class="kg-tag {}">{}</span><b>{}</b> <span class="kg-soft">{} 处</span></summary>{}</details>'
        ).format(severity, SEVERITIES[severity], title, len(several), components.findings_html(several[:100]))
        for (severity, _, title), several in groups.items()
    )
