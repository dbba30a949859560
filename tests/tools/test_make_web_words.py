"""The words of ports' names in JavaScript."""

from make_web_words import TARGET, web_words


def test_the_words_in_javascript_are_pythons() -> None:
    assert TARGET.read_text("utf-8") == web_words(), "run tools/make_web_words.py"
