"""Tells in which language a text is written: by its script, then by its small words.

No model and no tables of letters: a script of one language decides alone; among languages that
share a script, the words that every text is full of (articles, pronouns, prepositions) are
counted. Near relatives (Danish and Norwegian) are often not told apart, and neither is a text of
few words: then the answer is None.
"""

import re
import unicodedata
from collections import Counter

LETTERS_MIN = 20  # fewer cannot tell
_WORDS_MIN = 3  # small words of the best language that must be there
_SHARE_MIN = 0.15  # of all words; running text has a third to a half of them
_AHEAD_MIN = 1.4  # times the weight of the next language's
_OF_SCRIPT_MIN = 0.6  # of the letters, for a script to decide

_SMALL = {
    "en": "the of and to in is that it for was on are with as be this have from or by you not but"
    " your can we they an will which has if there what all at do my our would been were their",
    "de": "der die das und ist in den von zu mit sich des auf für nicht ein eine als auch es an"
    " werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über ich kann ihr"
    " oder aber wir zum zur haben nur ihre sehr können ihnen wenn mein du",
    "fr": "le la les de des et est un une en du que qui dans pour pas sur au ne ce il plus par"
    " se sont vous nous à cette mais ou votre être ont aux elle son leur je peut avez très c'est",
    "es": "el la los las de del y en que es un una por con para no se su al lo como más pero sus le"
    " ha o este sí porque esta entre cuando muy sin sobre también me hasta hay donde usted puede"
    " está son fue tiene",
    "it": "il lo la i gli le di del della dei che è un una e in per non con si da sono al come più"
    " ma anche nel alla ha questo o se dal ci suo delle essere può dalla mi questa tra lei viene",
    "pt": "o a os as de do da dos das e em que é um uma para com não por se na no mais como ao ele"
    " mas foi seu sua ou quando muito nos já está eu também só pelo pela até isso você são ser tem",
    "nl": "de het een en van in is dat op te zijn met voor niet die aan er om ook als maar bij door"
    " naar heeft hij ze wordt uit kan nog wel je u dan over worden was deze hebben wij we uw geen",
    "sv": "och att det som en på är av för med den till inte har de om ett han men var jag sig från"
    " vi så kan när eller du hon ska din mycket också bara efter denna vara finns",
    "da": "og at det som en på er af for med den til ikke har de om et han men var jeg sig fra så"
    " kan når eller du hun skal din meget også kun efter denne være findes blev hvis",
    "nb": "og at det som en på er av for med den til ikke har de om et han men var jeg seg fra så"
    " kan når eller du hun skal din mye også bare etter denne være finnes ble hvis",
    "fi": "ja on ei se että oli hän joka mutta niin kun tai ovat voi myös jos kuin ole sen mukaan"
    " tämä minä sinä me te he vain nyt sekä kanssa ilman ennen jälkeen olla",
    "pl": "i w na nie się z do to że jest o jak po ale za co od tak jego przez przy może dla czy są"
    " oraz lub tym tego jako być który która które ich ma już tylko pan pani",
    "cs": "a v na je se že to s z do o k i jako za by ale po pro jeho tak které který která jsou"
    " při nebo může být jsem ve má už jen ze ho pokud vám není ještě aby",
    "ro": "și în de la a cu pe nu este un o să că din pentru care sunt au fost mai ce se dar sau"
    " lui acest această după fi până cel poate dumneavoastră",
    "hu": "a az és hogy nem is egy ez van meg de ha csak mint vagy már azt volt el még kell lehet"
    " amely ezt után minden ön mert nagyon ami aki",
    "tr": "ve bir bu da de için ile çok ne o gibi daha olarak ama kadar en var mi sonra ya her"
    " olan olduğu veya siz ben biz eğer göre şu",
    "id": "yang dan di ke dari untuk dengan ini itu tidak pada adalah dalam akan juga saya anda ada"
    " bisa atau oleh karena kami sudah lebih mereka dapat hanya jika telah sebagai",
    "ru": "и в не на я что он с как это по но они мы она из у за от так же вы для или бы к о есть"
    " если только может быть все его ее их при до ваш",
    "uk": "і в не на що я він з як це по але вони ми вона із у за від так же ви для або б до про є"
    " якщо тільки може бути все його її їх при та ваш",
    "bg": "и в не на че е да се за от с по са като но това ще аз той тя ние вие те или има може ако"
    " при до му му ѝ ви си бъде която който които",
}
_WORDS = {code: frozenset(words.split()) for code, words in _SMALL.items()}
# A word of several languages tells less of each of them.
_SHARED_BY = Counter(word for small in _WORDS.values() for word in small)
# Scripts that are one language's, as far as answers of assistants go; others share one.
_BY_SCRIPT = {
    "GREEK": "el", "HEBREW": "he", "THAI": "th", "HANGUL": "ko", "DEVANAGARI": "hi",
    "BENGALI": "bn", "TAMIL": "ta", "GEORGIAN": "ka", "ARMENIAN": "hy", "ARABIC": "ar",
}  # fmt: skip
_KANA = ("HIRAGANA", "KATAKANA")
_HAN = "CJK"
_DENSE_LETTERS_MIN = 6  # a Han, kana or hangul sign says more than a letter

KNOWN = frozenset({*_WORDS, *_BY_SCRIPT.values(), "ja", "zh"})
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def detect(text: str) -> str | None:
    """The ISO 639-1 code of its language, one of KNOWN; None where it cannot be told."""
    letters = [character for character in text if character.isalpha()]
    scripts = Counter(_script(character) for character in letters)
    kana, han = sum(scripts[one] for one in _KANA), scripts[_HAN]
    if kana + han >= max(_DENSE_LETTERS_MIN, _OF_SCRIPT_MIN * len(letters)):
        return "ja" if kana >= 0.1 * (kana + han) else "zh"
    if not letters:
        return None
    script, count = scripts.most_common(1)[0]
    if count < _OF_SCRIPT_MIN * len(letters):
        return None
    if script == "HANGUL" and count >= _DENSE_LETTERS_MIN:
        return "ko"
    if len(letters) < LETTERS_MIN:
        return None
    return _BY_SCRIPT.get(script) or _by_small_words(text)


def _by_small_words(text: str) -> str | None:
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(text)]
    hits = {code: [word for word in words if word in small] for code, small in _WORDS.items()}
    weights = Counter({code: sum(1 / _SHARED_BY[word] for word in hits[code]) for code in hits})
    (code, most), (_, next_most) = weights.most_common(2)
    tells = len(hits[code]) >= max(_WORDS_MIN, _SHARE_MIN * len(words))
    return code if tells and most >= _AHEAD_MIN * next_most else None


def _script(character: str) -> str:
    """The first word of the character's name in Unicode: LATIN, CYRILLIC, CJK, HANGUL."""
    return unicodedata.name(character, "").partition(" ")[0]
