"""The first format of a model file's document, read for good."""

from typing import Any

from .errors import ModelFileError


def upgrade_format_1(document: dict[str, Any]) -> dict[str, Any]:
    """Give a document of format 1 as one of format 2.

    There every state was (layers, batch, hidden) with the batch free, and what belongs to the task
    stood beside the rest.
    """
    try:
        task = document["task"]
        part = {
            name: document[name]
            for name in ("cell", "num_layers", "hidden_size", "vocabulary", "preprocessing")
            if document.get(name)
        }
        states = [
            {"dtype": "float32", **pair, "batch_axis": pair["shape"].index(None)}
            for pair in document["states"]
        ]
        return {**document, "format_version": 2, "states": states, task: part}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFileError(
            f"'qibu' metadata lacks or misnames a field: {error}; "
            "make the file anew with `qibu export`"
        ) from error
