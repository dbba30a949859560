"""A user's own pictures: read from IDX files and folders, parted by hash, refused where odd."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from picture_sets import CLASSES, bright_parts, write_folders, write_idx, write_idx_set
from PIL import Image

from qibu import QibuError
from qibu.pictures.class_folders import find_classes
from qibu.pictures.labels import read_labels
from qibu.pictures.picture_set import PictureSet, read_picture_set
from qibu.pictures.picture_split import TEST, TRAIN, VALIDATION


def counts(found: PictureSet) -> list[int]:
    return [len(found.places(part)) for part in (TRAIN, VALIDATION, TEST)]


@pytest.mark.parametrize("end", ["", ".gz"])
def test_idx_files_come_with_their_own_test_pictures(end: str, tmp_path: Path) -> None:
    found = read_picture_set(write_idx_set(tmp_path, end=end))
    pictures, labels = bright_parts(60)
    others, _ = bright_parts(30, 1)
    assert np.array_equal(found.pictures[:60], pictures)
    assert np.array_equal(found.labels[:60], labels)
    assert np.array_equal(found.pictures[found.places(TEST)], others)
    assert (found.names, counts(found)) == (("0", "1", "2"), [54, 6, 30])
    assert (found.format.height, found.format.width) == (17, 12)
    assert found.format.preparation == "scale"


def test_without_test_pictures_some_are_held_out(tmp_path: Path) -> None:
    assert counts(read_picture_set(write_idx_set(tmp_path, test=False))) == [48, 6, 6]


def test_emnist_s_letters_are_put_upright_and_begin_at_1(tmp_path: Path) -> None:
    write_idx_set(tmp_path, name="emnist-letters-", first=1, end=".gz")
    found = read_picture_set(tmp_path)
    pictures, labels = bright_parts(60)
    assert np.array_equal(found.pictures[:60], pictures)
    assert np.array_equal(found.labels[:60], labels)
    assert found.names == ("1", "2", "3")
    (tmp_path / "emnist-letters-mapping.txt").write_text("1 65 97\n2 66 98\n3 67 99\n", "utf-8")
    assert read_picture_set(tmp_path).names == ("A", "B", "C")
    assert read_picture_set(tmp_path, names=("x", "y", "z")).names == ("x", "y", "z")


def test_of_several_sets_in_a_folder_one_is_named(tmp_path: Path) -> None:
    for name in ("emnist-letters-", "emnist-digits-"):
        write_idx_set(tmp_path, name=name, first=int("letters" in name))
    with pytest.raises(QibuError, match=r"2 sets: 'emnist-digits', 'emnist-letters'.*--from"):
        read_picture_set(tmp_path)
    assert read_picture_set(tmp_path / "emnist-letters").names == ("1", "2", "3")


@pytest.mark.parametrize("kind", ["png", "jpg"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_folder_has_a_class_in_each_subfolder(kind: str, mode: str, tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", kind=kind, mode=mode)
    (folder / ".git").mkdir()
    (folder / "__MACOSX").mkdir()
    (folder / "bottom" / "Thumbs.db").write_bytes(b"no picture")
    found = read_picture_set(folder)
    assert found.names == CLASSES
    assert counts(found) == [48, 6, 6]
    pictures, labels = bright_parts(60)
    of_class = np.concatenate([pictures[labels == label] for label in range(3)])
    off = np.abs(found.pictures.astype(int) - of_class)
    assert off.max() <= (0 if kind == "png" else 40) and off.mean() < 9


def test_numbers_are_ordered_by_their_value(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", names=("2", "10", "1"))
    assert read_picture_set(folder).names == ("1", "2", "10")


def test_pictures_come_in_the_order_of_their_names_on_every_system(tmp_path: Path) -> None:
    for name in ("b", "B", "a"):
        (tmp_path / "one").mkdir(exist_ok=True)
        (tmp_path / "one" / f"{name}-{name.isupper()}.png").write_bytes(b"")
    (found,) = find_classes(tmp_path)
    assert [path.name[0] for path in found.files] == ["B", "a", "b"]


def test_each_class_has_its_share_of_every_part(tmp_path: Path) -> None:
    found = read_picture_set(write_folders(tmp_path / "own", 31))
    for part in (TRAIN, VALIDATION, TEST):
        assert set(found.labels[found.places(part)]) == {0, 1, 2}


def test_the_split_follows_what_the_files_hold_not_their_names(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own")
    before = read_picture_set(folder)
    held = {picture.tobytes() for picture in before.pictures[before.places(TEST)]}
    for path in folder.rglob("*.png"):
        path.rename(path.with_name(f"{int(path.stem) * 7 % 60:02d}-{path.name}"))
    after = read_picture_set(folder)
    assert {picture.tobytes() for picture in after.pictures[after.places(TEST)]} == held
    assert after.digest == before.digest


def test_a_copy_of_a_test_picture_is_not_trained_on(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own")
    for path in list(folder.rglob("*.png")):
        shutil.copyfile(path, path.with_name(f"copy of {path.name}"))
    found = read_picture_set(folder)
    parts = [
        {picture.tobytes() for picture in found.pictures[found.places(part)]}
        for part in (TRAIN, VALIDATION, TEST)
    ]
    assert not parts[0] & (parts[1] | parts[2]) and not parts[1] & parts[2]
    assert counts(found) == [96, 12, 12]


def test_another_picture_makes_another_digest(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own")
    before = read_picture_set(folder).digest
    next((folder / "left").iterdir()).unlink()
    assert read_picture_set(folder).digest != before


def test_pictures_of_all_sizes_are_scaled_to_one(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own")
    for path in (folder / "left").iterdir():
        with Image.open(path) as picture:
            wide = picture.resize((24, 34))
        wide.save(path)
    found = read_picture_set(folder, (17, 12))
    assert found.pictures.shape == (60, 17, 12)
    assert found.pictures[found.labels == 1][:, :, :6].mean() > 130


def test_the_border_s_grey_is_the_background(tmp_path: Path) -> None:
    pictures = np.full((6, 9, 9), 255, np.uint8)
    pictures[:, 3:6, 3:6] = np.arange(6)[:, None, None]
    write_idx(tmp_path / "train-images-idx3-ubyte", pictures)
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.arange(6) % 2)
    assert read_picture_set(tmp_path).format.background == 1.0


def test_labels_name_folders_or_put_them_in_order(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own")
    assert read_picture_set(folder, names=("b", "l", "t")).names == ("b", "l", "t")
    turned = read_picture_set(folder, names=CLASSES[::-1])
    assert turned.names == CLASSES[::-1]
    assert turned.pictures[turned.labels == 0][:, :8].mean() > 130  # the first is the top now


def test_labels_are_read_from_a_file_or_with_commas_between(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("Ankle boot\nshirt, red\n鞋\n\n", "utf-8")
    assert read_labels(str(path)) == ("Ankle boot", "shirt, red", "鞋")
    assert read_labels("a, b,c") == ("a", "b", "c")


Spoil = Callable[[Path], object]


def cut(name: str, size: int) -> Spoil:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:size])


def replaced(name: str, start: bytes) -> Spoil:
    def spoil(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(start + data[len(start) :])

    return spoil


def relabelled(place: int, label: int, part: str = "train") -> Spoil:
    def spoil(folder: Path) -> None:
        labels = bright_parts(60 if part == "train" else 30)[1]
        labels[place] = label
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels)

    return spoil


IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (cut(IMAGES, 3000), f"{IMAGES} is cut short: 3,000 bytes, its header says 60 x 17 x 12"),
        (cut(IMAGES, 9), f"{IMAGES} is cut short: 9 bytes"),
        (cut(IMAGES, 0), f"{IMAGES} is not an IDX file of 3 dimensions: it begins with nothing"),
        (replaced(IMAGES, b"\0\0\x0d\3"), "begins with 00 00 0d 03, wanted 00 00 08 03"),
        (replaced(IMAGES, b"\0\0\x08\3\xff\xff\xff\xff"), "header says 4294967295 x 17 x 12"),
        (replaced(IMAGES, b"\x1f\x8b\x08\0"), f"{IMAGES} is damaged"),
        (
            lambda folder: write_idx(folder / LABELS, np.zeros(59)),
            f"{IMAGES} has 60 pictures, {LABELS} 59 labels; one each is wanted",
        ),
        (lambda folder: (folder / LABELS).unlink(), f"lacks {LABELS} (or .gz) beside"),
        (lambda folder: write_idx(folder / LABELS, np.ones(60)), f"{LABELS} has one class, 1"),
        (relabelled(0, 4), "class '3' has no pictures, at least 2 are wanted"),
        (relabelled(0, 3), "class '3' has one picture, at least 2 are wanted"),
        (relabelled(4, 3, "t10k"), "t10k-labels-idx1-ubyte has label 3, outside 0..2"),
        (
            lambda folder: write_idx(folder / "t10k-images-idx3-ubyte", np.zeros((30, 12, 17))),
            "t10k-images-idx3-ubyte has pictures of 17x12, train-images-idx3-ubyte of 12x17",
        ),
        (
            lambda folder: write_idx(folder / IMAGES, np.zeros((60, 0, 12))),
            f"{IMAGES} has no pictures",
        ),
    ],
)
def test_idx_files_that_are_odd_are_named(spoil: Spoil, told: str, tmp_path: Path) -> None:
    spoil(write_idx_set(tmp_path))
    with pytest.raises(QibuError, match=re.escape(told)):
        read_picture_set(tmp_path)


def test_fewer_labels_than_classes_are_refused(tmp_path: Path) -> None:
    told = "2 labels are named, .* has label 2, outside 0..1; name every class with --labels"
    with pytest.raises(QibuError, match=told):
        read_picture_set(write_idx_set(tmp_path / "idx"), names=("a", "b"))
    with pytest.raises(QibuError, match="2 labels are named, there are 3 classes: bottom, left"):
        read_picture_set(write_folders(tmp_path / "own"), names=("a", "b"))


def resized(folder: Path) -> None:
    Image.new("L", (13, 17)).save(folder / "left" / "odd.png")


def crowded(folder: Path) -> None:
    for path in (folder / "left").iterdir():
        path.rename(folder / "bottom" / f"l{path.name}")
    Image.new("L", (12, 17)).save(folder / "left" / "only.png")


def emptied(folder: Path) -> None:
    for path in (folder / "left").iterdir():
        path.unlink()


def nested(folder: Path) -> None:
    emptied(folder)
    (folder / "left" / "deeper").mkdir()


def bared(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def alone(folder: Path) -> None:
    for name in CLASSES[1:]:
        shutil.rmtree(folder / name)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (resized, r"pictures of 2 sizes, such as 12x17 (bottom"),
        (resized, "have them scaled to one: --set size=12x17"),
        (crowded, "class 'left' has one picture, at least 3 are wanted: one to train, one to"),
        (emptied, "left holds no picture that ends in .png, .jpg, .jpeg"),
        (nested, "left holds folders, no pictures: if 'deeper' is a class, give --from"),
        (alone, "has one class, 'bottom'; at least 2 are wanted"),
        (
            lambda folder: (folder / "left" / "a.png").write_text("no", "utf-8"),
            "a.png: not a picture",
        ),
        (lambda folder: cut("left/001.png", 60)(folder), "001.png: the PNG is cut short"),
        (bared, "holds no pictures: wanted are"),
        (shutil.rmtree, "is missing; --from wants a folder of pictures"),
    ],
)
def test_folders_that_are_odd_are_named(spoil: Spoil, told: str, tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own")
    spoil(folder)
    with pytest.raises(QibuError, match=re.escape(told)):
        read_picture_set(folder)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("a,b,a", "label 'a' stands 2 times: at 1, 3"),
        ("a,,b", "label 2 must have 1..256 characters, got ''"),
        ("a," + "b" * 257, "label 2 must have 1..256 characters"),
        ("nowhere.txt", "there is no file 'nowhere.txt'"),
    ],
)
def test_labels_that_do_not_do_are_refused(given: str, told: str) -> None:
    with pytest.raises(QibuError, match=re.escape(told)):
        read_labels(given)


def test_a_file_of_labels_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_bytes("chaussure\nété".encode("latin-1"))
    with pytest.raises(QibuError, match=r"labels\.txt isn't UTF-8"):
        read_labels(str(tmp_path / "labels.txt"))
