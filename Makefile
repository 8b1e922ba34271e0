# One word per chore. `make chat` asks, `make test` tests, `make check` answers "is it fine?".
PYTHON ?= python3
BIN := .venv/bin
# On Linux with internet access, PyTorch's CPU wheels save several gigabytes: set TORCH_INDEX_URL to their index.
TORCH := torch==2.13.0

.PHONY: chat test quick check format lint types imports corpus-check ingest embedder cross-encoder rankers eval bench bench-peers bench-scale test-servers constraints clean

.venv/ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/python -m pip install --quiet $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL),) $(TORCH)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

chat: .venv/ready  ## the chat in the browser
	$(BIN)/advisor serve

test: .venv/ready  ## the whole test suite
	$(BIN)/python -m pytest

quick: .venv/ready  ## the fast part of the tests
	$(BIN)/python -m pytest -m "not slow and not browser"

check: format lint types imports corpus-check test  ## is it fine?

format: .venv/ready
	$(BIN)/ruff format --check advisor eval scripts tests

lint: .venv/ready
	$(BIN)/ruff check advisor eval scripts tests

types: .venv/ready
	$(BIN)/mypy

imports: .venv/ready
	$(BIN)/lint-imports

corpus-check: .venv/ready  ## validate every document
	$(BIN)/advisor check

ingest: .venv/ready
	$(BIN)/advisor ingest

embedder: .venv/ready  ## train the bilingual embedder: make embedder PARALLEL=folder
	$(BIN)/python scripts/train_embedder.py --parallel $(PARALLEL)

cross-encoder: .venv/ready  ## train the cross-encoder, on a GPU: make cross-encoder PARALLEL=folder TEACHER=folder READING="folder folder"
	$(BIN)/python scripts/train_cross_encoder.py --parallel $(PARALLEL) --teacher $(TEACHER) $(if $(READING),--reading $(READING)) --out build/cross_encoder
	$(BIN)/python scripts/tune_cross_encoder.py --start build/cross_encoder $(if $(READING),--reading $(READING))

rankers: .venv/ready  ## train the rankers and the refusal anew: make rankers READING="folder folder"
	$(BIN)/python scripts/train_rankers.py --false-refusal 0.065 $(if $(READING),--reading $(READING))
	$(BIN)/python scripts/train_answerable_read.py

eval: .venv/ready  ## the dev evaluation against the committed baseline
	$(BIN)/python -m eval run dev && $(BIN)/python -m eval score dev && $(BIN)/python -m eval report dev && $(BIN)/python -m eval compare baseline dev

bench: .venv/ready  ## seconds and memory of asking, starting and ingesting
	$(BIN)/python scripts/bench.py

.venv-peers/ready: scripts/peers.txt
	test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/peers.txt
	touch $@

bench-peers: .venv/ready .venv-peers/ready  ## our retrieval beside LangChain, LlamaIndex and Haystack
	$(BIN)/python scripts/bench_peers.py

.venv-servers/ready: scripts/servers.txt
	test -x .venv-servers/bin/python || $(PYTHON) -m venv .venv-servers
	.venv-servers/bin/python -c "import torch" 2>/dev/null || .venv-servers/bin/python -m pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL),) $(TORCH)
	.venv-servers/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/servers.txt
	touch $@

test-servers: .venv/ready .venv-servers/ready  ## the chat model's adapter before LiteLLM and Transformers, real ones
	$(BIN)/python -m pytest tests/test_llm_servers.py

bench-scale: .venv/ready .venv-peers/ready  ## cost curves by size: make bench-scale PASSAGES=file.jsonl.gz
	$(BIN)/python scripts/bench_scale.py $(PASSAGES)

constraints: .venv/ready  ## write down the versions that are installed
	$(BIN)/python scripts/constraints.py > constraints.txt

clean:
	rm -rf .advisor
