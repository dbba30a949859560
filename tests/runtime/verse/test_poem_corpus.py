import pytest

from qibu.verse.poem_corpus import Poem

WHOLE = "白日依山盡，黃河入海流。"


def test_a_poem_of_characters_and_marks_is_whole() -> None:
    assert Poem("", "", WHOLE + "優游不險﨑？𧽼、", "train").is_whole


@pytest.mark.parametrize("mark", "囗●⿰/…*!\ue829“")
def test_a_poem_with_something_lost_is_not_whole(mark: str) -> None:
    assert not Poem("", "", WHOLE + mark, "train").is_whole
