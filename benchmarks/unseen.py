"""What is the perplexity on poems of which no line was seen in training?

The corpus has some poems twice, in slightly different wording, which no split by whole texts keeps
apart. This leaves out the test poems of which a line stands in a training poem, Tang or Song.
"""

from pathlib import Path

import qibu
from qibu.data.registry import data_folder
from qibu.verse.forms import split_lines
from qibu.verse.perplexity import measure_perplexity
from qibu.verse.poem_corpus import Poem, read_poems
from report import markdown


def seen_lines(folder: Path) -> set[str]:
    """Give every line of the training poems."""
    poems = (poem for poem in read_poems(folder, song=True) if poem.split == "train")
    return {line for poem in poems for line in split_lines(poem.text)}


def main() -> None:
    folder = data_folder("poems")
    seen = seen_lines(folder)

    def is_new(poem: Poem) -> bool:
        return seen.isdisjoint(split_lines(poem.text))

    rows = []
    for name in ("poem", "poem-gru"):
        poet = qibu.Poet(qibu.Stepper(qibu.bundled_models()[name]))
        for what, only in (("all test poems", None), ("without a line seen", is_new)):
            found = measure_perplexity(poet, folder, only=only)
            rows.append([name, what, f"{found['poems']:,}", f"{found['perplexity']:.1f}"])
    print(markdown(["model", "measured on", "poems", "perplexity"], rows))


if __name__ == "__main__":
    main()
