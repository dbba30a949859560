"""The task of a text: what is read and held out, batches, loss and validation."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from qibu.core.errors import DataError, InputError
from qibu.text.vocabulary import UNKNOWN, Vocabulary

from ..core.initial_weights import StoredWeights
from ..core.task import Carried, zero_loss
from ..text.initial_weights import stored_vocabulary
from ..text.loss import IGNORED, summed_loss
from ..text.network import TextNetwork
from .compressors import compressed_bits
from .config import TextConfig, settle
from .corpus import BYTES, read_bytes, read_characters
from .survey import WANTED, Survey, survey
from .windows import Batch, batches, cut_walks, longest_walk, whole_walks

# a character that occurs less often on average is learnt better from its bytes, if there are many
RARE, MANY = 50, 256
MEASURED_ROWS, MEASURED_WINDOW = 64, 128  # of a batch that is validated


class TextTask:
    """A text of one's own; `config` is the run's, with what the text decides filled in.

    Args:
        config: the run's.
        source: a file of UTF-8 text, or a folder of such files.
        init: a model whose characters are in the vocabulary as well.

    Raises:
        DataError: the text can't be read, or there is too little to learn from.
    """

    def __init__(self, config: TextConfig, source: Path, init: StoredWeights | None = None) -> None:
        self.source = source
        self.survey = survey(source, config.split)
        theirs = stored_vocabulary(init) if init else None
        unit = config.unit
        if theirs:
            unit = unit_of(theirs)
            if config.unit not in ("auto", unit):
                raise InputError(
                    f"--unit {config.unit}: --init's model reads and writes {unit}s; leave --unit"
                )
        elif unit == "auto":
            unit = "byte" if _is_rare(self.survey) else "char"
        if unit == "byte":
            self.corpus = read_bytes(self.survey)
        else:
            known = theirs.characters if theirs else ""
            self.corpus = read_characters(self.survey, known, config.min_count)
        if self.corpus.is_unknown_only:
            raise DataError(
                f"all characters that are held out of {source} are foreign to the rest of it; "
                "cut it otherwise: --split part"
            )
        taken = replace(config, unit=self.unit, split=self.survey.split)
        self.config = settle(taken, len(self.corpus.train))

    @property
    def unit(self) -> str:
        """What a token is: "char" or "byte"."""
        return "byte" if self.corpus.is_in_bytes else "char"

    @property
    def extra(self) -> Vocabulary:
        """The tokens that the network is built for."""
        return self.corpus.vocabulary

    @property
    def data_record(self) -> dict[str, Any]:
        """What tells this text, and how it is taken, from others."""
        return {
            "names": [self.source.name],
            "sha256": [self.survey.sha256],
            "bytes": self.survey.bytes,
            "split": self.survey.split,
            "unit": self.unit,
            "held_out_characters": len(self.corpus.held_out_text),
            "unknown_characters": self.corpus.unknown,
            "skipped_files": len(self.survey.skipped),
        }

    @cached_property
    def compressed(self) -> Mapping[str, float]:
        """What gzip and xz reach on what is held out, in bits a character."""
        return compressed_bits(self.corpus)

    def prepare(self, network: nn.Module) -> None:
        """Start the output bias at the log of each token's frequency in the training text."""
        counts = torch.from_numpy(self.corpus.counts).float() + 1
        with torch.no_grad():
            bias = counts.log()
            cast(TextNetwork, network).bias.copy_(bias - bias.mean())

    def epoch_units(self, epoch: int) -> int:
        """Count what an epoch predicts."""
        return len(self.corpus.train)

    def plan(self, epoch: int, world_size: int = 1) -> list[Batch]:
        """Give an epoch's batches, by seed and epoch only.

        Raises:
            InputError: there is more than one process, whose states no checkpoint keeps.
        """
        if world_size > 1:
            raise InputError("qibu train text runs in one process; start it without torchrun")
        config, train = self.config, self.corpus.train
        random = np.random.default_rng((config.seed, epoch))
        longest = longest_walk(len(train), config.batch_units, config.window)
        walks = cut_walks(train, longest, random)
        return list(batches(walks, config.batch_units, config.window, random))

    def count(self, examples: Batch) -> int:
        """Count what a batch predicts."""
        return int(examples.rows[:, 1].sum())

    def collate(self, examples: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Give tokens and targets (rows, time) int64, and whether the rows begin here."""
        return self._collate(self.corpus.train.tokens, examples)

    def _collate(self, text: Any, examples: Batch) -> tuple[Tensor, Tensor, Tensor]:
        first, length = examples.rows[:, :1], examples.rows[:, 1:]
        places = np.arange(int(length.max()) + 1)
        read = text[np.minimum(first + places, first + length)].astype(np.int64)
        targets = np.where(places[1:] <= length, read[:, 1:], IGNORED)
        is_first = torch.tensor(examples.is_first)
        return torch.from_numpy(read[:, :-1]), torch.from_numpy(targets), is_first

    def loss(self, network: nn.Module, tokens: Tensor, targets: Tensor, first: Tensor) -> Tensor:
        """Sum the cross-entropy, in nats, of rows that all begin with a state of zeros."""
        return self.carried_loss(network, (), tokens, targets, torch.ones_like(first))[0]

    def carried_loss(
        self, network: nn.Module, carried: Carried, *tensors: Tensor
    ) -> tuple[Tensor, Carried]:
        """Sum the cross-entropy, in nats; give the state after the window, which is detached."""
        tokens, targets, first = tensors
        if not len(tokens):
            return zero_loss(network), ()
        writer = cast(TextNetwork, network)
        # rows that have ended were the last ones
        state = None if first else tuple(part[:, : len(tokens)].contiguous() for part in carried)
        features, state = writer.features(tokens, state)
        smoothing = self.config.label_smoothing if network.training else 0.0
        loss = summed_loss(writer, features, targets, smoothing)
        return loss, tuple(part.detach().float() for part in state)

    @torch.no_grad()
    def validate(self, network: nn.Module) -> dict[str, Any]:
        """Give the bits a character of what is held out, and what others reach on it."""
        device, held_out = next(network.parameters()).device, self.corpus.held_out
        size = MEASURED_ROWS * MEASURED_WINDOW
        total, count, carried = 0.0, 0, tuple[Tensor, ...]()
        continued = np.isin(np.arange(len(self.extra)), self._continuations)
        for batch in batches(whole_walks(held_out), size, MEASURED_WINDOW, None):
            tensors = [tensor.to(device) for tensor in self._collate(held_out.tokens, batch)]
            loss, carried = self.carried_loss(network, carried, *tensors)
            total += loss.item()
            targets = tensors[1].cpu().numpy()
            count += int(np.count_nonzero(~continued[targets[targets != IGNORED]]))
        bits = total / math.log(2)
        in_bytes = {"bits_per_byte": bits / len(held_out)} if self.corpus.is_in_bytes else {}
        others = {f"{name}_bits_per_character": v for name, v in self.compressed.items()}
        return {"bits_per_character": bits / count, "characters": count, **in_bytes, **others}

    @cached_property
    def _continuations(self) -> list[int]:
        """The tokens that aren't the first of a character."""
        if not self.corpus.is_in_bytes:
            return []
        return [self.extra.id(chr(byte)) for byte in range(0x80, 0xC0)]

    @property
    def notes(self) -> list[str]:
        """What whoever trains should know before it begins."""
        found, corpus = self.survey, self.corpus
        several = f"{len(found.files)} files, " if len(found.files) > 1 else ""
        what = {"document": "whole documents", "line": "lines", "part": "parts"}[found.split]
        lines = [
            *found.skipped[:20],
            *([f"{len(found.skipped) - 20} more files are skipped"] * (len(found.skipped) > 20)),
            f"{self.source}: {several}{found.bytes:,} bytes, {found.length:,} characters, "
            f"{len(found.characters):,} different; unit {self.unit}",
            f"held out: {len(corpus.held_out_text):,} characters, "
            f"{int(found.held_out.sum()):,} of {len(found.held_out):,} {what}",
        ]
        if self.unit == "byte" and _is_rare(found):
            lines.append(
                f"a character occurs {found.length / len(found.characters):.0f} times on average; "
                f"under {RARE} its bytes are learnt more easily (--unit char: characters all the "
                "same)"
            )
        if found.bytes < WANTED:
            lines.append(f"this is little to learn from: {WANTED:,} bytes or more are wanted")
        if corpus.unknown:
            lines.append(
                f"{corpus.unknown:,} characters that are held out occur nowhere else; "
                f"each counts as {UNKNOWN}"
            )
        lines += [f"{name} -9: {v:.3f} bits a character" for name, v in self.compressed.items()]
        return lines


def unit_of(vocabulary: Vocabulary) -> str:
    """Say what the tokens of a vocabulary are."""
    return "byte" if vocabulary.characters == BYTES else "char"


def _is_rare(found: Survey) -> bool:
    different = len(found.characters)
    return different > MANY and found.length < RARE * different
