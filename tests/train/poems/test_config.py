"""A poem run's config."""

from dataclasses import replace

import pytest

from qibu.core.errors import InputError
from qibu_train.poems.config import PRESETS, PoemConfig


def test_a_cell_that_reads_both_ways_cannot_write_poems(poem_config: PoemConfig) -> None:
    with pytest.raises(InputError, match=r"forwards.*'bilstm'.*both ways"):
        replace(poem_config, cell="bilstm")


@pytest.mark.parametrize("name", ["song_share", "keep_form", "keep_author", "keep_title"])
def test_a_share_is_no_more_than_all(name: str, poem_config: PoemConfig) -> None:
    with pytest.raises(InputError, match=f"{name} must be 0..1, got 1.5"):
        PoemConfig.from_json({**poem_config.to_json(), name: 1.5})


def test_every_preset_is_of_its_cell() -> None:
    assert all(preset.cell == cell for cell, preset in PRESETS.items())
