# 只需 Python 3.11 与 make：make ask 会自行完成安装、建库、回答
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := models,ocr,pgvector,dask,test,lint
DATA ?= kg-data
Q ?= 哪些项目服务高校毕业生？

.PHONY: setup ask test fuzz known-wrong known-blind mutants docs lint bench lock locked wheelhouse sbom audit licences clean

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check -q -c constraints.txt -e '.[$(EXTRAS)]'
	touch $@

$(DATA)/CURRENT: | $(VENV)/.installed
	$(BIN)/kg build --data $(DATA)

ask: $(VENV)/.installed $(DATA)/CURRENT
	@$(BIN)/kg ask --data $(DATA) "$(Q)"

# 三个进程：许多测试在等服务和计时，两个核也用得满；KG_ALL_QUESTIONS=1 连平时不问的十套旧题一起问
test: $(VENV)/.installed
	$(BIN)/pytest -n 3

# 有不变量的测试换一批随机的例子（平时的例子是固定的）；FILES="tests/test_any_question.py"：只跑这些
fuzz: $(VENV)/.installed
	KG_HYPOTHESIS=fuzz $(BIN)/pytest -n 3 $(or $(FILES),$(shell grep -l "^from hypothesis" tests/test_*.py))

# 重问回归集；答对了的从已知答错的清单里去掉。FORCE=1：变差的也写进清单；SETS="dev fresh"：只问这几套
known-wrong: $(VENV)/.installed
	$(BIN)/python tests/regression.py $(if $(FORCE),--force) $(SETS)

# 重问另外四套（对话、分组、几件事一起问），重写其中答不对的清单
known-blind: $(VENV)/.installed
	$(BIN)/python tests/blind.py --force

# 把 tests/mutants.toml 里的小错逐个放进一份副本，看点名的测试是否发现
mutants: $(VENV)/.installed
	$(BIN)/python tests/mutants.py $(WORDS)

# 重写由数据生成的页面
docs: $(VENV)/.installed
	$(BIN)/python -m ontology.docs > docs/ontology.md
	$(BIN)/python -m kg.graph.checks.docs > docs/checks.md

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks

# 供应链。约束文件不带哈希：make setup 装的是本目录（-e .）和各机器自备的 torch 轮子，pip 的哈希模式两样都不收。
# 带哈希的是 requirements.lock：基本安装的全部软件包，逐个版本、逐个文件；make locked 按它装进一个新环境。
SUPPLY := .venv-supply
TOOLS := pip-tools==7.6.2 cyclonedx-bom==7.5.0 pip-audit==2.10.1

$(SUPPLY)/.installed:
	$(PYTHON) -m venv $(SUPPLY)
	$(SUPPLY)/bin/pip install --disable-pip-version-check -q -U pip $(TOOLS)
	touch $@

lock: $(SUPPLY)/.installed
	$(SUPPLY)/bin/pip-compile -q --generate-hashes --strip-extras --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --no-emit-trusted-host -c constraints.txt pyproject.toml -o requirements.lock

locked:
	$(PYTHON) -m venv .venv-locked
	.venv-locked/bin/pip install --disable-pip-version-check -q --require-hashes -r requirements.lock
	.venv-locked/bin/pip install --disable-pip-version-check -q --no-deps .

# 离线安装用的轮子：带到不联网的机器上，pip install --no-index --find-links wheelhouse jixiao-kg（见 docs/running.md）。
# 要与那台机器同样的系统、处理器和 Python 版本。WITH=ocr：连同可选组件
WITH ?=
WHEELS := wheelhouse
wheelhouse:
	$(PYTHON) -m venv .venv-wheels
	.venv-wheels/bin/pip install --disable-pip-version-check -q -U pip setuptools wheel
	.venv-wheels/bin/pip wheel --disable-pip-version-check -q --require-hashes -r requirements.lock -w $(WHEELS)
	.venv-wheels/bin/pip wheel --disable-pip-version-check -q --no-deps -w $(WHEELS) .
	$(if $(WITH),.venv-wheels/bin/pip wheel --disable-pip-version-check -q -c constraints.txt -w $(WHEELS) '.[$(WITH)]')
	cd $(WHEELS) && sha256sum *.whl > SHA256SUMS
	rm -rf .venv-wheels

sbom: $(SUPPLY)/.installed
	$(SUPPLY)/bin/cyclonedx-py requirements --pyproject pyproject.toml --of JSON -o sbom.cdx.json requirements.lock

# 要能连上漏洞库；有一个包查不到也算没通过
audit: $(SUPPLY)/.installed
	$(SUPPLY)/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.lock

licences: $(VENV)/.installed
	$(BIN)/python tools/licences.py > docs/licences.md

clean:
	rm -rf $(VENV) $(SUPPLY) .venv-locked .venv-wheels $(WHEELS) sbom.cdx.json $(DATA) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
