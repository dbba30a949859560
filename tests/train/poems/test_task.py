"""Poems as examples, batches and a perplexity."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from qibu.core.errors import DataError
from qibu.text.vocabulary import END, UNKNOWN
from qibu.verse.forms import is_han
from qibu.verse.poem_corpus import Poem, read_poems
from qibu.verse.prompt import POEM, TITLE, author_token, dynasty_token, encode_prompt
from qibu_train.core.recurrent import CELLS
from qibu_train.poems.config import PoemConfig
from qibu_train.poems.task import Example, PoemTask, build_vocabulary
from qibu_train.text.loss import IGNORED
from qibu_train.text.network import TextNetwork

ONE_WAY = [cell for cell, kind in CELLS.items() if not kind.bidirectional]


@pytest.fixture
def task(poem_config: PoemConfig, poem_folder: Path) -> PoemTask:
    return PoemTask(poem_config, poem_folder)


def text_of(task: PoemTask, example: Example) -> str:
    return task.vocabulary.decode(example.tokens[example.prompt :])


@torch.no_grad()
@pytest.mark.parametrize("cell", ONE_WAY)
def test_padding_has_no_influence_on_the_loss(cell: str, task: PoemTask) -> None:
    network = TextNetwork(cell, len(task.vocabulary), 8, 1).eval()
    examples = sorted((e for batch in task.plan(0) for e in batch), key=lambda e: len(e.tokens))
    short, long = examples[0], examples[-1]
    assert len(long.tokens) > len(short.tokens) + 10
    apart = sum(task.loss(network, *task.collate([one])).item() for one in (short, long))
    together = task.loss(network, *task.collate([short, long])).item()
    assert together == pytest.approx(apart, rel=1e-6)  # the same terms in another order


def test_the_prompt_is_not_predicted(task: PoemTask) -> None:
    example = Example(tokens=[9, 8, 7, 1, 2, 3], prompt=3)
    tokens, targets = task.collate([example])
    assert tokens.tolist() == [[9, 8, 7, 1, 2]]
    assert targets.tolist() == [[IGNORED, IGNORED, 1, 2, 3]]


def test_the_count_of_a_batch_is_that_of_its_targets(task: PoemTask) -> None:
    for batch in task.plan(0):
        _, targets = task.collate(batch)
        assert task.count(batch) == int((targets != IGNORED).sum())


def test_the_same_epoch_has_the_same_plan(
    poem_config: PoemConfig, poem_folder: Path, task: PoemTask
) -> None:
    assert task.plan(1) == PoemTask(poem_config, poem_folder).plan(1)


def test_another_epoch_has_another_plan(task: PoemTask) -> None:
    assert task.plan(1) != task.plan(2)


def test_another_seed_has_another_plan(
    poem_config: PoemConfig, poem_folder: Path, task: PoemTask
) -> None:
    assert PoemTask(replace(poem_config, seed=1), poem_folder).plan(1) != task.plan(1)


@pytest.mark.parametrize("world_size", [1, 2])
def test_a_batch_with_its_padding_fits_the_units_of_all_processes(
    world_size: int, task: PoemTask
) -> None:
    for batch in task.plan(0, world_size):
        padded = len(batch) * max(len(example.tokens) for example in batch)
        assert padded <= task.config.batch_units * world_size


def test_two_processes_share_batches_of_twice_the_units(
    poem_config: PoemConfig, poem_folder: Path, task: PoemTask
) -> None:
    doubled = PoemTask(replace(poem_config, batch_units=2 * poem_config.batch_units), poem_folder)
    assert task.plan(1, world_size=2) == doubled.plan(1)


def test_a_process_without_a_share_of_a_batch_adds_nothing(task: PoemTask) -> None:
    # a batch can hold fewer poems than there are processes: a long poem fills one alone
    network = TextNetwork("lstm", len(task.vocabulary), 8, 1)
    loss = task.loss(network, *task.collate([]))
    assert loss.item() == 0
    gradients = torch.autograd.grad(loss, list(network.parameters()))
    assert not any(gradient.any() for gradient in gradients)


def test_a_fresh_network_expects_tokens_as_often_as_the_training_poems_have_them(
    task: PoemTask, poem_folder: Path
) -> None:
    network = TextNetwork("lstm", len(task.vocabulary), 8, 1)
    task.prepare(network)
    poems = [p for p in read_poems(poem_folder) if p.split == "train"]
    text = "".join(p.text for p in poems)
    expected = network.bias.softmax(0)
    share = len(task.vocabulary) + len(text) + len(poems)  # each token counts once more
    for token in "山，。":
        wanted = (text.count(token) + 1) / share
        assert expected[task.vocabulary.id(token)].item() == pytest.approx(wanted, rel=1e-5)
    wanted = (len(poems) + 1) / share
    assert expected[task.vocabulary.id(END)].item() == pytest.approx(wanted, rel=1e-5)


def test_an_epoch_holds_every_training_poem_once(task: PoemTask, poem_folder: Path) -> None:
    texts = sorted(text_of(task, example) for batch in task.plan(1) for example in batch)
    assert texts == sorted(p.text for p in read_poems(poem_folder) if p.split == "train")


def test_the_first_epochs_hold_the_song_poems_as_well(task: PoemTask, poem_folder: Path) -> None:
    texts = sorted(text_of(task, example) for batch in task.plan(0) for example in batch)
    poems = read_poems(poem_folder, song=True)
    assert texts == sorted(p.text for p in poems if p.split == "train")


def test_each_song_epoch_reads_another_share_of_the_song_poems(
    poem_config: PoemConfig, poem_folder: Path
) -> None:
    task = PoemTask(replace(poem_config, song_epochs=3, song_share=0.4), poem_folder)
    tang = {text_of(task, example) for batch in task.plan(3) for example in batch}
    read = [
        {text_of(task, example) for batch in task.plan(epoch) for example in batch} - tang
        for epoch in range(3)
    ]
    poems = read_poems(poem_folder, song=True)
    song = {p.text for p in poems if p.dynasty == "song" and p.split == "train"}
    assert [len(part) for part in read] == [round(0.4 * len(song))] * 3
    assert not read[0] & read[1]
    assert read[0] | read[1] | read[2] == song


def test_a_song_poem_says_that_it_is_one(task: PoemTask, poem_folder: Path) -> None:
    token = task.vocabulary.id(dynasty_token("song"))
    said = {
        text_of(task, example): token in example.tokens[: example.prompt]
        for batch in task.plan(0)
        for example in batch
    }
    poems = [p for p in read_poems(poem_folder, song=True) if p.split == "train"]
    assert said == {poem.text: poem.dynasty == "song" for poem in poems}


def test_label_smoothing_counts_in_training_only(
    poem_config: PoemConfig, poem_folder: Path
) -> None:
    plain = PoemTask(poem_config, poem_folder)
    smooth = PoemTask(replace(poem_config, label_smoothing=0.2), poem_folder)
    network = TextNetwork("gru", len(plain.vocabulary), 8, 1)
    tensors = plain.collate(plain.plan(0)[0])
    assert smooth.loss(network, *tensors).item() != plain.loss(network, *tensors).item()
    network.eval()
    assert smooth.loss(network, *tensors).item() == plain.loss(network, *tensors).item()


def test_a_poem_that_is_cut_has_no_end(poem_config: PoemConfig, poem_folder: Path) -> None:
    task = PoemTask(replace(poem_config, max_characters=24), poem_folder)
    end = task.vocabulary.id(END)
    whole = {p.text: len(p.text) <= 24 for p in read_poems(poem_folder)}
    examples = [example for batch in task.plan(1) for example in batch]
    ended = [example.tokens[-1] == end for example in examples]
    assert any(ended) and not all(ended)
    for example, has_end in zip(examples, ended, strict=True):
        text = text_of(task, example)
        assert len(text) <= 24
        assert has_end == whole.get(text, False)


@pytest.mark.parametrize("kept", [0.0, 1.0])
def test_controls_are_kept_as_often_as_the_config_says(
    kept: float, poem_config: PoemConfig, poem_folder: Path
) -> None:
    config = replace(poem_config, keep_form=kept, keep_author=kept, keep_title=kept, authors=3)
    task = PoemTask(config, poem_folder)
    controls = [
        tuple(map(task.vocabulary.token, example.tokens[: example.prompt]))
        for batch in task.plan(1)
        for example in batch
    ]
    if kept:
        assert all(c[0].startswith("<form:") for c in controls)
        assert all(c[1].startswith("<author:") and c[2] == TITLE for c in controls)
        assert all(c[-1] == POEM for c in controls)
    else:
        assert set(controls) == {(POEM,)}


def test_an_example_begins_with_the_prompt_that_a_poet_gives_for_the_poem(
    poem_config: PoemConfig, poem_folder: Path
) -> None:
    config = replace(poem_config, keep_form=1.0, keep_author=1.0, keep_title=1.0, authors=2)
    task = PoemTask(config, poem_folder)
    vocabulary, poems = task.vocabulary, {p.text: p for p in read_poems(poem_folder)}
    for example in (example for batch in task.plan(1) for example in batch):
        poem = poems[text_of(task, example)]
        author = poem.author if author_token(poem.author) in vocabulary else None
        prompt = encode_prompt(vocabulary, poem.form.control, author, poem.title, "replace")
        assert example.tokens[: example.prompt] == prompt


def test_a_rare_character_is_unknown(poem_config: PoemConfig) -> None:
    poem = Poem("李白", "山", "山山月", "train")
    vocabulary = build_vocabulary([poem], replace(poem_config, min_count=2))
    assert vocabulary.characters == "山"
    assert vocabulary.encode("山月", "replace") == [vocabulary.id("山"), vocabulary.id(UNKNOWN)]


def test_the_anonymous_have_no_author_token(poem_config: PoemConfig) -> None:
    poems = [Poem(author, "山", "山月", "train") for author in ("不詳", "無名氏", "李白")]
    controls = build_vocabulary(poems, replace(poem_config, authors=3)).controls
    assert [c for c in controls if c.startswith("<author:")] == ["<author:李白>"]


@torch.no_grad()
def test_a_network_that_knows_nothing_is_as_perplexed_as_the_vocabulary_is_large(
    task: PoemTask,
) -> None:
    network = TextNetwork("gru", len(task.vocabulary), 8, 1).eval()
    network.embedding.weight.zero_()
    figures = task.validate(network)
    assert figures["perplexity"] == pytest.approx(len(task.vocabulary), rel=1e-5)


@torch.no_grad()
def test_the_perplexity_counts_the_han_characters_of_validation_poems(
    task: PoemTask, poem_folder: Path
) -> None:
    network = TextNetwork("gru", len(task.vocabulary), 8, 1).eval()
    texts = [p.text for p in read_poems(poem_folder) if p.split == "validation"]
    assert len(texts) > 1
    assert task.validate(network)["characters"] == sum(map(is_han, "".join(texts)))


def test_a_corpus_without_validation_poems_is_an_error(
    poem_config: PoemConfig, tmp_path: Path
) -> None:
    poem = '[{"author": "李白", "title": "山", "paragraphs": ["山月照松風。"]}]'
    (tmp_path / "poet.tang.0.json").write_text(poem, "utf-8")
    with pytest.raises(DataError, match="too few poems"):
        PoemTask(replace(poem_config, song_epochs=0), tmp_path)
