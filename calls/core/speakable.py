"""Written text into what a voice should be given. Invariant: the words stay the same; only signs, figures
and marks are spelled the way a person would read them. Transcripts keep the written text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from calls.core.spoken_names import CURRENCIES, DAYS, MONTH_SHORT, MONTHS, SCALES, SINGULAR, UNITS

_I: Final = re.IGNORECASE
_SHORT: Final = (
    (r"\be\.?g\.(?=\W|$),?", "for example,"),
    (r"\bi\.?e\.(?=\W|$),?", "that is,"),
    (r"\betc\.(?=\s+[a-z])", "and so on"),
    (r"\betc\b\.?", "and so on."),
    (r"\bvs\.?(?=\s)", "versus"),
    (r"\bapprox\.(?=\s)", "approximately"),
    (r"\bincl\.(?=\s)", "including"),
    (r"\bexcl\.(?=\s)", "excluding"),
    (r"\bmax\.(?=\s)", "at most"),
    (r"\bmin\.(?=\s)", "at least"),
    (r"\bno\.(?=\s*\d)", "number"),
    (r"\bw/o\b", "without"),
    (r"\bw/(?=\s)", "with"),
    (r"\bT&Cs?\b", "terms and conditions"),
    (r"\bFAQs\b", "F A Qs"),
    (r"\bFAQ\b", "F A Q"),
    (r"\b24/7\b", "24 7"),
    (r"\bMr\.", "Mister"),
    (r"\bDr\.(?=\s[A-Z])", "Doctor"),
    (r"\bMrs\.", "Missus"),
    (r"\bMs\.", "Miss"),
    (r"\band/or\b", "or"),
)
_EMOJI: Final = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2190-\u21ff\ufe0f\u200d\u20e3\U000e0020-\U000e007f\u2300-\u23ff\u25a0-\u25ff]+"
)
_EMAIL: Final = re.compile(r"\b([A-Za-z0-9._%+\-]+)@([A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)\b")
_URL: Final = re.compile(r"\b(?:https?://|www\.)([^\s<>()\"']+?)(?=[.,;:!?]*(?:\s|$|[<>()\"']))", _I)
_DOMAIN: Final = re.compile(
    r"\b((?:[a-z0-9\-]+\.)+(?:com|org|net|io|in|co|uk|de|eu|dev|app|shop|info"
    r"|example))((?:/[\w\-./]*\w)?)(?![\w@])",
    _I,
)
_PHONE: Final = re.compile(r"(?<![\w.,])(\+?\d[\d \-().]{5,}\d)(?![\w%]|[.,]\d)")
_ID: Final = re.compile(r"#?\b([A-Z]{2,6})[\-]?(\d{3,})\b")


def _plain(text: str) -> str:
    """Markdown and emoji removed, their words kept."""
    out = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
    out = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", out)
    out = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", out)
    out = re.sub(r"^\s{0,3}#{1,6}\s+", "", out, flags=re.MULTILINE)
    out = re.sub(r"^\s*>\s?", "", out, flags=re.MULTILINE)
    out = re.sub(r"^\s*(?:[-*•+]|\d+[.)])\s+(?=\S)", "", out, flags=re.MULTILINE)
    out = re.sub(r"^\s*(?:[-*_]\s*){3,}$", " ", out, flags=re.MULTILINE)
    out = re.sub(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", out)
    out = re.sub(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])", r"\1", out)
    out = re.sub(r"(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)", r"\1", out)
    out = out.replace("`", "").replace("|", ", ")
    out = re.sub(r"</?[a-zA-Z][^<>]*>", " ", out)
    out = re.sub(r"\n\s*\n+", lambda _: "\n", out)
    out = re.sub(r"(?<=[^\s.!?:;,])\s*\n\s*(?=[A-Z])", ". ", out)
    return _EMOJI.sub(" ", out)


def _chars(text: str) -> str:
    return " ".join(text)


def _name(part: str) -> str:
    """One part of an address: a word stays a word, figures and unsayable ones are spelled."""
    out = re.sub(r"\d+", lambda hit: f" {_chars(hit.group())} ", part)
    for sign, word in (
        (".", " dot "),
        ("_", " underscore "),
        ("-", " dash "),
        ("+", " plus "),
        ("%", " percent "),
        ("/", " slash "),
    ):
        out = out.replace(sign, word)
    words = [
        _chars(word.upper())
        if word.isalpha() and not re.search(r"[aeiouy]", word, _I) and len(word) <= 4 and word != "www"
        else word
        for word in out.split()
    ]
    return " ".join(words)


def _domain(domain: str) -> str:
    labels = [
        label if label.lower() in ("com", "org", "net", "gmail", "info") else _name(label)
        for label in domain.split(".")
    ]
    return " dot ".join("g mail" if label.lower() == "gmail" else label for label in labels)


def _email(hit: re.Match[str]) -> str:
    return f"{_name(hit.group(1))} at {_domain(hit.group(2))}"


def _url(hit: re.Match[str]) -> str:
    rest = hit.group(1).split("?")[0].split("#")[0].rstrip("/")
    host, _, path = rest.partition("/")
    host = re.sub(r"^www\.", "", host)
    return _domain(host) + (f" slash {_name(path)}" if path and len(path) <= 30 else "")


def _bare_domain(hit: re.Match[str]) -> str:
    host = hit.group(1)
    if not re.search(r"[a-z]", host.rsplit(".", 1)[0], _I):
        return hit.group()
    return _domain(host) + (f" slash {_name(hit.group(2)[1:])}" if hit.group(2) else "")


def digits_grouped(digits: str) -> str:
    """Digits as one says a number on the telephone: one by one, with a pause after every group of three to
    five."""
    size = 5 if len(digits) == 10 else 4 if len(digits) % 4 == 0 else 3
    groups = [digits[at : at + size] for at in range(0, len(digits), size)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return ", ".join(_chars(group) for group in groups)


def _phone(hit: re.Match[str]) -> str:
    written = hit.group(1)
    digits = re.sub(r"\D", "", written)
    looks_like_date = re.fullmatch(r"\d{4}-\d{2}-\d{2}|\d{1,2}[-.]\d{1,2}[-.]\d{2,4}", written)
    years = re.fullmatch(r"\d{4}\s?-\s?\d{4}", written)
    if looks_like_date or years or not 7 <= len(digits) <= 15:
        return hit.group()
    groups = re.split(r"[ \-().]+", written.lstrip("+(").strip("()"))
    parts = [group for group in groups if group]
    said = (
        ", ".join(_chars(part) for part in parts)
        if len(parts) > 1 and max(map(len, parts)) <= 5
        else digits_grouped(digits)
    )
    return f"plus {said}" if written.startswith("+") else said


def _id(hit: re.Match[str]) -> str:
    return f"{_chars(hit.group(1))} {_chars(hit.group(2))}"


def _money(hit: re.Match[str]) -> str:
    sign, amount, scale = (
        hit.group("sign").lower().rstrip("."),
        hit.group("amount"),
        (hit.group("scale") or "").strip().lower(),
    )
    one, many, cents = CURRENCIES[sign]
    whole, _, part = amount.partition(".")
    if scale:
        return f"{amount} {SCALES.get(scale, scale)} {many}"
    name = one if whole == "1" else many
    if part and cents and len(part) == 2 and int(part):
        if whole == "0":
            return f"{int(part)} {cents}"
        return f"{whole} {name} and {int(part)} {cents}"
    return f"{whole if not part or not int(part) else amount} {name}"


_MONEY_RANGE: Final = re.compile(
    r"(?P<sign>US\$|[₹$€£¥])\s?(?P<low>\d[\d,]*(?:\.\d+)?)\s?[-–—]\s?(?:US\$"
    r"|[₹$€£¥])?\s?(?P<high>\d[\d,]*(?:\.\d+)?)",
    _I,
)
_MONEY: Final = re.compile(
    r"(?:(?P<sign>US\$|[₹$€£¥]|\bRs\.?|\bINR|\bUSD|\bEUR"
    r"|\bGBP)\s?)(?P<amount>\d[\d,]*(?:\.\d+)?)(?P<scale>\s?(?:k|mn|m|bn|b|cr|l|million|billion|thousand"
    r"|lakh|crore)\b)?(?:/-)?",
    _I,
)
_MONEY_AFTER: Final = re.compile(
    r"\b(?P<amount>\d[\d,]*(?:\.\d+)?)(?P<scale>)\s?(?P<sign>[₹$€£¥]|(?:INR"
    r"|USD|EUR|GBP)\b)",
    _I,
)


def _money_range(hit: re.Match[str]) -> str:
    return f"{hit.group('low')} to {hit.group('high')} {CURRENCIES[hit.group('sign').lower()][1]}"


def _day(day: int) -> str:
    if 4 <= day % 100 <= 20 or day % 10 not in (1, 2, 3):
        return f"{day}th"
    return f"{day}{('st', 'nd', 'rd')[day % 10 - 1]}"


def _iso_date(hit: re.Match[str]) -> str:
    month, day = int(hit.group(2)), int(hit.group(3))
    return (
        f"{MONTHS[month - 1]} {_day(day)}, {hit.group(1)}"
        if 1 <= month <= 12 and 1 <= day <= 31
        else hit.group()
    )


def _month_date(hit: re.Match[str]) -> str:
    month = MONTH_SHORT[hit.group("month").lower()[:3]]
    year = f", {hit.group('year')}" if hit.group("year") else ""
    return f"{month} {_day(int(hit.group('day')))}{year}"


_MONTH_NAMES: Final = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE_DAY_FIRST: Final = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd"
    rf"|th)?\s+{_MONTH_NAMES}(?:,?\s+(?P<year>\d{{4}}))?\b",
    _I,
)
_DATE_MONTH_FIRST: Final = re.compile(
    rf"\b{_MONTH_NAMES}\s+(?P<day>\d{{1,2}})(?:st|nd|rd"
    rf"|th)?\b(?:,?\s+(?P<year>\d{{4}})\b)?(?![:\d])",
    _I,
)


def _clock(hit: re.Match[str]) -> str:
    hour, minute = int(hit.group(1)), hit.group(2)
    if hour > 24 or int(minute) > 59:
        return hit.group()
    half = (hit.group(3) or "").replace(".", "").upper()
    if half:
        return f"{hour} {half}" if minute == "00" else f"{hour}:{minute} {half}"
    if hour in (0, 24) and minute == "00":
        return "midnight"
    if hour == 12 and minute == "00":
        return "noon"
    twelve = (hour - 1) % 12 + 1 if hour else 12
    half = "AM" if hour < 12 else "PM"
    return f"{twelve} {half}" if minute == "00" else f"{twelve}:{minute} {half}"


def _unit(hit: re.Match[str]) -> str:
    number, joint, unit = hit.group(1), hit.group(2), hit.group(3)
    # "5 V", "8 G": a lone capital is more often a name (a "Model 5 V") unless written as a unit is.
    said = UNITS[unit.lower()]
    if joint == "-":
        said = SINGULAR.get(said, said.removesuffix("s"))
        return f"{number} {said}"
    if number == "1":
        said = SINGULAR.get(said, said.removesuffix("s") if " per " not in said else said)
    return f"{number} {said}"


_UNIT: Final = re.compile(
    r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(\s?|-)("
    + "|".join(sorted((re.escape(unit) for unit in UNITS), key=len, reverse=True))
    + r")(?![\w/])",
    _I,
)
_RULES: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    (_EMAIL, _email),
    (_URL, _url),
    (_DOMAIN, _bare_domain),
    (re.compile(r"\b(\d{4})-(\d{2})-(\d{2})(?:T\S+)?\b"), _iso_date),
    (_MONEY_RANGE, _money_range),
    (_MONEY, _money),
    (_MONEY_AFTER, _money),
    (re.compile(r"\b(\d{1,2}):(\d{2})(?::\d{2})?(?:\s?([AaPp]\.?[Mm]\b\.?))?"), _clock),
    (
        re.compile(
            r"\b(\d{1,2})\s?([AaPp])\.?[Mm]\b\.?(?=\s+(?:[a-z0-9]|(?:Mon|Tues|Wednes|Thurs|Fri|Satur"
            r"|Sun)day)|\W*$|[,;:)])"
        ),
        lambda hit: f"{hit.group(1)} {hit.group(2).upper()}M",
    ),
    (_ID, _id),
    (_PHONE, _phone),
    (_DATE_DAY_FIRST, _month_date),
    (_DATE_MONTH_FIRST, _month_date),
    (
        re.compile(r"\b(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b\.?(?=\s*(?:[-–,]|to\b|\d|$))"),
        lambda hit: DAYS[hit.group(1).lower()],
    ),
    (re.compile(r"\b(\w+day)\s?[-–]\s?(\w+day)\b"), r"\1 to \2"),
    # A range: "5-7 business days", "10–12 AM". A "30-day guarantee" has no second figure and stays.
    (
        re.compile(r"(?<![\w.\-])(\d[\d,]*(?:\.\d+)?%?)\s?[-–—]\s?(\d[\d,]*(?:\.\d+)?)(?![\w]*-\d)(?=\W|$)"),
        r"\1 to \2",
    ),
    (re.compile(r"\b(\d{1,2} [AP]M)\s?[-–—]\s?(?=\d|noon|midnight)"), r"\1 to "),
    (re.compile(r"(?<=\d)\s?%"), " percent"),
    (_UNIT, _unit),
    (re.compile(r"(?<=\d)\s?[x×]\s?(?=\d)"), " by "),
    (re.compile(r"\s>=?\s(?=\d)"), " more than "),
    (re.compile(r"\s<=?\s(?=\d)"), " less than "),
    (re.compile(r"\s&\s"), " and "),
    (re.compile(r"(?<=\w)\s?\+(?=\s|$|[.,])"), " plus"),
    (re.compile(r"(?<!\w)#(?=\d)"), "number "),
    (re.compile(r"#(?=\w)"), ""),
    (re.compile(r"\s[–—]\s|—"), ", "),
    (re.compile(r"\s-\s"), ", "),
    (re.compile(r"(?<=[A-Za-z])/(?=[A-Za-z])"), " or "),
    (re.compile(r"[™®©*_~^<>{}\[\]\\]"), " "),
    (re.compile(r"…|\.{3,}"), "."),
)


def speakable(text: str) -> str:
    """``text`` as a voice should read it; empty when there is nothing to say in it (emoji alone, a rule)."""
    out = _plain(text)
    for pattern, replacement in _SHORT:
        out = re.sub(pattern, replacement, out)
    for compiled, how in _RULES:
        out = compiled.sub(how, out)
    out = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(out.split()))
    out = re.sub(r",\s*(?=[.,!?])|([.!?])(?:\s*[.,])+(?=\s|$)", lambda hit: hit.group(1) or "", out)
    return out.strip() if any(char.isalnum() for char in out) else ""
