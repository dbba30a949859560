"""Which nouns in a port's name are a state's, and which are the data's."""

from collections.abc import Sequence
from enum import IntEnum

# what a network keeps from one step to the next
ALWAYS = {"state", "cache", "buffer", "kv", "recurrent", "recurrence", "fifo"}
# … unless it is that of something else: a hidden image, the picture of a cell
STATE = ALWAYS | {
    *("hidden", "cell", "memory", "carry", "history", "feedback", "ola", "membrane"),
}
LETTERS = {"h", "c", "s"}
# a state's where others beside them are: keys, context, counters, parts of a layer
SUPPORTED = {
    *("key", "value", "k", "v", "context", "latent", "rnn", "lstm", "gru", "conv", "ssm", "z", "m"),
    *("g", "r", "attn", "attention", "processed", "left", "ema", "sum", "cum", "accum", "delay"),
    *("syn", "mem", "avg", "rng", "ring", "overlap", "tail", "queue"),
}
COUNTERS = {
    *("len", "count", "counter", "offset", "step", "idx", "index"),
}
# at the end of an input's name, beside states that are carried, these are carried too
CARRIED = STATE - {"state", "memory", "feedback", "history"}
PLACES = {"pos", "position"}
# parts of a network, which name states and data alike
PARTS = {"encoder", "decoder", "enc", "dec"}
# heads of a noun phrase that are never carried themselves: a state's mask, the cache's size
SETTINGS = {
    *("mask", "id", "valid", "flag", "branch", "shape", "size", "dim", "rate", "threshold"),
    *("info", "reset", "done", "type", "required", "sr", "strength", "temperature"),
}
DATA = {
    *("x", "xs", "y", "ys", "u", "xt", "yt", "ut"),
    *("input", "output", "in", "out", "data", "sample", "signal", "wave", "wav", "waveform", "pcm"),
    *("audio", "speech", "voice", "sound", "music", "mono", "stereo", "channel", "left", "right"),
    *("mid", "side", "mix", "mixture", "noisy", "clean", "noise", "enhanced", "enh", "denoised"),
    *("far", "near", "ref", "reference", "echo", "lpb", "mic", "microphone", "loopback"),
    *("image", "img", "picture", "photo", "frame", "video", "pixel", "rgb", "rgba", "yuv", "bgr"),
    *("depth", "flow", "mask", "alpha", "fgr", "pha", "src", "source", "tgt", "target", "dst"),
    *("mel", "logmel", "fbank", "mfcc", "spec", "spectrum", "spectrogram", "stft", "fft", "mag"),
    *(
        "magnitude",
        "phase",
        "real",
        "imag",
        "power",
        "band",
        "erb",
        "gain",
        "pitch",
        "f0",
        "feature",
    ),
    *("emb", "embed", "embedding", "vec", "vector", "dvec", "token", "id", "text", "word", "char"),
    *("label", "class", "logit", "prob", "probability", "score", "loss", "pred", "prediction"),
    *("obs", "observation", "action", "act", "reward", "done", "command", "goal", "sensor", "imu"),
    *("velocity", "speed", "angle", "torque", "force", "temperature", "price", "pose"),
    *("query", "mean", "var", "std", "mu", "sigma", "logvar", "timestep", "bias", "lr"),
    *("box", "bbox", "point", "keypoint", "landmark", "map", "heatmap", "light", "color", "len"),
    *("code", "codes", "patch", "graph", "node", "edge", "seq", "sequence", "chunk", "block"),
    *("window", "segment", "estimate", "est", "result", "response", "filter", "coef", "param"),
    *("lsnr", "snr", "vad", "padding", "pad", "prompt"),
}
# what a decoder is given of an encoder: the same at every step
CONSTANT = {"encoder", "enc", "cross"}
KEYS = {"key", "value", "k", "v", "kv"}


class Kind(IntEnum):
    """What two ports are to each other whose names agree."""

    DATA = 0
    DOUBT = 1  # data by its noun, state by its directions: only the caller knows
    UNKNOWN = 2  # a word that says nothing
    SUPPORTED = 3
    STATE = 4


def has_state_noun(words: Sequence[str], indices: Sequence[int] = ()) -> bool:
    """Say whether a name's words are those of a state, and their head no setting."""
    head = words[-1] if words else ""
    if head in SETTINGS or head in COUNTERS:
        return False
    if any(word in ALWAYS or (word in STATE and head not in DATA) for word in words):
        return True
    # a letter is a state's in h_enc and lstm_c, not in c_emb
    letters = LETTERS | ({"r"} if indices else set())
    return any(word in letters for word in words) and (head in letters or head not in DATA)


def is_data(words: Sequence[str]) -> bool:
    """Say whether a name's words are those of data; of none, they are: it is but `output`."""
    if not words:
        return True
    if any(word in STATE for word in words):
        return False
    if words[-1] == "len":  # x_lens, not processed_lens
        return len(words) == 1 or any(word in DATA for word in words[:-1])
    return words[-1] in DATA or words[-1] in SETTINGS


def kind_of(
    words: Sequence[str], indices: Sequence[int], before: frozenset[str], after: frozenset[str]
) -> Kind:
    """Say what a pair of names is.

    Args:
        words: what the two have in common.
        indices: likewise.
        before: the input's directions that speak of a step; after: the output's.
    """
    both = bool(before) and bool(after)
    if not words:
        if both and ("past" in before or "present" in after):
            return Kind.STATE
        return Kind.DOUBT if both else Kind.DATA
    if has_state_noun(words, indices):
        return Kind.STATE
    if words[-1] in PLACES and not any(word in STATE for word in words):
        return Kind.DOUBT  # of a robot, or how many steps there have been
    counts = words[-1] in COUNTERS and words[-1] != "len"
    # the length of a cache, its mask
    if counts or any(word in STATE or word in LETTERS for word in words):
        return Kind.SUPPORTED
    if is_data(words):
        return Kind.DOUBT if both else Kind.DATA
    if words[-1] == "len":
        return Kind.SUPPORTED
    if "past" in before and "present" in after:
        return Kind.STATE
    return Kind.SUPPORTED if all(word in SUPPORTED for word in words) else Kind.UNKNOWN
