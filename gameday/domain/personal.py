"""Finds personal data in a text: rules, version 1.

Each rule is a shape and, where the data have one, their own check of digits. So an order number
is no card and no IBAN; a phone number is only one with a country code, or written as the North
American or a European plan writes it.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Literal

PersonalKind = Literal["email", "phone", "card", "iban", "us_ssn", "ip_address", "secret"]

_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b"
)
# E.164 with its plus, or 00; then groups with single signs between them.
_PHONE = re.compile(
    r"(?<![\w+])(?<![0-9] )(?:\+|00)[1-9][0-9]{0,2}(?:[ ./-]?\(?[0-9]{1,5}\)?){2,6}(?![\w])"
)
_PHONE_NORTH_AMERICA = re.compile(
    r"(?<![\w+-])(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-.])[2-9][0-9]{2}[-.][0-9]{4}(?![\w-])"
)
_CARD = re.compile(r"(?<![\w.-])[2-6][0-9]{3}(?:[ -]?[0-9]{2,6}){2,4}(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_SSN = re.compile(r"(?<![\w-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![\w-])")
_IP = re.compile(r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.]*[\w])")
_SECRET = re.compile(
    r"(?<!\w)(?:sk-[A-Za-z0-9_-]{20,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}"
    r"|xox[abprs]-[A-Za-z0-9-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY-----)"
)
# ISO 13616's registry: how long an IBAN of a country is.
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BR": 29, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20,
    "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18,
    "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "JO": 30,
    "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24,
    "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28,
    "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip
# What the first digits of a card say, and how long it may be (ISO/IEC 7812).
_CARD_LENGTHS = {"2": {16}, "3": {14, 15, 16}, "4": {13, 16, 19}, "5": {16}, "6": {16, 19}}


def found(text: str, kinds: frozenset[PersonalKind]) -> Iterator[tuple[PersonalKind, str]]:
    """Each piece of personal data of these kinds, as it stands in `text`."""
    for kind, pattern, is_one in _RULES:
        if kind in kinds:
            yield from ((kind, match[0]) for match in pattern.finditer(text) if is_one(match[0]))


def _always(_: str) -> bool:
    return True


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _is_phone(text: str) -> bool:
    return 8 <= len(_digits(text.removeprefix("00"))) <= 15


def _is_card(text: str) -> bool:
    digits = _digits(text)
    return len(digits) in _CARD_LENGTHS[digits[0]] and _luhn(digits) and len(set(digits)) > 1


def _luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


def _is_iban(text: str) -> bool:
    bare = text.replace(" ", "")
    if len(bare) != _IBAN_LENGTHS.get(bare[:2]):
        return False
    turned = "".join(str(int(character, 36)) for character in bare[4:] + bare[:4])
    return int(turned) % 97 == 1


def _is_ssn(text: str) -> bool:
    """By what the Social Security Administration says it has never given out."""
    area, group, serial = text.split("-")
    given = area not in {"000", "666"} and area < "900"
    return given and group != "00" and serial != "0000"


def _is_public_ip(text: str) -> bool:
    try:
        return ipaddress.IPv4Address(text).is_global
    except ValueError:
        return False


_RULES: tuple[tuple[PersonalKind, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", _EMAIL, _always),
    ("phone", _PHONE, _is_phone),
    ("phone", _PHONE_NORTH_AMERICA, _always),
    ("card", _CARD, _is_card),
    ("iban", _IBAN, _is_iban),
    ("us_ssn", _SSN, _is_ssn),
    ("ip_address", _IP, _is_public_ip),
    ("secret", _SECRET, _always),
)
