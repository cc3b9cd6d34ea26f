# 只需 Python 3.11 与 make：make ask 会自行完成安装、建库、回答
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := models,ocr,test,lint
DATA ?= kg-data
Q ?= 哪些项目服务高校毕业生？

.PHONY: setup ask test known-wrong mutants docs lint bench clean

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check -q -c constraints.txt -e '.[$(EXTRAS)]'
	touch $@

$(DATA)/CURRENT: | $(VENV)/.installed
	$(BIN)/kg build --data $(DATA)

ask: $(VENV)/.installed $(DATA)/CURRENT
	@$(BIN)/kg ask --data $(DATA) "$(Q)"

test: $(VENV)/.installed
	$(BIN)/pytest -n 2

# 重问回归集；答对了的从已知答错的清单里去掉。FORCE=1：变差的也写进清单；SETS="dev fresh"：只问这几套
known-wrong: $(VENV)/.installed
	$(BIN)/python tests/regression.py $(if $(FORCE),--force) $(SETS)

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

clean:
	rm -rf $(VENV) $(DATA) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
