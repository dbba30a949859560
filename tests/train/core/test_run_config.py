"""What a run's config checks, and how it goes through JSON."""

from dataclasses import replace

import pytest

from qibu.core.errors import InputError
from qibu_train.core.run_config import RunConfig


def test_a_config_comes_back_from_json_as_it_was(sum_config: RunConfig) -> None:
    assert type(sum_config).from_json(sum_config.to_json()) == sum_config


def test_a_config_names_its_task_in_json(sum_config: RunConfig) -> None:
    assert sum_config.to_json()["task"] == "sum"


@pytest.mark.parametrize("task", ["poem", None])
def test_a_config_of_another_task_is_an_error(task: str | None, sum_config: RunConfig) -> None:
    with pytest.raises(InputError, match=f"of task {task!r}, want 'sum'"):
        type(sum_config).from_json({**sum_config.to_json(), "task": task})


def test_an_unknown_field_is_an_error(sum_config: RunConfig) -> None:
    with pytest.raises(InputError, match=r"unknown fields.*beam_width"):
        type(sum_config).from_json({**sum_config.to_json(), "beam_width": 3})


def test_a_cell_outside_the_table_is_an_error(sum_config: RunConfig) -> None:
    with pytest.raises(InputError, match="cell must be one of rnn, gru, lstm, bilstm, got 'tree'"):
        replace(sum_config, cell="tree")
