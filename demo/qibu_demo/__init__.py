"""The demo page. Needs gradio, not torch."""

from importlib.util import find_spec

if find_spec("gradio") is None:
    raise ModuleNotFoundError("qibu_demo needs gradio: pip install 'qibu[demo]'", name="gradio")
