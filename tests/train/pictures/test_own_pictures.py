"""`qibu train digits --from DIR` on a user's own pictures, from the files to the run."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from picture_sets import CLASSES, bright_parts, write_folders, write_idx_set
from PIL import Image

from qibu.cli.main import main
from qibu.core.errors import CheckpointError, InputError
from qibu.data.registry import DATASETS
from qibu_train.command import main as train
from qibu_train.core.checkpoint import BEST, Checkpoint
from qibu_train.pictures.augmentation import mirror, shift
from qibu_train.pictures.config import PRESETS, PictureConfig

TINY = ["hidden_size=16", "num_layers=1", "bfloat16=false", "batch_units=8", "dropout=0"]


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    folder = write_folders(tmp_path / "own")
    where = ["--from", str(folder), "--run", str(tmp_path / "run")]
    return ["digits", "--cell", "gru", *where, "--set", "epochs=12", *TINY]


def test_a_folder_of_pictures_is_learnt(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(arguments) == 0
    checkpoint = Checkpoint.load(tmp_path / "run")
    assert checkpoint.record["validation_accuracy"] == 1.0
    assert len(checkpoint.record["validation_accuracy_by_row"]) == 17
    assert checkpoint.extra.labels == CLASSES
    assert (checkpoint.extra.height, checkpoint.extra.width) == (17, 12)
    (digest,) = checkpoint.record["data"]["sha256"]
    assert checkpoint.record["data"]["names"] == ["own"] and len(digest) == 64
    told = "3 classes of pictures, 12x17; 48 to train, 6 to choose the weights, 6 to judge them"
    assert told in capsys.readouterr().err


def test_idx_files_with_the_names_of_mnist_s_are_learnt_too(tmp_path: Path) -> None:
    folder = write_idx_set(tmp_path / "clothes", end=".gz")
    where = ["--from", str(folder), "--run", str(tmp_path / "run"), "--labels", "a, b,c"]
    assert train(["digits", *where, "--set", "epochs=1", *TINY]) == 0
    checkpoint = Checkpoint.load(tmp_path / "run")
    assert isinstance(checkpoint.config, PictureConfig)
    assert checkpoint.extra.labels == ("a", "b", "c")


def test_a_folder_with_a_file_of_mnist_has_to_have_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_idx_set(tmp_path / "digits")
    name = "train-labels-idx1-ubyte"
    digests = dict(DATASETS["digits"].digests)
    digests[name] = DATASETS["digits"].digest_of(folder / name)
    monkeypatch.setitem(DATASETS["digits"].__dict__, "digests", digests)
    assert main(["train", "digits", "--from", str(folder), "--run", str(tmp_path / "run")]) == 2
    assert "has a wrong hash; get it anew with `qibu fetch digits`" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_run_is_gone_on_with_on_the_same_pictures_alone(
    arguments: list[str], tmp_path: Path
) -> None:
    train(arguments)
    train([*arguments, "--resume"])
    next((tmp_path / "own" / "left").iterdir()).unlink()
    with pytest.raises(CheckpointError, match="other data"):
        train([*arguments, "--resume"])


def test_pictures_of_mixed_sizes_are_scaled_where_that_is_said(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("L", (30, 30), 90).save(tmp_path / "own" / "left" / "odd.png")
    assert main(["train", *arguments]) == 2
    told = capsys.readouterr().err
    assert "12x17 (bottom" in told and "30x30 (left/odd.png)" in told
    assert "--set size=12x17" in told and not (tmp_path / "run").exists()
    assert main(["train", *arguments, "--size", "8x9"]) == 0
    pictures = Checkpoint.load(tmp_path / "run").extra
    assert (pictures.width, pictures.height) == (8, 9)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--labels", "a,b"], "2 labels are named, there are 3 classes"),
        (["--labels", "a,b,a"], "label 'a' stands 2 times"),
        (["--size", "large"], "size must be WIDTHxHEIGHT in pixels, as 28x28, got 'large'"),
        (["--size", "0x9"], "pictures must have 1..1024 pixels on a side, got 0x9"),
        (["--set", "shift=-1"], "shift must be 0 or above, got -1"),
        (["--set", "mirror=2"], "mirror must be 0..1, got 2"),
        (["--set", "augment=1"], "no setting 'augment'; there are"),
    ],
)
def test_a_mistake_ends_with_2_and_leaves_no_run(
    more: list[str],
    told: str,
    arguments: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["train", *arguments[: arguments.index("--set")], *more]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_labels_are_for_own_pictures_alone(digit_folder: Path, tmp_path: Path) -> None:
    where = ["--from", str(digit_folder), "--run", str(tmp_path / "run"), "--unchecked"]
    with pytest.raises(InputError, match="--labels is for task 'pictures', not 'digits'"):
        train(["digits", *where, "--labels", "a,b"])


def test_a_run_begins_with_the_recurrent_weights_of_another_model(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own")
    where = ["--from", str(folder), "--run", str(tmp_path / "run"), "--init", "digits"]
    settings = ["--set", "epochs=1", "learning_rate=1e-30", "average_decay=0", "size=28x17"]
    assert train(["digits", *where, *settings]) == 0
    checkpoint = Checkpoint.load(tmp_path / "run")
    assert checkpoint.weights["head.weight"].shape == (3, 128)
    assert checkpoint.weights["rnn.weight_ih_l0"].shape == (512, 28)
    with pytest.raises(InputError, match=r"reads rows of 28 pixels, these pictures have 12"):
        train(["digits", *where[:2], "--run", str(tmp_path / "other"), "--init", "digits"])


def test_a_mirror_turns_some_pictures_and_no_others() -> None:
    torch.manual_seed(0)
    pictures = torch.arange(12.0).view(1, 3, 4).repeat(200, 1, 1)
    turned = [picture.equal(pictures[0].flip(1)) for picture in mirror(pictures, 0.5)]
    same = [picture.equal(pictures[0]) for picture in mirror(pictures, 0.5)]
    assert 60 < sum(turned) < 140 and 60 < sum(same) < 140


def test_a_shift_moves_whole_pixels_and_repeats_the_edge() -> None:
    torch.manual_seed(0)
    picture = torch.rand(5, 4)
    moved = shift(picture.repeat(300, 1, 1), 2)
    padded = np.pad(picture.numpy(), 2, mode="edge")
    wanted = {padded[y : y + 5, x : x + 4].tobytes() for y in range(5) for x in range(5)}
    assert {one.numpy().tobytes() for one in moved} == wanted


def test_a_preset_changes_pictures_lightly_and_never_mirrors_them() -> None:
    config = PRESETS["lstm"]
    pictures = torch.from_numpy(bright_parts(60)[0] / np.float32(255))
    assert config.mirror == config.strokes == 0
    assert (config.changed(pictures) - pictures).abs().mean() < 0.2


def test_a_class_that_is_new_is_another_run(arguments: list[str], tmp_path: Path) -> None:
    train(arguments)
    shutil.copytree(tmp_path / "own" / "left", tmp_path / "own" / "new")
    with pytest.raises(CheckpointError, match="other data"):
        train([*arguments, "--resume"])
    assert (tmp_path / "run" / BEST).exists()
