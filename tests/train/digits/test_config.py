"""A digit run's config."""

from qibu_train.digits.config import PRESETS


def test_every_preset_is_of_its_cell() -> None:
    assert all(preset.cell == cell for cell, preset in PRESETS.items())
