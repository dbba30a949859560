/** The words in ports' names; made of Python's by tools/make_web_words.py. */

export const PLACE_IN = new Set(["i", "in", "inp", "input", "ins"]);
export const PLACE_OUT = new Set(["o", "out", "outp", "output", "outs", "r", "ret", "return", "returned", "y"]);
export const MOMENT_IN = new Set(["0", "before", "begin", "cur", "curr", "current", "from", "init", "initial", "last", "old", "past", "pre", "prev", "previous", "prior", "prv", "start", "t", "tminus"]);
export const MOMENT_OUT = new Set(["1", "after", "cur", "curr", "current", "end", "fin", "final", "last", "n", "new", "next", "nxt", "post", "present", "prime", "t", "to", "tplus", "upd", "update", "updated"]);
export const SHORT = new Set(["0", "1", "i", "n", "o", "r", "t", "y"]);
export const STEMS = ["hidden", "state", "cache", "buffer", "memory", "cell", "states"];
export const LETTERS_GLUED = "hcsr";
/** @type {Readonly<Record<string, string>>} */
export const PLURALS = {"memories": "memory", "mem": "memory", "mems": "memory", "buf": "buffer", "ctx": "context", "lens": "len", "length": "len", "lengths": "len", "val": "value", "hid": "hidden", "hist": "history", "ks": "k", "vs": "v", "hs": "h", "cs": "c", "pkv": "kv", "kvs": "kv", "cached": "cache", "feats": "feature", "feat": "feature", "rec": "recurrent"};
export const LAYERS = new Set(["activation", "add", "arg", "args", "batch", "cast", "concat", "concatenate", "conv", "conv1d", "conv2d", "dense", "dropout", "functional", "gather", "gemm", "getitem", "gru", "identity", "input", "inputs", "keras", "lambda", "layer", "linear", "lstm", "matmul", "mul", "multiply", "normalization", "op", "output", "outputs", "permute", "relu", "reshape", "rnn", "sigmoid", "slice", "softmax", "split", "squeeze", "stack", "strided", "sub", "tanh", "tensor", "tf", "transpose", "unsqueeze", "unstack", "val", "var"]);
export const ALWAYS = new Set(["buffer", "cache", "fifo", "kv", "recurrence", "recurrent", "state"]);
export const STATE = new Set(["buffer", "cache", "carry", "cell", "feedback", "fifo", "hidden", "history", "kv", "membrane", "memory", "ola", "recurrence", "recurrent", "state"]);
export const LETTERS = new Set(["c", "h", "s"]);
export const SUPPORTED = new Set(["accum", "attention", "attn", "avg", "context", "conv", "cum", "delay", "ema", "g", "gru", "k", "key", "latent", "left", "lstm", "m", "mem", "overlap", "processed", "queue", "r", "ring", "rng", "rnn", "ssm", "sum", "syn", "tail", "v", "value", "z"]);
export const COUNTERS = new Set(["count", "counter", "idx", "index", "len", "offset", "step"]);
export const CARRIED = new Set(["buffer", "cache", "carry", "cell", "fifo", "hidden", "kv", "membrane", "ola", "recurrence", "recurrent"]);
export const PLACES = new Set(["pos", "position"]);
export const PARTS = new Set(["dec", "decoder", "enc", "encoder"]);
export const SETTINGS = new Set(["branch", "dim", "done", "flag", "id", "info", "mask", "rate", "required", "reset", "shape", "size", "sr", "strength", "temperature", "threshold", "type", "valid"]);
export const DATA = new Set(["act", "action", "alpha", "angle", "audio", "band", "bbox", "bgr", "bias", "block", "box", "channel", "char", "chunk", "class", "clean", "code", "codes", "coef", "color", "command", "data", "denoised", "depth", "done", "dst", "dvec", "echo", "edge", "emb", "embed", "embedding", "enh", "enhanced", "erb", "est", "estimate", "f0", "far", "fbank", "feature", "fft", "fgr", "filter", "flow", "force", "frame", "gain", "goal", "graph", "heatmap", "id", "imag", "image", "img", "imu", "in", "input", "keypoint", "label", "landmark", "left", "len", "light", "logit", "logmel", "logvar", "loopback", "loss", "lpb", "lr", "lsnr", "mag", "magnitude", "map", "mask", "mean", "mel", "mfcc", "mic", "microphone", "mid", "mix", "mixture", "mono", "mu", "music", "near", "node", "noise", "noisy", "obs", "observation", "out", "output", "pad", "padding", "param", "patch", "pcm", "pha", "phase", "photo", "picture", "pitch", "pixel", "point", "pose", "power", "pred", "prediction", "price", "prob", "probability", "prompt", "query", "real", "ref", "reference", "response", "result", "reward", "rgb", "rgba", "right", "sample", "score", "segment", "sensor", "seq", "sequence", "side", "sigma", "signal", "snr", "sound", "source", "spec", "spectrogram", "spectrum", "speech", "speed", "src", "std", "stereo", "stft", "target", "temperature", "text", "tgt", "timestep", "token", "torque", "u", "ut", "vad", "var", "vec", "vector", "velocity", "video", "voice", "wav", "wave", "waveform", "window", "word", "x", "xs", "xt", "y", "ys", "yt", "yuv"]);
export const CONSTANT = new Set(["cross", "enc", "encoder"]);
export const KEYS = new Set(["k", "key", "kv", "v", "value"]);
export const HOLDERS = new Set(["cache", "gru", "kv", "lstm", "memory", "recurrent", "rnn", "state"]);
/** @type {Readonly<Record<string, string>>} */
export const SAME = {"h": "hidden", "c": "cell"};
export const ROTARY = new Set(["cos", "freq", "rotary", "sin"]);
export const PLAIN = new Set(["h", "hidden", "memory", "state"]);
export const CELLS = new Set(["c", "cell", "h", "hidden", "s", "state"]);
export const STEP_IN = new Set(["past", "prev", "previous"]);
export const STEP_OUT = new Set(["new", "next", "present", "updated"]);
export const BATCH = new Set(["agents", "b", "batch", "batches", "batchsize", "bs", "bsz", "env", "envs", "n", "nb", "nbatch", "rows", "stream", "streams"]);
export const TIME = new Set(["cache", "chunk", "context", "ctx", "duration", "frame", "frames", "history", "hop", "kv", "l", "len", "length", "lengths", "past", "position", "positions", "present", "s", "sample", "samples", "seq", "seqlen", "sequence", "sequences", "step", "steps", "t", "tcache", "time", "times", "timestep", "timesteps", "token", "tokens", "total", "window"]);
