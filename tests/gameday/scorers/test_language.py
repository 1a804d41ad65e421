"""The scorer `language`: right, wrong, or honestly not known; never a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.domain.languages import KNOWN, detect
from gameday.scorers.language import Language

SAID = {
    "en": "You can return the shoes within thirty days if they have not been worn.",
    "de": "Sie können die Schuhe innerhalb von dreißig Tagen zurückgeben, wenn sie neu sind.",
    "fr": "Vous pouvez retourner les chaussures dans les trente jours si elles sont neuves.",
    "es": "Puede devolver los zapatos en un plazo de treinta días si no se han usado.",
    "it": "Può restituire le scarpe entro trenta giorni se non sono state indossate.",
    "pt": "Você pode devolver os sapatos em até trinta dias se não tiverem sido usados.",
    "nl": "U kunt de schoenen binnen dertig dagen terugsturen als ze niet zijn gedragen.",
    "sv": "Du kan lämna tillbaka skorna inom trettio dagar om de inte har använts.",
    "fi": "Voit palauttaa kengät kuukauden kuluessa, jos niitä ei ole käytetty, ja se on ilmaista.",
    "pl": "Możesz zwrócić buty w ciągu trzydziestu dni, jeśli nie były noszone, i to za darmo.",
    "ro": "Puteți returna pantofii în termen de treizeci de zile dacă nu au fost purtați.",
    "hu": "A cipőt harminc napon belül visszaküldheti, ha az nem volt használva, és ingyen.",
    "tr": "Ayakkabıları otuz gün içinde iade edebilirsiniz ve bu süre için bir ücret yok.",
    "id": "Anda dapat mengembalikan sepatu dalam tiga puluh hari jika belum dipakai dan itu.",
    "ru": "Вы можете вернуть обувь в течение тридцати дней, если она не была в употреблении.",
    "uk": "Ви можете повернути взуття протягом тридцяти днів, якщо воно не було у вжитку і є чек.",
    "bg": "Можете да върнете обувките в срок от тридесет дни, ако не са били носени.",
    "el": "Μπορείτε να επιστρέψετε τα παπούτσια εντός τριάντα ημερών.",
    "he": "ניתן להחזיר את הנעליים תוך שלושים יום אם לא נעלו אותן",
    "ar": "يمكنك إرجاع الحذاء خلال ثلاثين يوما إذا لم يتم ارتداؤه",
    "hi": "आप तीस दिनों के भीतर जूते वापस कर सकते हैं।",
    "th": "คุณสามารถคืนรองเท้าได้ภายในสามสิบวัน",
    "ko": "신발을 신지 않았다면 30일 이내에 반품할 수 있습니다.",
    "ja": "靴は未使用であれば三十日以内に返品できます。",
    "zh": "如果鞋子没有穿过,您可以在三十天内退货。",
}
TOO_NEAR = {
    "da": "Du kan returnere skoene inden for tredive dage, hvis de ikke er blevet brugt.",
    "nb": "Du kan returnere skoene innen tretti dager hvis de ikke har blitt brukt.",
}


@pytest.mark.parametrize(("code", "text"), SAID.items(), ids=SAID)
def test_a_sentence_of_each_language(code, text):
    assert Language(any=(code,)).score_text(text) == 1.0
    other = "de" if code == "en" else "en"
    assert Language(any=(other,)).score_text(text) == 0.0


@pytest.mark.parametrize(("code", "text"), TOO_NEAR.items(), ids=TOO_NEAR)
def test_near_relatives_are_not_known_rather_than_guessed(code, text):
    assert Language(any=(code,)).score_text(text) in {1.0, None}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30 days",
        "Yes.",
        "1234567890 " * 20,
        "SELECT name FROM users WHERE id",
        "xkcd qwrt zzyx",
    ],
)
def test_what_cannot_tell(text):
    assert Language(any=("en",)).score_text(text) is None


@given(st.text(max_size=300))
def test_whatever_is_written_is_a_known_language_or_none(text):
    assert detect(text) in {None, *KNOWN}


def test_a_language_that_it_does_not_know_is_refused():
    with pytest.raises(ValidationError, match="expected one of ar, bg"):
        Language(any=("tlh",))
