# ruff: noqa: SIM905  (code tables read better as words in a row)
"""Build people.csv and organisations.csv of the actor tables from facts and from editors' lists.

Usage: ``python training/build_actors.py [FACTS] [OUT]``. FACTS is the folder with
reign_leaders.csv, countryinfo.jsonl, officeholders_wikidata.csv and leaders_2026.csv; OUT is
src/whowhom/data/actors. The editors' lists are training/actors/*.txt (their form is described in
SOURCES.md beside the tables). The same input gives the same bytes.

Where sources disagree about one office of one country, the editors' list wins from its first date
on; before that the later source wins, and REIGN (surnames only) fills what is left.
"""

from __future__ import annotations

import csv
import difflib
import itertools
import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

HERE = Path(__file__).parent
LISTS = HERE / "actors"

HEADER = "name aliases surname country sector office start end wikidata source".split()
ORG_HEADER = (
    "name aliases country sector other_sectors members kind start end wikidata source".split()
)

LAST_REIGN = "2021"  # the same for REIGN
LAST_SEEN = "2011"  # countryinfo ends in 2011: "still in office" there is known to that year only


@dataclass
class Row:
    name: str
    country: str
    office: str
    start: str = ""
    end: str = ""
    sector: str = "GOV"
    surname: str = ""
    aliases: list[str] = field(default_factory=list)
    wikidata: str = ""
    source: str = ""


# ------------------------------------------------------------------------ text and dates
def fold(text: str) -> str:
    """Lower case ASCII letters and blanks: the form in which names are compared."""
    plain = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("ł", "l"))
    plain = plain.replace("đ", "d").replace("ı", "i").replace("ß", "ss")
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    plain = re.sub(r"\b(al|el|as|ad|ar|an|at|az|ash)-", "", plain)
    return " ".join(re.sub(r"[^a-z]+", " ", re.sub(r"[’'`.]", "", plain)).split())


def first_day(date: str) -> str:
    return (date + "-01-01")[:10] if len(date) == 4 else (date + "-01")[:10] if date else ""


def last_day(date: str) -> str:
    return date + "-12-31" if len(date) == 4 else date + "-31" if len(date) == 7 else date


def overlap(a: Row, b: Row, slack_years: int = 1) -> bool:
    """True where two terms share time; unknown ends are open, with some years of slack."""
    starts = [first_day(r.start) or "0000" for r in (a, b)]
    ends = [last_day(r.end) or "9999" for r in (a, b)]
    late, early = max(starts), min(ends)
    if early[:4] == "9999" or late[:4] == "0000":
        return True
    return int(late[:4]) <= int(early[:4]) + slack_years


PARTICLES = {
    "de", "da", "do", "dos", "das", "du", "di", "del", "della", "van", "von", "der", "den",
    "ten", "ter", "la", "le", "ben", "bin", "bint", "ibn", "abu", "ould", "wa", "y", "e", "el",
}  # fmt: skip
KEEP = {"de", "da", "do", "dos", "du", "di", "del", "della", "van", "der", "den", "ten", "ter",
        "la", "le", "ben", "bin", "abu", "ould", "wa"}  # fmt: skip
FAMILY_FIRST = {"CHN", "TWN", "HKG", "PRK", "KOR", "KHM", "SGP"}
KHMER_FAMILIES = {"Hun", "Sar", "Hor", "Tea", "Sam", "Sok"}
# First names of officials of Hong Kong, Singapore and Taiwan whose family name comes last
WESTERN_GIVEN = set(
    "elsie henry donald john carrie anson david regina rita stephen joseph michael frederick james "
    "eva george gregory ambrose paul raymond patrick edward fanny sarah antony vincent thomas "
    "jason eugene christina teresa annette vivian vivien grace denise tony mark eric frank peter "
    "mohamad tharman jayakumar lionel".split()
)
SPANISH = {
    "ARG", "BOL", "CHL", "COL", "CRI", "CUB", "DOM", "ECU", "ESP", "GNQ", "GTM", "HND", "MEX",
    "NIC", "PAN", "PER", "PRY", "SLV", "URY", "VEN",
}  # fmt: skip
GIVEN = set(
    "jose luis juan carlos maria jesus alberto antonio miguel angel manuel francisco jorge ana "
    "rosa fernando eduardo enrique ricardo raul rafael pedro pablo julio cesar alfredo oscar hugo "
    "mario roberto guillermo victor felipe alejandro gustavo ernesto arturo armando javier "
    "ignacio ramon alvaro andres augusto humberto orlando rodrigo santiago sergio salvador marco "
    "adolfo agustin alfonso arnoldo benigno diego domingo emilio federico german gonzalo hector "
    "horacio isabel elena fidel leonel lucio martin moises nicolas osvaldo otto patricio rene "
    "ruben simon tomas violeta xavier jaime gabriel daniel david cristina beatriz patricia "
    "margarita mercedes antonieta esther ivan joaquin jamil edgar edmundo edwin efrain elias "
    "esteban eugenio".split()
)


def surname_of(name: str, country: str) -> str:
    """What news uses alone, by rule; the editors' lists override it with ``=Surname``."""
    tokens = [
        t for t in name.replace(",", "").split() if t not in {"Jr.", "Sr.", "Jr", "II", "III"}
    ]
    tokens = [t for t in tokens if not re.fullmatch(r"[IVX]+", t)] or name.split()
    if len(tokens) == 1:
        return strip_article(tokens[0])
    first = tokens[0]
    family_first = country in FAMILY_FIRST and len(first) > 1 and "-" not in first
    family_first = family_first and (country != "KHM" or first in KHMER_FAMILIES)
    if family_first and fold(first) not in WESTERN_GIVEN:
        return first
    if country == "VNM":
        return tokens[-1]
    if country in SPANISH and not any(t.lower() in PARTICLES for t in tokens):
        if len(tokens) == 4:
            return tokens[2]
        if len(tokens) == 3 and fold(tokens[1]) not in GIVEN and "." not in tokens[1]:
            return tokens[1]
    i = len(tokens) - 1
    while i > 1 and tokens[i - 1].lower() in KEEP:
        i -= 1
    return strip_article(" ".join(tokens[i:]))


def strip_article(surname: str) -> str:
    return re.sub(r"^(al|el|Al|El|as|ad|an|ar|at|az|ash)-(?=\w)", "", surname)


# ---------------------------------------------------------------------------- editors' lists
def lines(path: Path) -> Iterator[tuple[str, str]]:
    """Pairs of (header of the block, line), comments and blank lines left out."""
    header = ""
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if not line or line.startswith("//"):
            continue
        if line.startswith("#") and not line.startswith("#Me") and not line.startswith("#End"):
            header = line[1:].strip()
            continue
        yield header, line


def person(text: str, country: str) -> tuple[str, list[str], str]:
    """``Name|alias|alias=Surname`` as name, aliases and surname."""
    names, _, surname = text.partition("=")
    name, *aliases = (n.strip() for n in names.split("|"))
    return name, aliases, surname.strip() or surname_of(name, country)


def editors() -> list[Row]:
    rows: list[Row] = []
    for path in sorted(LISTS.glob("chains_*.txt")):
        block: list[Row] = []
        blocks: list[list[Row]] = []
        previous = ""
        for header, line in lines(path):
            if header != previous or not blocks:
                block = []
                blocks.append(block)
                previous = header
            country, office, *sector = (h.strip() for h in header.split("/"))
            parts = [p.strip() for p in line.split(";")]
            if len(parts) < 2 or len(parts) > 3:
                raise SystemExit(f"{path.name}: {line!r}: wants Name;start or Name;start;end")
            name, aliases, surname = person(parts[0], country)
            end = parts[2] if len(parts) > 2 else ""
            block.append(
                Row(name, country, office, parts[1], end, sector[0] if sector else "GOV",
                    surname, aliases, source="editors")
            )  # fmt: skip
        for chain in blocks:
            for row, following in itertools.pairwise(chain):
                row.end = row.end or following.start
            for row in chain:
                row.end = "" if row.end in {"?", "-"} else row.end
                if row.name != "-":
                    rows.append(row)
    for path in sorted(LISTS.glob("people_*.txt")):
        for _, line in lines(path):
            parts = [p.strip() for p in line.split(";")]
            if not 5 <= len(parts) <= 6:
                raise SystemExit(
                    f"{path.name}: {line!r}: wants country;sector;office;name;start;end"
                )
            country, area, office, names, start = parts[:5]
            name, aliases, surname = person(names, country)
            rows.append(
                Row(name, country, office, start, parts[5] if len(parts) > 5 else "", area,
                    surname, aliases, source="editors")
            )  # fmt: skip
    return rows


# --------------------------------------------------------------------------------- offices
HEADS = {
    "president", "king", "queen", "emperor", "emir", "sultan", "prince", "grand duke", "pope",
    "monarch", "head of state", "shah", "chairman of the presidency", "military ruler",
    "chairman of the revolutionary council", "general secretary of the Communist Party",
    "chairman of the Communist Party", "supreme leader", "leader", "federal president",
    "chairman of the State Council", "governor-general", "interim president", "acting president",
}  # fmt: skip
GOVERNMENT = {"prime minister", "premier", "chancellor", "head of government", "chief executive"}

GOVERNORS = set("AUS CAN NZL ATG BHS BRB BLZ JAM PNG SLB TUV GRD LCA VCT KNA".split())
KINGS = set("BEL ESP JOR MAR SAU THA BTN TON LSO SWZ KHM MYS NOR SWE DNK NLD GBR NPL".split())
HEAD_TITLE = {
    **dict.fromkeys(GOVERNORS, "governor-general"),
    **dict.fromkeys(KINGS, "king"),
    **dict.fromkeys(("KWT", "QAT"), "emir"),
    **dict.fromkeys(("BRN", "OMN"), "sultan"),
    **dict.fromkeys(("LIE", "MCO"), "prince"),
    "BHR": "king", "JPN": "emperor", "LUX": "grand duke", "WSM": "head of state",
    "HKG": "governor", "AND": "co-prince", "SMR": "captain regent",
}  # fmt: skip
# Countries whose one list in countryinfo mixes heads of state and of government
MIXED = set(
    "CUB CYP DNK KAZ KEN KNA GBR LCA LIE NLD NOR SWE SWZ THA TJK TUN UGA UZB TKM ARM MDA KGZ KHM "
    "PRK KOR SMR CHE RUS VNM YEM AND MRT MUS BLR HKG TWN LUX LBN BOL IRN IRQ CZE DEU".split()
)
SECOND = {"CHN": "premier", "AUT": "chancellor", "USA": "vice president", "ARG": "", "CHL": "",
          "ECU": "", "SLV": "", "PAN": "", "DZA": "", "GTM": "",
          "FJI": "prime minister"}  # fmt: skip

PHRASES = [
    (r"^(deputy )?minister (of|for) (foreign (affairs|relations)|external (affairs|relations))\b.*",
     r"\1foreign minister"),
    (r"^secretary of foreign (affairs|relations)$", "foreign minister"),
    (r"^(deputy )?minister (of|for) (national )?def[ea]n[sc]e\b.*", r"\1defence minister"),
    (r"^(deputy )?minister (of|for) (the )?(interior|internal affairs|home affairs)\b.*",
     r"\1interior minister"),
    (r"^(deputy )?minister (of|for) ((national )?econom(y|ics) and )?finance\b.*",
     r"\1finance minister"),
    (r"^(deputy )?minister (of|for) justice\b.*", r"\1justice minister"),
    (r"^permanent representative to the un\b.*", "ambassador to the United Nations"),
    (r"^charge daffaires, un\b.*", "charge d'affaires at the United Nations"),
    (r"^ambassador to the us$", "ambassador to the United States"),
    (r"^(governor|president|chairman|managing director), (central|national|reserve|state) bank\b.*",
     "central bank governor"),
    (r"^(governor|president), .*bank\b.*", "central bank governor"),
    (r"^secretary of state$", "secretary of state"),
    (r"^minister (of|for) (?!state)([a-z]+)$", r"\2 minister"),
]  # fmt: skip


def plain_office(office: str, country: str) -> str:
    text = re.sub(r'\s*"[^"]*"', "", office).replace("_", " ").strip(" ,;")
    text = re.sub(r"\s+", " ", text).lower()
    for pattern, wanted in PHRASES:
        if re.match(pattern, text):
            text = re.sub(pattern, wanted, text)
            break
    if country == "USA":
        text = {
            "minister of defense": "defense secretary", "secretary of defense": "defense secretary",
            "secretary of the treasury": "treasury secretary",
        }.get(text, text)  # fmt: skip
        text = re.sub(r"^secretary of ([a-z]+ ?[a-z]*)$", r"secretary of \1", text)
    return re.sub(r"\bun\b", "UN", text)


def sector_of(office: str, code: str) -> str:
    if "speaker" in office or ("parliament" in office and "minister" not in office):
        return "LEG"
    if "chief justice" in office or "supreme court" in office or "constitutional court" in office:
        return "JUD"
    if code == "SPY" or ("intelligence" in office and "minister" not in office):
        return "SPY"
    if code == "MIL" or re.search(
        r"\b(armed forces|joint chiefs|chief of defen[cs]e staff)\b", office
    ):
        return "MIL"
    if "police" in office and "minister" not in office:
        return "COP"
    return "GOV"


# Offices taken from countryinfo for every country; all offices for the states most in the news
KEY_OFFICE = re.compile(
    r"foreign minister|defence minister|interior minister|finance minister|justice minister|"
    r"prime minister|president|premier|chancellor|ambassador to the United|central bank governor|"
    r"attorney general|chief of staff|chief justice|speaker|national security|intelligence|"
    r"secretary of state|defense secretary|head of|king|emir|sultan|armed forces|spokesman|"
    r"information minister|health minister|oil minister|energy minister|trade minister|"
    r"security minister|public security|prosecutor|police|vice|council|commander"
)
IN_THE_NEWS = set(
    "USA GBR FRA DEU ITA ESP RUS UKR POL TUR ISR PSE EGY SYR LBN IRQ IRN SAU YEM JOR KWT LBY DZA "
    "MAR TUN SDN SSD ETH SOM KEN NGA COD ZAF ZWE IND PAK AFG BGD LKA NPL MMR THA IDN PHL MYS VNM "
    "CHN TWN PRK KOR JPN AUS CAN MEX BRA ARG VEN COL CUB HTI SRB BIH GEO AZE ARM BLR GRC".split()
)
CODE_FIX = {"TMP": "TLS", "GGY": "GBR", "AIA": "", "ABW": "NLD", "BMU": "GBR", "CYM": "GBR",
            "COK": "NZL", "": ""}  # fmt: skip


# ----------------------------------------------------------------------------- countryinfo
LOWER = {"DE", "DA", "DO", "DOS", "DAS", "DEL", "DI", "VAN", "VON", "DER", "DEN", "BIN", "IBN",
         "Y", "LA", "BINT", "OULD"}  # fmt: skip
TITLES = re.compile(
    r"^(LT\.? ?GEN\.?|MAJ\.? ?GEN\.?|BRIG\.? ?GEN\.?|GENERAL|GEN\.|GEN|COL\.|COL|COLONEL|"
    r"ADM\.|ADMIRAL|DR\.|DR|SIR|BISHOP|PROF\.|PROF|SHEIKH|SHAYKH|CAPT\.|MAJ\.|MAJOR|HOJATOLISLAM|AYATOLLAH|"
    r"DATUK SERI|SAMDECH|PRINCE|LYONPO|QUEEN|KING|CROWN|BARON|RATU|TUNKU|TUANKU|MR\.|MRS\.) "
)


def proper(name: str) -> str:
    """A countryinfo name, all capitals there, in the usual writing."""
    text = re.sub(r'"[^"]*"', " ", name.replace("\x1a", "").replace("_", " "))
    text = re.sub(r"[^\w\s'.`’-]", " ", text)
    text = " ".join(text.split())
    while TITLES.match(text) and len(text.split()) > 2:
        text = TITLES.sub("", text, count=1)
    out: list[str] = []
    tokens = text.split()
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if i and token in {"AL", "EL"} and i + 1 < len(tokens):
            out.append(token.lower() + "-" + capital(tokens[i + 1]))
            i += 2
            continue
        if i and token in LOWER:
            out.append(token.lower())
        elif i and re.match(r"(AL|EL|AS|AD|AN|AR|AT|ASH|AZ)-", token):
            head, _, tail = token.partition("-")
            out.append(head.lower() + "-" + capital(tail))
        else:
            out.append(capital(token))
        i += 1
    return " ".join(out)


def capital(token: str) -> str:
    if re.fullmatch(r"[IVX]+", token) and len(token) > 1:
        return token
    if re.fullmatch(r"([A-Z]\.)+", token):
        return token
    token = "-".join(p[:1].upper() + p[1:].lower() for p in token.split("-"))
    token = re.sub(r"^(O|D)'(\w)", lambda m: m[1] + "'" + m[2].upper(), token)
    return re.sub(r"^Mc(\w)", lambda m: "Mc" + m[1].upper(), token)


def date_of(digits: str, month_only: bool) -> str:
    year, month, day = digits[:4], digits[4:6], digits[6:8]
    if not "1900" <= year <= "2012":
        return ""
    if not "01" <= month <= "12":
        return year
    if month_only or not "01" <= day <= ("30" if month in {"04", "06", "09", "11"} else "31"):
        return f"{year}-{month}"
    if month == "02" and day > "28":
        return f"{year}-{month}"
    return f"{year}-{month}-{day}"


def term_of(text: str, month_only: bool) -> tuple[str, str, str] | None:
    """Start, end and sector code of a countryinfo term, or None for births and deaths."""
    found = re.fullmatch(r"(?:([A-Z]{3,})\s+)?([<>]?)\s*(\d{8})(?:\s*-\s*(\d{8}))?", text.strip())
    if not found:
        return None
    code, sign, first, second = found[1] or "", found[2], found[3], found[4]
    if sign == "<":
        return "", date_of(first, month_only), code[3:6]
    if sign == ">":
        return date_of(first, month_only), LAST_SEEN, code[3:6]
    return date_of(first, month_only), date_of(second or "", month_only), code[3:6]


def countryinfo(path: Path) -> Iterator[Row]:
    seen_dependent: set[str] = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        country = CODE_FIX.get(record["code"], record["code"])
        label = record["name"]
        if label == "TURKISH_REPUBLIC_OF_NORTH_CYPRUS":
            country = "CYP"
        if label == "JERSEY" or not country or label in seen_dependent:
            continue
        seen_dependent.add(label)
        dependent = country != record["code"] and record["code"] != "TMP"
        chain, last = 0, ""
        for official in record["officials"]:
            names = [proper(n) for n in official["names"]]
            names = [n for n in names if len(n) > 2]
            leader = official["section"] == "Leaders"
            terms = [t for t in (term_of(t, not leader) for t in official["terms"]) if t]
            if not names or not terms:
                continue
            if leader:
                start = terms[0][0] or "0000"
                if last and start < last and int(last[:4]) - int(start[:4]) >= 2:
                    chain += 1
                last = start
                if dependent:
                    continue
                office = head_office(country, chain)
                offices = [office] * len(terms)
            else:
                stated = [plain_office(o, country) for o in (official["office"] or "").split(" & ")]
                if len(stated) == 1:
                    offices = stated * len(terms)
                elif len(stated) == len(terms):
                    offices = stated
                else:
                    offices = [""] * len(terms)
                if dependent:
                    continue
            for office, (start, end, code) in zip(offices, terms, strict=True):
                if not start and not end:
                    continue
                if start and end and first_day(start) > last_day(end):
                    continue
                if not leader and country not in IN_THE_NEWS and not KEY_OFFICE.search(office):
                    continue
                yield Row(
                    names[0], country, office, start, end, sector_of(office, code),
                    surname_of(names[0], country), names[1:], source="countryinfo",
                )  # fmt: skip


def head_office(country: str, chain: int) -> str:
    if country in MIXED:
        return ""
    if chain == 0:
        return HEAD_TITLE.get(country, "president")
    return SECOND.get(country, "prime minister")


# ------------------------------------------------------------------------- Wikidata tables
ISO2 = {
    "AR": "ARG", "AU": "AUS", "BR": "BRA", "BN": "BRN", "KH": "KHM", "CA": "CAN", "CN": "CHN",
    "EU": "EUR", "FR": "FRA", "DE": "DEU", "IN": "IND", "ID": "IDN", "IT": "ITA", "JP": "JPN",
    "LA": "LAO", "MY": "MYS", "MX": "MEX", "MM": "MMR", "PH": "PHL", "RU": "RUS", "SA": "SAU",
    "SG": "SGP", "ZA": "ZAF", "KR": "KOR", "TH": "THA", "TR": "TUR", "GB": "GBR", "US": "USA",
    "VN": "VNM", "AU_AF": "IGO",
}  # fmt: skip
REALMS = {"AUS", "CAN", "NZL"} | GOVERNORS


def leaders_2026(path: Path) -> Iterator[Row]:
    for record in csv.DictReader(path.open(encoding="utf-8")):
        country = ISO2.get(record["country_iso2"], "")
        if not record["name"] or not country:
            continue
        title = record["title"]
        if title == "Monarch" and country != "GBR":
            continue
        if record["name"] == "Mohammed bin Salman" and title == "King":
            continue  # he is crown prince and prime minister; the king is Salman
        office = {"Monarch": "king", "Prime Minister (King)": "prime minister",
                  "Sultan and Prime Minister": "sultan"}.get(title, title)  # fmt: skip
        office = office.lower() if country not in {"EUR", "IGO"} else office[0].lower() + office[1:]
        yield Row(
            record["name"], country, office, record["since"], "", "GOV",
            surname_of(record["name"], country), [], record["wikidata_id"], "leaders_2026",
        )  # fmt: skip


def wikidata_codes(countries: Path) -> dict[str, str]:
    codes: dict[str, str] = {}
    for record in csv.DictReader(countries.open(encoding="utf-8")):
        for name in [record["name"], *record["aliases"].split("|")]:
            codes.setdefault(fold(name), record["country"])
    codes.update(
        {"people s republic of china": "CHN", "kingdom of denmark": "DNK", "the gambia": "GMB",
         "federated states of micronesia": "FSM", "sahrawi arab democratic republic": "ESH"}
    )  # fmt: skip
    return codes


WIKIDATA_OFFICE = [
    (r"(?i)^(interim |acting )?president of\b|^chairman of the presidential council", "president"),
    (r"(?i)^prime minister|^taoiseach|^minister of state of monaco|^chairman of the council of min",
     "prime minister"),
    (r"(?i)^premier of|^president of the executive yuan", "premier"),
    (r"(?i)^federal chancellor", "chancellor"),
    (r"(?i)^(king|druk gyalpo|yang di-pertuan|ngwenyama)", "king"),
    (r"(?i)^monarch|^monarch of", "king"),
    (r"(?i)^emperor", "emperor"), (r"(?i)^emir", "emir"), (r"(?i)^sultan", "sultan"),
    (r"(?i)^prince of", "prince"), (r"(?i)^pope", "pope"),
    (r"(?i)^supreme leader", "supreme leader"), (r"(?i)^governor-general", "governor-general"),
    (r"(?i)^captain regent", "captain regent"), (r"(?i)^member of the swiss", "federal councillor"),
    (r"(?i)^o le ao", "head of state"), (r"(?i)^chief minister", "chief minister"),
]  # fmt: skip


def officeholders(path: Path, codes: dict[str, str]) -> Iterator[Row]:
    for record in csv.DictReader(path.open(encoding="utf-8")):
        label, name = record["positionLabel"], record["officeholderLabel"]
        country = codes.get(fold(record["country"]), "")
        if not country or re.fullmatch(r"Q\d+", name) or not name:
            continue
        if "Pontifical Commission" in label or ("Executive Yuan" in label and country != "TWN"):
            continue
        if label.lower().startswith("monarch") and country in REALMS:
            continue
        office = next((o for p, o in WIKIDATA_OFFICE if re.match(p, label)), "")
        if not office:
            continue
        yield Row(
            name, country, office, record["start_year"], record["end_year"], "GOV",
            surname_of(name, country), [], record["officeholder"], "officeholders_wikidata",
        )  # fmt: skip


# ----------------------------------------------------------------------------------- REIGN
COW = dict(
    pair.split("=")
    for pair in (
        "GFR=DEU GUI=GIN NIG=NGA URU=URY "
        "BHM=BHS HAI=HTI TRI=TTO BAR=BRB GRN=GRD SLU=LCA SVG=VCT AAB=ATG SKN=KNA GUA=GTM HON=HND "
        "SAL=SLV COS=CRI PAR=PRY UKG=GBR IRE=IRL NTH=NLD FRN=FRA MNC=MCO SWZ=CHE SPN=ESP POR=PRT "
        "GMY=DEU GDR=DEU AUS=AUT CZR=CZE SLO=SVK SNM=SMR MNG=MNE MAC=MKD CRO=HRV YUG=SRB BOS=BIH "
        "SLV=SVN BUL=BGR MLD=MDA ROM=ROU LAT=LVA LIT=LTU GRG=GEO SWD=SWE DEN=DNK ICE=ISL CAP=CPV "
        "EQG=GNQ GAM=GMB MAA=MRT NIR=NER CDI=CIV BFO=BFA SIE=SLE TOG=TGO CAO=CMR GAB=GAB CEN=CAF "
        "CHA=TCD CON=COG DRC=COD TAZ=TZA BUI=BDI ANG=AGO MZM=MOZ ZAM=ZMB ZIM=ZWE MAW=MWI SAF=ZAF "
        "LES=LSO BOT=BWA SWA=SWZ MAG=MDG MAS=MUS SEY=SYC MOR=MAR ALG=DZA LIB=LBY SUD=SDN LEB=LBN "
        "YAR=YEM YPR=YEM KUW=KWT BAH=BHR UAE=ARE OMA=OMN TAJ=TJK KYR=KGZ KZK=KAZ MON=MNG ROK=KOR "
        "BHU=BTN BNG=BGD MYA=MMR SRI=LKA MAD=MDV NEP=NPL THI=THA CAM=KHM DRV=VNM RVN=VNM MAL=MYS "
        "SIN=SGP BRU=BRN PHI=PHL INS=IDN ETM=TLS AUL=AUS NEW=NZL VAN=VUT SOL=SLB FIJ=FJI NAU=NRU "
        "MSI=MHL PAL=PLW"
    ).split()
)
PARLIAMENTARY = set(
    "CAN BHS JAM TTO BRB DMA GRD LCA VCT ATG KNA BLZ GBR IRL NLD BEL LUX ESP ITA MLT ALB MKD HRV "
    "SVN GRC BGR EST LVA SWE NOR DNK ISL LSO IND JPN PAK BGD NPL THA MYS SGP AUS NZL PNG VUT SLB "
    "TUV FJI ISR LBN LAO KHM ETH MUS SVK CZE HUN SRB MNE LIE AND POL PRT".split()
)


def reign(path: Path) -> Iterator[Row]:
    for record in csv.DictReader(path.open(encoding="utf-8")):
        country = COW.get(record["cow_abbreviation"], record["cow_abbreviation"])
        leader = re.sub(r"\s+", " ", record["leader"]).strip()
        family, _, given = leader.partition(",")
        given = re.sub(r"^Prince of .*|^[A-Z]\.?$", "", given.strip())
        leader = f"{given} {family}".strip()
        if not leader or not record["start_year"]:
            continue
        start = f"{record['start_year']}-{int(record['start_month'] or 1):02d}"
        end = LAST_REIGN
        if record["end_year"]:
            end = f"{record['end_year']}-{int(record['end_month'] or 12):02d}"
        office = "prime minister" if country in PARLIAMENTARY else ""
        if country == "DEU":
            office = "leader" if record["cow_abbreviation"] == "GDR" else "chancellor"
        yield Row(leader, country, office, start, end, "GOV", surname_of(leader, country), [],
                  source="reign")  # fmt: skip


# ---------------------------------------------------------------------------------- merging
def family(office: str) -> str:
    if office in HEADS:
        return "state"
    if office in GOVERNMENT:
        return "government"
    return office


def same_family(a: Row, b: Row) -> bool:
    one, two = family(a.office), family(b.office)
    heads = {"state", "government", ""}
    return one == two or ("" in (one, two) and one in heads and two in heads)


def same_person(a: Row, b: Row) -> bool:
    if a.country != b.country:
        return False
    left, right = fold(a.name).split(), fold(b.name).split()
    if not left or not right:
        return False
    one, two = fold(a.surname) or left[-1], fold(b.surname) or right[-1]
    close = (
        one == two
        or one.split()[-1] in right
        or two.split()[-1] in left
        or difflib.SequenceMatcher(None, one, two).ratio() >= 0.8
    )
    if not close:
        return False
    if len(left) == 1 or len(right) == 1 or a.source == "reign" or b.source == "reign":
        return True
    return (
        (bool(set(left) - {one}) and bool(set(left) & set(right) - set(one.split())))
        or difflib.SequenceMatcher(None, left[0], right[0]).ratio() >= 0.6
        or (left[0][0] == right[0][0] and min(len(left[0]), len(right[0])) == 1)
        or difflib.SequenceMatcher(None, " ".join(left), " ".join(right)).ratio() >= 0.8
    )


def absorb(kept: Row, other: Row) -> None:
    """The names and the Wikidata id of a row that says the same of the same person."""
    known = {kept.name, *kept.aliases}
    for name in [other.name, *other.aliases]:
        if len(name.split()) > 1 and name not in known and other.source != "reign":
            kept.aliases.append(name)
            known.add(name)
    kept.wikidata = kept.wikidata or other.wikidata
    if kept.source != "editors":
        if kept.end == LAST_SEEN and other.end:
            kept.end = other.end
        if not kept.office and other.office:
            kept.office = other.office
        if not kept.start and other.start:
            kept.start = other.start
        if other.source not in kept.source.split("+"):
            kept.source += "+" + other.source


def merge(base: list[Row], sources: Iterable[Iterable[Row]]) -> list[Row]:
    rows = list(base)
    by_country: dict[str, list[Row]] = defaultdict(list)
    chains = chained()
    spans: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        by_country[row.country].append(row)
        key = (row.country, family(row.office))
        if row.start and key in chains:
            spans[key].append((first_day(row.start), last_day(row.end) or "9999"))
    for source in sources:
        fresh: list[Row] = []
        for row in source:
            twin = next(
                (
                    k
                    for k in by_country[row.country]
                    if same_family(k, row) and same_person(k, row) and overlap(k, row)
                ),
                None,
            )
            if twin is not None:
                absorb(twin, row)
                continue
            families = [family(row.office)] if row.office else ["state", "government"]
            middle = middle_of(row)
            taken = [span for f in families for span in spans.get((row.country, f), [])]
            if any(start <= middle < end for start, end in taken):
                continue
            by_country[row.country].append(row)
            fresh.append(row)
        rows += fresh
    return rows


def middle_of(row: Row) -> str:
    """The year and month in the middle of a term; half a year from the end that is known."""
    start, end = first_day(row.start), last_day(row.end)
    months = [int(d[:4]) * 12 + int(d[5:7]) - 1 for d in (start, end) if d]
    month = sum(months) // len(months) if len(months) == 2 else months[0] + (3 if start else -3)
    return f"{month // 12:04d}-{month % 12 + 1:02d}-15"


def chained() -> set[tuple[str, str]]:
    """Offices for which the editors' lists are complete from their first date on."""
    keys = set()
    for path in LISTS.glob("chains_*.txt"):
        for header, _ in lines(path):
            country, office, *_ = (h.strip() for h in header.split("/"))
            keys.add((country, family(office)))
    return keys


def spread(rows: list[Row]) -> None:
    """Give every row of one person the Wikidata id, aliases and surname that another row has."""
    people: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        spellings = [row.name, *(a for a in row.aliases if len(a.split()) > 1)]
        for name in dict.fromkeys(fold(s) for s in spellings):
            people[(row.country, name)].append(row)
    for group in people.values():
        ids = {r.wikidata for r in group if r.wikidata}
        best = next((r for r in group if r.source == "editors"), group[0])
        for row in group:
            if len(ids) == 1:
                row.wikidata = next(iter(ids))
            if best.source == "editors" and fold(best.name) == fold(row.name):
                row.name = best.name
                row.surname = best.surname
            for alias in best.aliases:
                known = alias in row.aliases or alias == row.name or best.source != "editors"
                if not known and fold(best.name) == fold(row.name):
                    row.aliases.append(alias)


def join_terms(rows: list[Row]) -> list[Row]:
    """Rows of one person and office whose terms touch or overlap become one row."""
    groups: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[(row.country, fold(row.name), row.office, row.sector)].append(row)
    out: list[Row] = []
    for group in groups.values():
        group.sort(key=lambda r: (first_day(r.start) or "0000", last_day(r.end) or "9999"))
        current = group[0]
        for row in group[1:]:
            touches = row.source != "editors" and _touch(current.end, row.start)
            if touches:
                if (last_day(row.end) or "9999") > (last_day(current.end) or "9999"):
                    current.end = row.end
                absorb(current, replace(row, end="", start=""))
            else:
                out.append(current)
                current = row
        out.append(current)
    return out


def _touch(end: str, start: str) -> bool:
    if not end or not start:
        return True
    a, b = last_day(end), first_day(start)
    months = (int(b[:4]) - int(a[:4])) * 12 + int(b[5:7]) - int(a[5:7])
    return months <= 1


def tidy(rows: list[Row]) -> list[Row]:
    out = []
    for row in rows:
        aliases = []
        for alias in row.aliases:
            if alias and alias != row.name and alias not in aliases:
                aliases.append(alias)
        plain = unicodedata.normalize("NFKD", row.name)
        plain = "".join(c for c in plain if not unicodedata.combining(c))
        if plain != row.name and plain not in aliases:
            aliases.append(plain)
        row.aliases = aliases
        if row.start and row.end and first_day(row.start) > last_day(row.end):
            continue
        out.append(row)
    out.sort(key=lambda r: (r.country, fold(r.name), r.name, first_day(r.start), r.office, r.end))
    return out


def disown(rows: list[Row], ids: dict[str, str]) -> None:
    """Take from a row the names and the Wikidata id of somebody else.

    A namesake's overlapping term may have passed them on: a name that is another editors'
    person's own is no alias, and an id stays with those who bear the name that Wikidata
    gives to it (``ids``: folded name by id).
    """
    own = {(r.country, fold(r.name)) for r in rows if r.source == "editors"}
    for row in rows:
        row.aliases = [
            a for a in row.aliases
            if (row.country, fold(a)) not in own or _one_name(fold(a), fold(row.name))
        ]  # fmt: skip
    bearers: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        bearers[row.wikidata].append(row)
    for number, name in ids.items():
        group = bearers.get(number, [])
        spellings, left = [name], group
        for row in [*group, *group]:  # twice: a spelling of a spelling
            names = [fold(n) for n in (row.name, *row.aliases)]
            if row in left and any(_one_name(a, b) for a in names for b in spellings):
                spellings += names
                left = [other for other in left if other is not row]
        for row in left if len(left) < len(group) else []:
            row.wikidata = ""


def _one_name(one: str, other: str) -> bool:
    """Whether two spellings are one name: the words of one in the other, or nearly the same."""
    left, right = set(one.split()), set(other.split())
    if left <= right or right <= left:
        return True
    return difflib.SequenceMatcher(None, one, other).ratio() >= 0.92


def wikidata_names(facts: Path) -> dict[str, str]:
    """The folded name that Wikidata gives to each id; the list of 2026 for ids it lacks."""
    names: dict[str, str] = {}
    for file, number, name in (
        ("officeholders_wikidata.csv", "officeholder", "officeholderLabel"),
        ("leaders_2026.csv", "wikidata_id", "name"),
    ):
        with (facts / file).open(encoding="utf-8") as stream:
            for record in csv.DictReader(stream):
                if record[number]:
                    names.setdefault(record[number], fold(record[name]))
    return names


# ----------------------------------------------------------------------------------- output
def organisations() -> Iterator[list[str]]:
    for path in sorted(LISTS.glob("organisations_*.txt")):
        for header, line in lines(path):
            kind, sector = header.split()
            sector = "" if sector == "-" else sector
            parts = [p.strip() for p in line.split(";")] + [""] * 5
            name, *aliases = (n.strip() for n in parts[0].split("|"))
            country, other, members, start, end = parts[1:6]
            others = [s for s in other.split("|") if s and s != sector]
            kind = "armed_group" if kind == "crime" else kind
            yield [name, "|".join(dict.fromkeys(a for a in aliases if a != name)), country, sector,
                   "|".join(others), members, kind, start, end, "", "editors"]  # fmt: skip


def write(path: Path, header: list[str], rows: Iterable[list[str]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def main() -> None:
    facts = Path(sys.argv[1] if len(sys.argv) > 1 else "/work/shared/data/facts")
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE.parent / "src/whowhom/data/actors"
    codes = wikidata_codes(out / "countries.csv")
    rows = merge(
        editors(),
        [
            leaders_2026(facts / "leaders_2026.csv"),
            officeholders(facts / "officeholders_wikidata.csv", codes),
            countryinfo(facts / "countryinfo.jsonl"),
            reign(facts / "reign_leaders.csv"),
        ],
    )
    spread(rows)
    rows = tidy(join_terms(rows))
    disown(rows, wikidata_names(facts))
    count = write(
        out / "people.csv",
        HEADER,
        (
            [r.name, "|".join(r.aliases), r.surname, r.country, r.sector, r.office, r.start, r.end,
             r.wikidata, r.source]
            for r in rows
        ),
    )  # fmt: skip
    orgs = sorted(organisations(), key=lambda r: (r[2], r[0], r[7]))
    print(
        f"people: {count} rows; organisations: {write(out / 'organisations.csv', ORG_HEADER, orgs)}"
    )


if __name__ == "__main__":
    main()
