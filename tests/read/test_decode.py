from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whowhom.errors import InputError
from whowhom.read.decode import charset, clean, declared, decode, one_line

TEXT = "Übergangspräsident José Núñez met striking dockers in Málaga."


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "utf-32", "utf-16-be", "utf-16-le"])
def test_marks_and_wide_charsets(name: str) -> None:
    if name == "utf-16":  # without a mark the NULs of Latin text show it
        assert decode(TEXT.encode("utf-16-le")).text == TEXT
    found = decode(TEXT.encode(name))
    assert found.text == TEXT
    assert found.notes == ()


def test_utf8_wins_over_a_wrong_declaration() -> None:
    assert decode(TEXT.encode(), "koi8-r").encoding == "utf-8"


def test_declared_charset() -> None:
    found = decode("Митинг в Минске".encode("cp1251"), "windows-1251")
    assert (found.text, found.encoding, found.notes) == ("Митинг в Минске", "cp1251", ())
    assert decode(TEXT.encode("cp1252"), "iso-8859-1").encoding == "cp1252"


def test_seven_bit_japanese_needs_its_declaration() -> None:
    text = "抗議 in Tokyo"
    assert decode(text.encode("iso2022_jp"), "iso-2022-jp").text == text


@pytest.mark.parametrize(
    "name", ["zip", "rot13", "utf-7", "idna", "unicode_escape", "no-such", "\0", "", None]
)
def test_codecs_that_are_no_charset_are_refused(name: str | None) -> None:
    assert charset(name) is None


def test_latin_bytes_are_read_as_cp1252_and_that_is_noted() -> None:
    found = decode(TEXT.encode("latin-1"))
    assert found.text == TEXT
    assert found.notes == ("not UTF-8: read as cp1252",)


def test_another_script_is_guessed() -> None:
    text = "Министр иностранных дел прибыл в столицу и встретился с послом соседней страны. " * 6
    found = decode(text.encode("koi8-r"))
    assert found.text == text
    assert "guess" in found.notes[0]


def test_few_bad_bytes_in_utf8_are_replaced_and_counted() -> None:
    data = TEXT.encode() + b" \xff and \xc3("
    found = decode(data)
    assert found.text.startswith(TEXT)
    assert found.notes == ("2 bytes were not utf-8 and replaced",)


def test_bytes_that_no_charset_has() -> None:
    found = decode(b"Rebels \x81\x8d left the town.")
    assert found.encoding == "utf-8"
    assert found.notes == ("2 bytes were not utf-8 and replaced",)
    assert decode(b"Troops\x81 left").notes == ("1 byte was not utf-8 and replaced",)


def test_binary_is_refused_and_a_stray_nul_is_not() -> None:
    with pytest.raises(InputError) as caught:
        decode(bytes(range(256)) * 8)
    assert caught.value.reason == "not_text"
    assert (
        decode(b"Police\0 closed the bridge over the river on Friday night.").text.count("\0") == 1
    )


def test_declarations() -> None:
    assert declared(b"<?xml version='1.0' encoding='ISO-8859-2'?><x/>") == "iso-8859-2"
    assert declared(b'<html><meta http-equiv=x content="text/html; charset=Big5">') == "big5"
    assert declared(b"<html><meta charset=utf-8>") == "utf-8"
    assert declared(b"plain") is None


def test_clean_keeps_places_and_takes_out_controls() -> None:
    assert clean("a\r\nb\rc") == "a\nb\nc"
    dirty = "x\x00\x1b[31m\x7f\t\n\ud800y\x92s\x81"
    assert clean(dirty) == "x  [31m \t\n\ufffdy’s "
    assert len(clean(dirty)) == len(dirty)
    assert one_line("  a\n\tb  ") == "a b"
    assert len(one_line("x" * 5000)) == 1000


@settings(deadline=None)  # a busy machine is no bug
@given(
    st.binary(max_size=300), st.sampled_from([None, "utf-8", "shift_jis", "cp1251", "utf-16", "hz"])
)
def test_never_fails_but_by_refusing(data: bytes, name: str | None) -> None:
    try:
        found = decode(data, name)
    except InputError as error:
        refused = error.reason
    else:
        refused = ""
    assert refused in ("", "not_text")
    if refused:
        return
    tidy = clean(found.text)
    assert not any(ord(c) < 32 and c not in "\n\t" for c in tidy)
    tidy.encode("utf-8")
