"""Tiny models with random weights, made with onnx alone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from qibu.core.model_file import KEY, ModelSpec
from qibu.core.port import StatePair
from qibu.text.alphabet import BYTES
from qibu.text.vocabulary import END, START, UNKNOWN, Vocabulary
from qibu.verse.forms import MODEL_FORMS
from qibu.verse.prompt import BASE_CONTROLS, author_token, form_token
from qibu_export.core.onnx_builder import FLOAT, INT64, GraphBuilder
from qibu_export.text.sampler_graph import add_sampler

HIDDEN = 8
CHARACTERS = "，。？春眠不覺曉處聞啼鳥夜來風雨聲花落知多少白日依山盡黃河入海流"
# rhyme words of three level groups and oblique characters enough, so that the rules leave a choice
VERSE = (
    "東同銅桐筒童中衷忠蟲終戎崇弓宮融雄窮風楓豐充空公功工攻紅鴻虹叢翁聰通蓬烘濛隆籠洪嵩躬熊"
    "真因茵辛新薪晨辰臣人仁神親申伸身賓濱鄰鱗珍塵陳津秦頻銀巾民貧淳輪倫勻旬巡均鈞春紳"
    "陽楊揚香鄉光昌堂章張王房芳長塘妝常涼霜藏場央鴦秧狼床方漿觴梁娘莊黃倉皇裳殤襄驤"
    "有酒首手口母後柳友婦斗狗久負厚走守綬右否受屋木竹目服福祿穀熟谷肉族鹿腹菊陸軸逐牧伏宿"
    "月骨髮闕越謁沒伐罰卒竭窟笏發后髮里裏"
)
CHARACTERS += "".join(dict.fromkeys(c for c in VERSE if c not in CHARACTERS))
TWINS = str.maketrans("處後裏髮發風東黃鄉長陽", "处后里发发风东黄乡长阳")
DEFAULTS = {"bias": 0.0, "temperature": 1.0, "top_k": 1, "top_p": 1.0, "uniform": 0.0}


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    controls = (*BASE_CONTROLS, *map(form_token, MODEL_FORMS), author_token("李白"))
    return Vocabulary(controls, CHARACTERS, CHARACTERS.translate(TWINS))


def random(*shape: int, seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(0, 0.7, shape).astype(np.float32)


def add_gru(graph: GraphBuilder, sequence: str, size: int, both: bool = False) -> str:
    """Add a GRU over (time, batch, size); give its last state (directions, batch, hidden)."""
    n = 2 if both else 1
    weights = [
        graph.constant("W", random(n, 3 * HIDDEN, size, seed=1)),
        graph.constant("R", random(n, 3 * HIDDEN, HIDDEN, seed=2)),
        graph.constant("B", random(n, 6 * HIDDEN, seed=3)),
    ]
    start = "" if both else graph.input("h_in", FLOAT, [1, "batch", HIDDEN])
    last = "last" if both else "h_out"
    direction = "bidirectional" if both else "forward"
    graph.nodes(
        "GRU",
        [sequence, *weights, "", start],
        ["sequence", last],
        hidden_size=HIDDEN,
        linear_before_reset=1,
        direction=direction,
    )
    if not both:
        graph.output("h_out", FLOAT, [1, "batch", HIDDEN])
    return last


def save(model: onnx.ModelProto, spec: ModelSpec | None, path: Path) -> Path:
    if spec is not None:
        helper.set_model_props(model, {KEY: spec.to_json()})
    onnx.save(model, path)
    return path


PART = {"cell": "gru", "num_layers": 1, "hidden_size": HIDDEN}
SPEC = ModelSpec(
    task="text",
    part=PART,
    states=(StatePair("h_in", "h_out", (1, None, HIDDEN), batch_axis=1),),
    weights_sha256="a" * 64,
    defaults=DEFAULTS,
)


def text_graph(bias: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> onnx.ModelProto:
    """Make the graph of a text model whose logits have a bias (tokens,)."""
    (size,) = bias.shape
    graph = GraphBuilder("poem")
    tokens = graph.input("tokens", INT64, ["batch", "time"])
    by_time = graph.node("Transpose", [tokens], "by_time", perm=[1, 0])
    embedding = graph.constant("embedding", random(size, HIDDEN))
    last = add_gru(graph, graph.node("Gather", [embedding, by_time], "x"), HIDDEN)
    top = graph.node("Squeeze", [last, graph.int64(0)], "top")
    zero = graph.constant("output_bias", bias)
    logits = graph.node("Gemm", [top, embedding, zero], "logits", transB=1)
    graph.output("logits", FLOAT, ["batch", size])
    add_sampler(graph, logits, size)
    return graph.model()


@pytest.fixture(scope="session")
def text_model(vocabulary: Vocabulary) -> onnx.ModelProto:
    return text_graph(random(len(vocabulary), seed=4))


@pytest.fixture
def make_text_file(tmp_path: Path) -> Callable[..., Path]:
    """Give a maker of files of a text that is no poem, of random weights."""

    def make(
        characters: str = "\n 0123456789abcdefghijklmnopqrstuvwxyzäé春",
        controls: tuple[str, ...] = (UNKNOWN, START, END),
        ending: float = -12.0,
        **part: object,
    ) -> Path:
        vocabulary = Vocabulary(controls, characters, characters)
        said = {**PART, "vocabulary": vocabulary.to_json(), **part}
        bias = random(len(vocabulary), seed=4)
        bias[[place for place, token in enumerate(controls) if token == END]] = ending
        path = tmp_path / f"own-{len(list(tmp_path.iterdir()))}.onnx"
        return save(text_graph(bias), replace(SPEC, part=said), path)

    return make


@pytest.fixture
def own_file(make_text_file: Callable[..., Path]) -> Path:
    """Give a text model whose tokens are characters."""
    return make_text_file()


@pytest.fixture
def byte_file(make_text_file: Callable[..., Path]) -> Path:
    """Give a text model whose tokens are bytes."""
    return make_text_file(BYTES, unit="byte")


@pytest.fixture(scope="session")
def text_spec(vocabulary: Vocabulary) -> ModelSpec:
    return replace(SPEC, part={**PART, "vocabulary": vocabulary.to_json()})


@pytest.fixture
def poem_file(text_model: onnx.ModelProto, text_spec: ModelSpec, tmp_path: Path) -> Path:
    return save(text_model, text_spec, tmp_path / "poem.onnx")


def digit_model(both: bool) -> onnx.ModelProto:
    graph = GraphBuilder("digits")
    rows = graph.input("rows", FLOAT, ["batch", "time", 28])
    last = add_gru(graph, graph.node("Transpose", [rows], "x", perm=[1, 0, 2]), 28, both)
    moved = graph.node("Transpose", [last], "moved", perm=[1, 0, 2])
    top = graph.node("Reshape", [moved, graph.int64(0, -1)], "top")
    weight = graph.constant("weight", random(10, HIDDEN * (2 if both else 1), seed=5))
    logits = graph.node("Gemm", [top, weight], "logits", transB=1)
    graph.node("Softmax", [logits], "probabilities", axis=1)
    graph.output("probabilities", FLOAT, ["batch", 10])
    return graph.model()


@pytest.fixture
def digits_file(tmp_path: Path) -> Path:
    spec = replace(SPEC, task="digits", defaults={}, weights_sha256="b" * 64)
    return save(digit_model(False), spec, tmp_path / "digits.onnx")


@pytest.fixture
def bilateral_file(tmp_path: Path) -> Path:
    spec = replace(SPEC, task="digits", defaults={}, streaming=False, states=())
    return save(digit_model(True), spec, tmp_path / "bilateral.onnx")


@pytest.fixture
def foreign(tmp_path: Path) -> Callable[..., Path]:
    """Give a maker of files without metadata: y = x + state, each state out = state in + x."""

    def make(*pairs: tuple[str, str]) -> Path:
        shape: list[str | int | None] = ["batch", 3]
        value = helper.make_tensor_value_info
        nodes = [helper.make_node("Add", ["x", a], [b]) for a, b in pairs]
        nodes.append(helper.make_node("Mul", ["x", "two"], ["y"]))
        graph = helper.make_graph(
            nodes,
            "foreign",
            [value("x", FLOAT, shape), *(value(a, FLOAT, shape) for a, _ in pairs)],
            [value("y", FLOAT, shape), *(value(b, FLOAT, shape) for _, b in pairs)],
            [numpy_helper.from_array(np.array(2, np.float32), "two")],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return save(model, None, tmp_path / "foreign.onnx")

    return make
