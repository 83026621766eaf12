"""Bytes of people's files -> text: the right encoding, or an honest word that it is not certain."""

import unicodedata

import pytest

from charlstm.errors import CorpusError
from charlstm.text.encodings import ENCODINGS, DecodedText, codec_name, decode, encoding_name, how_it_was_read

TEXTS = {
    "de": "Im Frühjahr hörten wir die Vögel über den Dächern, und die Mädchen süßten den Tee größerer Gäste.",
    "fr": "L'élève a reçu une lettre où son père décrivait la forêt, les chênes brûlés et le goût âpre des mûres.",
    "es": "El señor Núñez llegó mañana y tarde al jardín, comió piñas y después habló de sus años en la montaña.",
    "pt": "A criança não comeu o pão à mesa; a avó disse que amanhã, de manhã, haverá maçãs, limões e açúcar.",
    "fi": "Syksyllä järven rannalla päivät lyhenivät, ja äiti keitti mäellä väkevää teetä hämärän pöydän ääressä.",
    "sv": "På våren går flickorna över ängarna till sjön, där gamla båtar ligger och båtsmännen röker i skärgården.",
    "pl": "Żółta łódź płynęła wśród gęstej mgły, a chłopiec śpiewał pieśń o świcie, którą znał od źródła rzeki.",
    "cs": "Když přišel podzim, žáci běželi přes louku k řece, kde šuměly topoly a rybář tiše čekal na štěstí.",
    "hu": "Az öreg kertész hűvös őszi reggelen körtefát ültetett, és türelmesen várta, hogy a gyümölcs megérjen.",
    "lt": "Žiemą šeima sėdėjo prie šilto pečiaus, o močiutė pasakojo apie ąžuolą, žąsis ir užšalusį ežerą.",
    "lv": "Rudenī bērni lasīja sēnes mežā, vecāmāte vārīja ievārījumu, un kaķis gulēja uz siltās krāsns ķēķī.",
    "tr": "Küçük kız ağacın altında oturdu, güneş batarken şarkı söyledi ve kardeşine ılık süt içirdi, çok güldü.",
    "el": "Το πρωί ο ψαράς βγήκε στη θάλασσα, έριξε τα δίχτυα του και περίμενε ήσυχα να φυσήξει λίγος αέρας.",
    "ru": "Осенью старик сидел у окна, слушал дождь и вспоминал, как мальчиком ловил рыбу в быстрой реке.",
    "uk": "Уранці їжак знайшов під яблунею гриби, і його діти довго їли, а потім заснули біля старого паркану.",
    "he": "בבוקר יצא הדייג אל הים, פרש את הרשתות שלו וחיכה בשקט עד שתנשב רוח קלה מן המערב אל החוף.",
    "vi": "Buổi sáng, người đánh cá ra biển, thả lưới xuống nước và lặng lẽ chờ một ngọn gió nhẹ từ phía tây.",
    "zh": "秋天的早晨，老人坐在窗前听雨，想起小时候在河边钓鱼的日子，心里觉得很安静。",
    "ja": "秋の朝、老人は窓辺に座って雨の音を聞き、子どものころ川で魚を釣った日々を静かに思い出した。",
    "ko": "가을 아침에 노인은 창가에 앉아 빗소리를 들으며 어릴 때 강에서 물고기를 잡던 날을 떠올렸다.",
}
IN = {
    "de fr es pt fi sv": "cp1252 iso8859-1 iso8859-15",
    "pl cs hu": "cp1250 iso8859-2",
    "lt lv": "cp1257 iso8859-13",
    "tr": "cp1254 iso8859-9",
    "el": "cp1253 iso8859-7",
    "ru": "cp1251 koi8-r iso8859-5 cp866",
    "uk": "cp1251 koi8-u iso8859-5",
    "he": "cp1255 iso8859-8",
    "vi": "cp1258",
    "zh": "gb18030 gbk hz",
    "ja": "shift_jis cp932 euc_jp iso2022_jp",
    "ko": "euc_kr cp949 iso2022_kr",
}
CASES = [(lang, name) for langs, names in IN.items() for lang in langs.split() for name in names.split()]
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


def tones_apart(text: str) -> str:
    """As Vietnamese is written in Windows-1258: letters whole, tones behind them."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    apart = []
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        letter = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        apart.append(letter + "".join(part for part in parts if part in tones))
    return "".join(apart)


@pytest.mark.parametrize(("lang", "name"), CASES)
def test_the_usual_encodings_of_many_languages_are_read(lang, name):
    text = TEXTS[lang]
    content = (tones_apart(text) if lang == "vi" else text).encode(name)
    assert decode(content).text == text
    assert decode(content, name).text == text


@pytest.mark.parametrize("name", UNICODE)
@pytest.mark.parametrize("lang", TEXTS)
def test_unicode_is_read_with_and_without_a_mark(lang, name):
    assert decode((TEXTS[lang] + "\n").encode(name)) == DecodedText(TEXTS[lang] + "\n", encoding=decode_name(name))


def decode_name(name: str) -> str:
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(name, name)


@pytest.mark.parametrize("lang", TEXTS)
def test_a_cut_character_is_replaced_and_the_rest_is_utf8(lang):
    content = TEXTS[lang].encode()
    last = max(index for index, byte in enumerate(content) if byte >= 0xC0)
    decoded = decode(content[: last + 1])
    assert (decoded.encoding, decoded.replaced, decoded.sure) == ("utf-8", 1, True)
    assert decoded.text == content[:last].decode() + "\ufffd"
    assert how_it_was_read("my.txt", decoded) == "my.txt: 1 damaged characters were replaced by \ufffd."


def test_a_replacement_character_that_was_there_before_is_no_damage():
    assert decode("Übel \ufffd zugerichtet, schön".encode()).replaced == 0


def test_what_is_not_certain_is_said_with_how_it_begins():
    decoded = decode("Nine of ten: 5°, 7° and again 9°.\n".encode("cp1252"))
    assert not decoded.sure
    said = how_it_was_read("my.txt", decoded)
    assert "which is not certain. It begins 'Nine of ten" in said
    assert said.endswith("if that is wrong, name its encoding.")


def test_letters_far_from_the_beginning_tell_the_encoding_too():
    plain = b"Nothing here tells anything.\n" * 70_000  # more than a piece
    decoded = decode(plain + TEXTS["tr"].encode("cp1254"))
    assert decoded.encoding == "cp1254"
    assert decoded.text.endswith(TEXTS["tr"])


def test_line_ends_become_newlines_even_between_two_pieces(monkeypatch):
    monkeypatch.setattr("charlstm.text.encodings.PIECE_BYTES", 4)
    shares = []
    assert decode(b"one\r\ntwo\rthree\n", progress=shares.append).text == "one\ntwo\nthree\n"
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("content", [b"\0\1\2" * 1000, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, b"\0" * 4000])
def test_what_is_no_text_is_refused(content):
    with pytest.raises(CorpusError, match=r"^The file is not text"):
        decode(content)


@pytest.mark.parametrize("name", ["klingon", "base64", "rot13", "", "a\0b", "x" * 5000, "undefined"])
def test_an_encoding_that_there_is_not_is_refused(name):
    with pytest.raises(CorpusError, match=r"`encoding` must be a name that Python knows|is not text"):
        decode(b"abc" if name else b"", name or " ")


def test_names_are_those_of_the_table():
    assert codec_name("Latin-1") == "iso8859-1"
    assert codec_name("utf8") == codec_name("UTF-8-sig") == "utf-8"
    assert [codec_name(name) for name in ENCODINGS] == list(ENCODINGS)
    assert encoding_name("cp1254") == "Windows-1254 (Turkish)"
    assert encoding_name("cp037") == "cp037"
