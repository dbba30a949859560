"""The poem task: examples, batches, loss and validation."""

import math
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from qibu.core.errors import DataError
from qibu.text.vocabulary import END, UNKNOWN, Vocabulary
from qibu.verse.forms import MODEL_FORMS, is_han
from qibu.verse.poem_corpus import Poem, is_measured, read_poems
from qibu.verse.prompt import (
    BASE_CONTROLS,
    PromptPart,
    author_token,
    dynasty_token,
    form_token,
    prompt_of,
)

from ..core.task import zero_loss
from ..text.loss import IGNORED, summed_loss
from ..text.network import TextNetwork
from .config import PoemConfig

ANONYMOUS = ("不詳", "無名氏", "佚名")


class Example(NamedTuple):
    """A poem as tokens, the first `prompt` of which are given and not predicted."""

    tokens: list[int]
    prompt: int


def build_vocabulary(poems: Sequence[Poem], config: PoemConfig) -> Vocabulary:
    """Collect controls and characters from training poems; twins are set at export."""
    counts = Counter(character for poem in poems for character in poem.text)
    authors = Counter(poem.author for poem in poems if poem.author not in ANONYMOUS)
    characters = "".join(c for c, n in counts.most_common() if n >= config.min_count)
    controls = (
        *BASE_CONTROLS,
        *([dynasty_token("song")] if config.song_epochs else []),
        *(form_token(form) for form in MODEL_FORMS),
        *(author_token(author) for author, _ in authors.most_common(config.authors)),
    )
    return Vocabulary(controls, characters, characters)


class PoemTask:
    """Tang poems, in the first `song_epochs` a share of the Song poems as well; whole ones."""

    def __init__(self, config: PoemConfig, folder: Path) -> None:
        poems = list(read_poems(folder, song=config.song_epochs > 0))
        self.config = config
        whole = [p for p in poems if p.split == "train" and p.is_whole]
        self._song = [p for p in whole if p.dynasty == "song"]
        self._tang = [p for p in whole if p.dynasty == "tang"]
        validation = [p for p in poems if p.split == "validation" and p.dynasty == "tang"]
        self._validation = [p for p in validation if is_measured(p)]
        if not self._tang or not self._validation:
            raise DataError(f"{folder} has too few poems to train on: {len(poems)} clean ones")
        self.vocabulary = build_vocabulary(self._tang, config)

    @property
    def extra(self) -> Vocabulary:
        """The tokens that the network is built for."""
        return self.vocabulary

    def prepare(self, network: nn.Module) -> None:
        """Start the output bias at the log of each token's frequency in the training poems.

        Else the first steps go into learning which characters are common. A token that is never
        predicted counts as one that was seen once.
        """
        counts = torch.ones(len(self.vocabulary))
        texts = "".join(poem.text for poem in self._tang)
        tokens = torch.tensor(self.vocabulary.encode(texts, "replace"))
        counts += torch.bincount(tokens, minlength=len(counts))
        counts[self.vocabulary.id(END)] += len(self._tang)
        with torch.no_grad():
            bias = counts.log()
            cast(TextNetwork, network).bias.copy_(bias - bias.mean())

    def _poems(self, epoch: int) -> list[Poem]:
        return self._tang + (self._song_part(epoch) if epoch < self.config.song_epochs else [])

    def _song_part(self, epoch: int) -> list[Poem]:
        """Give an epoch's share of the Song poems: of one shuffled round, the next part."""
        if self.config.song_share == 1:
            return self._song
        order = np.random.default_rng(self.config.seed).permutation(len(self._song))
        size = round(self.config.song_share * len(order))
        part = np.roll(order, -epoch * size)[:size]
        return [self._song[index] for index in part]

    def epoch_units(self, epoch: int) -> int:
        """Count the characters of an epoch, by which the learning rate advances."""
        return sum(min(len(poem.text), self.config.max_characters) for poem in self._poems(epoch))

    def _example(self, poem: Poem, random: np.random.Generator) -> Example:
        config = self.config
        shares: tuple[tuple[PromptPart, float], ...] = (
            ("form", config.keep_form),
            ("author", config.keep_author),
            ("title", config.keep_title),
        )
        chances = random.random(len(shares))
        kept = [part for (part, share), x in zip(shares, chances, strict=True) if x < share]
        prompt = prompt_of(self.vocabulary, poem, kept)
        text = self.vocabulary.encode(poem.text[: config.max_characters], "replace")
        if len(poem.text) <= config.max_characters:
            text.append(self.vocabulary.id(END))
        return Example(prompt + text, len(prompt))

    def plan(self, epoch: int, world_size: int = 1) -> list[list[Example]]:
        """Give an epoch's batches: poems of similar length, `batch_units` tokens a process.

        The plan depends on the seed and the epoch only, so a resumed run sees the same batches.
        """
        random = np.random.default_rng((self.config.seed, epoch))
        examples = [self._example(poem, random) for poem in self._poems(epoch)]
        lengths = np.array([len(example.tokens) for example in examples])
        # noise on the length mixes neighbours anew in each epoch
        order = np.argsort(lengths + random.uniform(0, 4, len(lengths)), kind="stable")
        plan: list[list[Example]] = [[]]
        longest = 0
        for index in order:
            longest = max(longest, int(lengths[index]))
            if plan[-1] and (len(plan[-1]) + 1) * longest > self.config.batch_units * world_size:
                plan.append([])
                longest = int(lengths[index])
            plan[-1].append(examples[index])
        return [plan[i] for i in random.permutation(len(plan))]

    def count(self, examples: Sequence[Example]) -> int:
        """Count what a batch predicts: characters and the end."""
        return sum(len(example.tokens) - example.prompt for example in examples)

    def collate(self, examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
        """Pad examples to one length: tokens and targets, both (batch, time) int64."""
        longest = max((len(example.tokens) for example in examples), default=1)
        tokens = np.zeros((len(examples), longest - 1), np.int64)
        targets = np.full_like(tokens, IGNORED)
        for row, example in enumerate(examples):
            length = len(example.tokens) - 1
            tokens[row, :length] = example.tokens[:-1]
            targets[row, example.prompt - 1 : length] = example.tokens[example.prompt :]
        return torch.from_numpy(tokens), torch.from_numpy(targets)

    def loss(self, network: nn.Module, tokens: Tensor, targets: Tensor) -> Tensor:
        """Sum the cross-entropy, in nats, over all targets but the ignored."""
        if not len(tokens):  # fewer poems in the batch than processes
            return zero_loss(network)
        poet = cast(TextNetwork, network)
        features, _ = poet.features(tokens)
        smoothing = self.config.label_smoothing if network.training else 0.0
        return summed_loss(poet, features, targets, smoothing)

    def validate(self, network: nn.Module) -> dict[str, float]:
        """Give the perplexity per Han character of the validation poems, the form given."""
        device = next(network.parameters()).device
        poems = sorted(self._validation, key=lambda poem: len(poem.text))
        total, count = 0.0, 0
        for start in range(0, len(poems), 64):
            tokens, targets = self.collate(
                [self._measured(poem) for poem in poems[start : start + 64]]
            )
            han = torch.from_numpy(self._han)[targets.clamp(min=0)]
            targets = targets.masked_fill(~han, IGNORED)
            total += self.loss(network, tokens.to(device), targets.to(device)).item()
            count += int((targets != IGNORED).sum())
        return {"perplexity": math.exp(total / count), "characters": count}

    def _measured(self, poem: Poem) -> Example:
        prompt = prompt_of(self.vocabulary, poem, ["form"])
        text = self.vocabulary.encode(poem.text, "replace")
        return Example([*prompt, *text], len(prompt))

    @cached_property
    def _han(self) -> NDArray[np.bool_]:
        """Say of each token whether the measure counts it; the few unknown ones are all Han."""
        tokens = (self.vocabulary.token(number) for number in range(len(self.vocabulary)))
        return np.array([token == UNKNOWN or is_han(token) for token in tokens])
