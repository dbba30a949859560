"""The demo page. Needs gradio, not torch."""

try:
    import gradio  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "gradio":
        raise
    raise ModuleNotFoundError(
        "qibu_demo needs gradio: pip install 'qibu[demo]'", name="gradio"
    ) from error
