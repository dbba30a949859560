"""What to do with a model that another command is for."""

from collections.abc import Mapping
from typing import Any

from qibu.core.errors import ModelFileError

COMMANDS: Mapping[str, str] = {  # by the name of an application
    "poem": "qibu poem --model {}",
    "text": "qibu text {}",
    "digits": "qibu digit --model {}",
}


def of_another_kind(model: Any, name: str) -> ModelFileError:
    """Give the error that says what a model is and which command takes it.

    Args:
        model: what `qibu.load` gave.
        name: as it was asked for.
    """
    application = getattr(model, "stepper", model).application
    what = "of no task that is known" if application is None else f"a {application.name} model"
    command = COMMANDS.get(application.name if application else "", "qibu inspect {}")
    return ModelFileError(f"{name} is {what}: use it with `{command.format(name)}`")
