"""Which language the words are in, when it isn't English. Invariant: precision before recall. A name, an address, spelled
letters or a borrowed word are never another language; where the words leave a doubt, they are English.

Three kinds of evidence: the script of the letters; each language's own small words (pronouns, question words, "is",
"want"), the most frequent words of any utterance and no words of English, which also tell Hindi in Latin letters; and, for
whole phrases without a single English word, a statistical identifier (py3langid) for the languages that have no list here.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from calls.core.wordlist import word_set

# The first word of a letter's Unicode name, and the language that most callers who write it speak.
_SCRIPTS: Final[Mapping[str, str]] = {
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "ORIYA": "or",
    "SINHALA": "si",
    "ARABIC": "ar",
    "HEBREW": "he",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "THAI": "th",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "ETHIOPIC": "am",
    "KHMER": "km",
    "MYANMAR": "my",
}
# Small words that are no words of English. Hindi, Tamil, Telugu and Bengali as they are typed in Latin letters.
_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "hi": word_set(
        "mujhe mujhko mera meri mere hum humein hume hamara hamari hamein aap aapka aapki aapke aapko"
        " aapne tum tumhara",
        "kya kyu kyun kyon kab kahan kaha kaun kaise kaisa kaisi kitna kitni kitne konsa kaunsa hai hain"
        " tha thi hoon hun",
        "nahi nahin nai mat chahiye chahie chaahiye karo karna karni karne karke kijiye kijiyega karta"
        " karti karte karein",
        "raha rahi rahe gaya gayi gaye diya diye dijiye dijiyega dena deni lena milega mila mili milegi"
        " milna hua hui hue",
        "hoga hogi honge hona liye lekin aur abhi kal aaj phir fir bhi yeh ye woh wo isse uska uski iska"
        " iski unka inka",
        "sakta sakti sakte batao bataiye bataye bata bolo boliye bol baat kuch sab bahut bohot accha acha"
        " achha theek thik",
        "wapas vapas paisa paise rupaye saman bhej bhejo bhejiye bheja bhejna jaldi koi kisi kisko mein"
        " par tak bina kripya",
        "aaya aayi aaye ayi aya jaa jaana gussa pareshan samajh samajhte bilkul wala wali waale haan"
        " namaste shukriya",
        "dhanyavad dhanyawad ka ki ke ko se ne na",
    ),
    "ta": word_set(
        "enakku enaku naan unga ungal ennoda enna epdi eppadi eppo enga engae venum vendum venam illa"
        " illai iruku irukku",
        "irukkiradhu pannunga panna panni seyyunga sollunga solla theriyuma theriyum inga anga vandhudha"
        " varala varuma",
        "kidaikkum konjam romba nandri vanakkam mudiyuma mudiyala indha andha adhu idhu ippo",
    ),
    "te": word_set(
        "naaku naku nenu meeru mee naa ela eppudu ekkada enduku enti emiti kavali kaavali ledu undi unnayi"
        " cheppandi",
        "cheyandi cheyali vastundi raledu ivvandi dayachesi namaskaram kaadu avunu ikkada akkada",
    ),
    "bn": word_set(
        "ami amar amake apni apnar apnake tumi tomar ki keno kothay kobe kemon koto chai achhe ache nei"
        " hobe korte korun",
        "korbo parbo paren dorkar dhonnobad bolun",
    ),
    "es": word_set(
        "el la los las un una unos unas de del que y en por para con pero como cuando donde dónde qué cuál"
        " cuándo cómo",
        "cuanto cuánto quién porque es está esta este esto eso son estoy soy tengo tiene tienen tienes hay"
        " mi mis su sus",
        "yo tú usted ustedes nosotros quiero quiere quisiera necesito puedo puede pueden podría podrían"
        " puedes hacer hola",
        "gracias favor buenos buenas días tardes noches señor señora sí muy más ya todavía aún nada algo"
        " ayuda ayudar",
        "pedido paquete reembolso dinero devolver devolución llamar llamada llame llámame mañana ayer"
        " llegado llegó",
        "cuenta enviar envíe envíen hablar hablo habla español inglés ingles muchas muchos le les lo al se"
        " si ni te",
    ),
    "fr": word_set(
        "le la les un une des du de et ou où est suis êtes sont que qui quoi quand combien pourquoi quel"
        " quelle quels",
        "je tu il elle nous vous ils mon ma mes ton votre vos notre leur ce cette ces ça c'est j'ai n'est"
        " n'ai d'un d'une",
        "qu'est avec sans dans sur très pas plus mais oui bonjour bonsoir merci s'il voudrais veux veut"
        " peux peut pouvez",
        "pourriez avoir être fait faire commande colis remboursement remboursé livraison argent rappeler"
        " rappelez parler",
        "parlez quelqu'un aujourd'hui demain hier aide aidez besoin reçu français au aux en l'ai m'a as à",
    ),
    "de": word_set(
        "der das den dem des ein eine einen einem einer und oder aber ist sind bin seid habe hat haben"
        " hatte ich du er",
        "sie wir ihr mir mich dich ihnen mein meine meinen meiner meinem ihre ihren wo wann warum wie wer"
        " wieso welche",
        "welcher nicht kein keine keinen mit ohne für auf aus bei nach zu zum zur von vom im ja nein bitte"
        " danke hallo",
        "guten tag morgen abend möchte mochte will kann können könnten könnte muss brauche bekommen"
        " bekomme bestellung",
        "paket geld zurück zuruck rückerstattung sprechen jemand jemandem heute gestern noch schon auch"
        " sehr wurde wird",
        "gibt es deutsch einfach lieferung anrufen rufen",
    ),
    "pt": word_set(
        "o os as um uma uns de do da dos das e em no na nos nas por para com mas como quando onde que qual"
        " quem quanto",
        "porque é está estou são sou tenho tem têm há meu minha meus minhas seu sua eu você vocês nós"
        " quero queria preciso",
        "posso pode podem poderia gostaria fazer olá obrigado obrigada bom boa dia tarde noite senhor não"
        " sim muito mais",
        "já ainda nada ajuda ajudar pedido encomenda reembolso dinheiro devolver ligar ligue falar amanhã"
        " hoje ontem",
        "chegou comprei recebi favor português isso esta este",
    ),
    "it": word_set(
        "il lo gli un uno una di del della dei delle e ed ma che chi cosa dove dov'è quando quanto perché"
        " quale è sono",
        "sei siamo ho hai ha abbiamo hanno mio mia miei mie suo sua io lei noi voi vorrei voglio posso può"
        " potete potrebbe",
        "fare ciao buongiorno buonasera grazie prego favore per con senza non sì molto più già ancora"
        " niente aiuto ordine",
        "pacco rimborso soldi chiamare richiamare richiamata parlare qualcuno domani oggi ieri arrivato"
        " ricevuto italiano",
        "questo questa mi ti si",
    ),
    "nl": word_set(
        "de het een en of maar ik jij je u hij zij wij jullie mijn uw zijn ben bent heb hebt heeft hebben"
        " waar wanneer",
        "waarom hoe wie wat welke niet geen met zonder voor op uit bij naar van te ja nee alstublieft"
        " alsjeblieft bedankt",
        "hallo goedemorgen goedemiddag wil graag kan kunt kunnen zou moet nodig bestelling pakket geld"
        " terug terugbetaling",
        "spreken iemand vandaag morgen gisteren nog al ook zeer wordt deze dit dat nederlands is",
    ),
    "id": word_set(
        "saya aku anda kamu kami kita ini itu yang dan atau tapi di ke dari untuk dengan tidak bukan belum"
        " sudah bisa",
        "boleh mau ingin perlu apa kapan dimana mana kenapa mengapa bagaimana berapa siapa pesanan barang"
        " uang kembali",
        "tolong terima kasih selamat pagi siang malam ada adalah akan juga",
    ),
    "tr": word_set(
        "ben sen biz siz benim senin bizim sizin bu şu ve veya ama için ile değil var yok mı mi mu mü ne"
        " nerede neden",
        "nasıl kaç kim hangi siparişim sipariş kargo kargom para iade istiyorum merhaba teşekkürler"
        " teşekkür lütfen evet",
        "hayır bugün yarın dün çok daha bir geri nerde siparisim istiyorum lutfen",
    ),
    "pl": word_set(
        "ja ty jest są jestem mam masz nie tak i lub ale w na do z od po przez gdzie kiedy dlaczego jak"
        " kto co czy ile",
        "który która moja moje mój proszę dziękuję cześć dzień dobry chcę chciałbym chciałabym mogę może"
        " muszę paczka",
        "przesyłka zamówienie pieniądze zwrot dzisiaj dziś jutro wczoraj jeszcze już bardzo się",
    ),
}
# Words of these lists that English has too, or has taken over, or that begin names and addresses: they add to a case that
# others make, and make none.
_WEAK: Final = word_set(
    "me no on a an as is in so or to do die was war will am man hat he we us i o e y u de la el le les las"
    " los al si se te",
    "ha ho hi mi ti ya wo par ki ke ka ko se ne na tag den des dem das van der per con son sin all tu il"
    " un una en es",
    "and come pour comment for of at via mat hum tum fir sab kal bol tak do das dos da em by at over op te"
    " nu uit met",
    "bin ben sen siz var bar ne ma ta ton mes mon ces leur plus sur sans fait as au aux des du et ou mai"
    " dan di ke mana",
    "ada is heb dit dat zou was met aye bon bom boa dia hallo hola ciao merci gracias danke bonjour favor"
    " namaste morgen",
    "abend will er sie ihr es im um ja nein si oui non ni lo le su sus mis tal nos nas no na os ku mu hay"
    " para para tem",
    "mujer io lei dei del nai bata wala ache nei chai mee naa ela ledu illa anga enga inga panna konjam"
    " ami hun thi tha",
    "gaya mili mila mere bhi woh ye tot al te moja co jak po z w i tak od ile ja ty kto kaha bina koi pagi"
    " barang uno uns",
    "salut com sono per ed più molto men has nasa kita kami aku apa",
)
_ENGLISH: Final = word_set(
    "the a an and or but if of to in on at by for with from about into my your his her our their its it"
    " it's i i'm i'd i've",
    "you he she we they him us them is are am was were be been do does did don't didn't have has had"
    " haven't will would",
    "can could should may might must not yes what when where why who how which that this these those there"
    " here please",
    "thank thanks want need like get got give send call order refund money back help know tell speak talk"
    " just still now",
    "so as than then all any some more up out off let let's okay ok hello hi bye one two three am pm said"
    " say",
)
_PHRASE: Final = 4
_CERTAIN: Final = 0.9
_IDENTIFYING: Final = threading.Lock()
_TOKEN: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NAMES: Final = (
    r"(hindi|tamil|telugu|bengali|marathi|gujarati|kannada|malayalam|punjabi|urdu|spanish|french|german"
    r"|italian|portuguese|dutch|arabic"
    r"|chinese|mandarin|japanese|korean|russian|turkish|polish|indonesian)"
)
_ASKS_FOR: Final = re.compile(
    rf"\b(?:speaks?|talk|understand|know|switch to|continue|converse|chat|conversation)\b(?: \w+){{0,3}}"
    rf" {_NAMES}\b"
    rf"|^(?:(?:please|only|in|sorry|hello|hi)[\s,]+)*{_NAMES}(?: only)?(?:,? (?:please|me|mein))?[\s.!?]*$",
    re.IGNORECASE,
)
_CODES: Final = {
    "hindi": "hi", "tamil": "ta", "telugu": "te", "bengali": "bn", "marathi": "mr", "gujarati": "gu", "kannada": "kn",
    "malayalam": "ml", "punjabi": "pa", "urdu": "ur", "spanish": "es", "french": "fr", "german": "de", "italian": "it",
    "portuguese": "pt", "dutch": "nl", "arabic": "ar", "chinese": "zh", "mandarin": "zh", "japanese": "ja", "korean": "ko",
    "russian": "ru", "turkish": "tr", "polish": "pl", "indonesian": "id",
}  # fmt: skip


_VALUES: Final = re.compile(
    r"\S*[@/]\S*|\S*\d\S*|\b\w+(?:\.\w+)+\b|\b(?:dot|at) (?:com|in|org|net)\b|\b\w+ (?:dot|underscore) \w+\b"
)


def language_of(text: str) -> str:
    """The ISO 639-1 code of the words' language; empty for English and for words that don't tell."""
    # Addresses, numbers and ids are in no language.
    text = _VALUES.sub(" ", text)
    script = _script(text)
    if script:
        return script
    words = [word.lower() for word in _TOKEN.findall(text.replace("’", "'"))]
    # Spelled letters and addresses are in no language.
    words = [word for word in words if len(word) > 1 or word in ("à", "é", "è", "o", "e", "y")]
    if len(words) < 2:
        return ""
    english = sum(word in _ENGLISH for word in words)
    best, points, firm = "", 0.0, 0
    for code, known in _WORDS.items():
        hits = [word for word in words if word in known]
        strong = [word for word in hits if word not in _WEAK and word not in _ENGLISH]
        score = len(strong) + 0.4 * (len(hits) - len(strong))
        if score > points:
            best, points, firm = code, score, len(strong)
    # One firm word is enough of a very short utterance; a longer one needs several.
    enough = firm >= 1 and len(words) <= 3 and not english
    if firm and points >= 1.3 * english and (enough or (firm >= 2 and points / len(words) >= 0.25)):
        return best
    return _statistically(text, words) if not english else ""


def _statistically(text: str, words: Sequence[str]) -> str:
    names = sum(word[:1].isupper() for word in _TOKEN.findall(text))
    if len(words) < _PHRASE or names * 2 > len(words):
        return ""
    with _IDENTIFYING:
        code, probability = _identifier().classify(" ".join(words))
    return str(code)[:2] if code != "en" and probability >= _CERTAIN and len(str(code)) == 2 else ""


@cache
def _identifier() -> Any:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def english_share(text: str) -> float:
    """0..1: how many of the words are small words of English."""
    words = [word.lower() for word in _TOKEN.findall(text.replace("’", "'"))]
    return sum(word in _ENGLISH for word in words) / len(words) if words else 0.0


def language_wished(text: str) -> str:
    """The language somebody asks for in English ("do you speak Hindi?"); empty when nobody does."""
    hit = _ASKS_FOR.search(text)
    return _CODES[(hit.group(1) or hit.group(2)).lower()] if hit else ""


def _script(text: str) -> str:
    counts: dict[str, int] = {}
    letters = 0
    for char in text:
        if not char.isalpha():
            continue
        letters += 1
        if char.isascii():
            continue
        code = _SCRIPTS.get(unicodedata.name(char, "").split(" ")[0].split("-")[0], "")
        if code:
            counts[code] = counts.get(code, 0) + 1
    if not counts:
        return ""
    code, most = max(counts.items(), key=lambda item: item[1])
    if code == "zh" and "ja" in counts:
        code = "ja"
    return code if most >= 2 and most / letters >= 0.3 else ""
