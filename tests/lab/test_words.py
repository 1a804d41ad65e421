"""Terms of a text: what a question and its answer must share to be found."""

from lab.words import terms


def test_endings_and_filler_words_do_not_keep_texts_apart() -> None:
    assert terms("Is the account locked?") == terms("accounts lock")


def test_figures_and_names_stay_whole() -> None:
    assert terms("TW-1042 costs 1.6") == ("tw-1042", "cost", "1.6")


def test_short_words_are_not_cut_to_nothing() -> None:
    assert terms("gas") == ("gas",)
