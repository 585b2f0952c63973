"""The facts of a store as a methods paragraph and as citations."""

from __future__ import annotations

import datetime as dt
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from whowhom.audit.figures import METHOD
from whowhom.cite.facts import CoderFacts, Facts, shipped
from whowhom.errors import UsageError
from whowhom.pipeline import package_version
from whowhom.settings import AUDIT
from whowhom.show.safe import visible

NAMED_OUTLETS = 5
"""Outlets that the paragraph names; the rest are a number."""
WIDTH = 100
"""Columns of the plain text."""


def write(facts: Facts, form: str = "text") -> str:
    """The facts in one of :data:`FORMATS`, each line ended.

    Raises:
        UsageError: it is none of them.
    """
    if form not in FORMATS:
        raise UsageError(f"{form!r} is no format", do=f"One of {', '.join(FORMATS)}.")
    return FORMATS[form](facts)


# -------------------------------------------------------------------- the paragraph
def methods(facts: Facts) -> list[str]:
    """The methods section, a string a paragraph."""
    return [
        " ".join(_source(facts)),
        " ".join(_coding(facts)),
        " ".join(_result(facts)),
        " ".join(_quality(facts)),
    ]


def _source(facts: Facts) -> list[str]:
    total = sum(facts.states.values())
    out = [f"We read {_many(total, 'document')}."]
    parts = []
    words = {
        "coded": "with events",
        "no_events": "without events",
        "duplicate": "duplicates",
        "skipped": "skipped",
        "poisoned": "not coded after two tries",
    }
    for state, said in words.items():
        if facts.states.get(state):
            parts.append(f"{said} {facts.states[state]:,}")
    if parts:
        out.append(f"What became of them: {', '.join(parts)}.")
    if facts.skip_reasons:
        why = [f"{visible(name)} {n:,}" for name, n in facts.skip_reasons.items()]
        out.append(f"Reasons for leaving out: {', '.join(why)}.")
    if facts.first and facts.last:
        span = (
            f"on {_day(facts.first)}"
            if facts.first == facts.last
            else f"between {_day(facts.first)} and {_day(facts.last)}"
        )
        undated = f" ({facts.undated:,} without a date)" if facts.undated else ""
        out.append(f"They were published {span}{undated}.")
    elif facts.documents:
        out.append("None of them has a date of publication.")
    if facts.outlets:
        named = [f"{visible(name)} ({n:,})" for name, n in facts.outlets[:NAMED_OUTLETS]]
        more = len(facts.outlets) - len(named)
        if more:
            named.append(f"{more:,} more")
        lone = f"; {facts.without_outlet:,} name none" if facts.without_outlet else ""
        out.append(f"They come from {_many(len(facts.outlets), 'outlet')}: {_listed(named)}{lone}.")
    if facts.damaged:
        out.append(
            f"{_many(facts.damaged, 'segment')} of the store "
            f"{'is' if facts.damaged == 1 else 'are'} damaged and not counted."
        )
    return out


def _coding(facts: Facts) -> list[str]:
    if not facts.coders:
        return ["Nothing has been coded yet."]
    out = []
    for coder in facts.coders:
        start = "They were" if len(facts.coders) == 1 else f"{coder.documents:,} of them were"
        if coder.imported is not None:
            version = f" {visible(coder.version)}" if coder.version else ""
            out.append(
                f"{start} not coded here, but imported by whowhom{version} from "
                f"files in the format {visible(coder.imported)}{_known_as(coder.imported)}; how "
                "they were coded is for their source to say."
            )
            continue
        out.append(f"{start} {_coder(coder)}.")
    if len(facts.coders) > 1:
        out.append("Counts from different coders should not be compared as one series.")
    if facts.read is not None:
        resolved = "" if facts.parties is None else (
            f"; {facts.parties:.0%} of the actors and recipients were resolved to a country"
        )  # fmt: skip
        out.append(f"{facts.read:.1%} of the text was read{resolved}.")
    return out


def _known_as(form: str) -> str:
    """The data sets that come in a format, to be cited."""
    names = [row["data"] for row in shipped()["source"] if form in row["formats"]]
    if len(names) > 1:
        return f" ({' or '.join(names)}: cite the one that it was)"
    return f" (cite {names[0]}, below)" if names else " (cite where the files came from)"


def _coder(coder: CoderFacts) -> str:
    if coder.version is None:
        return "not coded from text by whowhom, or no manifest of the run is left"
    model = f" and the learned model {coder.model}" if coder.model else ", without a learned model"
    text = (
        f"coded with whowhom {visible(coder.version)}, the codebook {visible(coder.codebook or '')}"
        f"{model}"
    )
    if coder.model is not None and " + llm " in coder.model:
        text += " (a language model, asked where the coder was in doubt)"
    else:
        text += ", offline"
    if coder.settings is None:
        return text
    changed = ", ".join(f"{name} = {_value(value)}" for name, value in coder.settings.items())
    return f"{text}; {f'settings: {changed}' if changed else 'all settings are the shipped ones'}"


def _result(facts: Facts) -> list[str]:
    out = [f"This gave {_many(facts.events, 'event')}"]
    if facts.types:
        out[0] += " in the types " + _listed([f"{visible(t)} ({n:,})" for t, n in facts.types])
    out[0] += "."
    if facts.statuses:
        shares = [f"{visible(s)} {n:,}" for s, n in facts.statuses]
        out.append(f"By status: {', '.join(shares)}.")
    here = any(coder.imported is None for coder in facts.coders)
    if here and facts.dated is not None and facts.placed is not None:
        out.append(
            f"The text itself dates {facts.dated:.0%} of the events; {facts.placed:.0%} have a "
            "place."
        )
    if facts.merge is None:
        out.append("Reports of one incident were not merged: counts are of reports.")
    else:
        m = facts.merge
        out.append(
            f"Merging joined the {_many(m.reports, 'report')} into "
            f"{_many(m.incidents, 'incident')}; {m.copies:,} of {_many(m.documents, 'document')} "
            "are copies of another's text."
        )
    return out


def _quality(facts: Facts) -> list[str]:
    out = []
    found = facts.audit
    if found is not None and found.right.share is not None:
        unit = "incidents" if found.sample.of == "incidents" else "events"
        by = f", stratified by {' and '.join(found.sample.by)}" if found.sample.by else ""
        out.append(
            f"In a random sample of {found.drawn:,} {unit}{by}, {found.judged:,} were judged by "
            f"{_many(len(found.markers), 'person', 'people')}: {_interval(found.right)} of all "
            f"are right as a whole, and of {_interval(found.type_right)} the type is right "
            f"({METHOD.format(level=AUDIT.level)})."
        )
        if found.covered < 1:
            out.append(f"The judged strata are {found.covered:.0%} of the {unit}.")
        for two in found.agreement:
            kappa = "" if two.kappa is None else f", Cohen's kappa {two.kappa:.2f}"
            out.append(
                f"Two of them agree on {two.agreed:.0%} of the {two.events:,} {unit} that both "
                f"judged{kappa}."
            )
    else:
        out.append("No sample of these events has been audited.")
    if facts.coders and all(coder.imported is not None for coder in facts.coders):
        return out
    known = shipped()["accuracy"]
    sets = []
    for row in known["set"]:
        if "precision" in row:
            sets.append(
                f"precision {row['precision']}, recall {row['recall']}, F1 {row['f1']} on "
                f"{row['name']}"
            )
        else:
            sets.append(f"F1 {row['f1']} on {row['name']}")
    parts = [f"{row['name']} {row['value']}" for row in known["part"]]
    out.append(
        f"The package states for its own codebook, model and settings ({known['method']}): "
        f"{'; '.join(sets)}. Of the matched events of the 28, right are: {', '.join(parts)}."
    )
    if not facts.shipped and facts.coders:
        out.append("This store was coded otherwise, so those figures do not speak for it.")
    return out


def limits() -> tuple[str, ...]:
    """What the data cannot say, a sentence each."""
    return tuple(shipped()["limits"]["lines"])


# -------------------------------------------------------------------- the citations
def _software(facts: Facts) -> dict[str, str]:
    """Author, title, version, year of the software that coded."""
    data = shipped()["software"]
    versions = list(dict.fromkeys(c.version for c in facts.coders if c.version))
    year = facts.made.year if facts.made else dt.datetime.now(dt.UTC).year
    return {
        "author": ", ".join(data["authors"]),
        "title": data["title"],
        "version": ", ".join(versions) or package_version(),
        "year": str(year),
        "license": data["license"],
    }


def _data_title(facts: Facts) -> str:
    span = ""
    if facts.first and facts.last:
        span = f", {facts.first.isoformat()} to {facts.last.isoformat()}"
    return f"Event data {visible(facts.name)}: {_many(facts.events, 'event')} from "\
        f"{_many(facts.documents, 'document')}{span}"  # fmt: skip


def sources(facts: Facts) -> list[Mapping[str, Any]]:
    """The data sets that imported events came from, as the package knows them by their formats."""
    formats = {coder.imported for coder in facts.coders}
    return [row for row in shipped()["source"] if formats.intersection(row["formats"])]


def _codebooks_used(facts: Facts) -> str:
    """The codebooks of what was coded from text: an imported file is a source, no codebook."""
    used = [c.codebook for c in facts.coders if c.codebook and c.imported is None]
    return "; ".join(dict.fromkeys(map(visible, used)))


def _made_with(facts: Facts) -> str:
    """Codebooks and imported formats, in words."""
    parts = []
    if used := _codebooks_used(facts):
        parts.append(f"codebook {used}")
    imported = list(dict.fromkeys(visible(c.imported) for c in facts.coders if c.imported))
    if imported:
        parts.append(f"imported from {_listed(imported)}")
    return "; ".join(parts) or "codebook none"


def _apa_source(row: Mapping[str, Any]) -> str:
    names = [_initials(name) for name in row["authors"]]
    who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, & {names[-1]}"
    where = f" {row['venue']}." if "venue" in row else ""
    kind = " [Data set]" if row["kind"] == "data" else ""
    link = f" https://doi.org/{row['doi']}" if "doi" in row else f" {row.get('url', '')}"
    end = "" if who.endswith(".") else "."
    return f"{who}{end} ({row.get('year', 'n.d.')}). {row['title']}{kind}.{where}{link}".rstrip()


def _initials(name: str) -> str:
    """ "Raleigh, C." of "Raleigh, Clionadh"; an organisation as it is."""
    last, comma, first = name.partition(", ")
    return f"{last}, {' '.join(f'{part[0]}.' for part in first.split())}" if comma else name


def apa(facts: Facts) -> str:
    """References in the style of APA 7: the software, the data, what was imported, PLOVER, the
    places."""
    soft, plover, places = _software(facts), shipped()["plover"], shipped()["places"]
    return (
        f"{soft['author']}. ({soft['year']}). {soft['title']} (Version {soft['version']}) "
        "[Computer software].\n"
        f"[Your name]. ({soft['year']}). {_data_title(facts)} (Store {facts.content}; "
        f"{_made_with(facts)}) [Data set].\n"
        + "".join(f"{_apa_source(row)}\n" for row in sources(facts))
        + f"{', '.join(plover['authors'])}. (n.d.). {plover['title']}.\n"
        f"{', '.join(places['authors'])}. (n.d.). {places['title']} ({places['license']}) "
        f"[Data set]. {places['url']}\n"
    )


def bibtex(facts: Facts) -> str:
    """BibTeX entries: the software, the data, PLOVER, the places."""
    soft, plover, places = _software(facts), shipped()["plover"], shipped()["places"]
    note = f"Store {facts.content}; {_made_with(facts)}"
    entries: list[tuple[str, str, dict[str, str]]] = [
        ("software", "whowhom", {
            "author": f"{{{_tex(soft['author'])}}}", "title": f"{{{_tex(soft['title'])}}}",
            "version": _tex(soft["version"]), "year": soft["year"], "license": soft["license"],
        }),
        ("misc", "whowhom-data", {
            "author": "{Your name}", "title": f"{{{_tex(_data_title(facts))}}}",
            "year": soft["year"], "note": _tex(note),
        }),
        *(_bibtex_source(row) for row in sources(facts)),
        ("manual", "plover", {
            "author": " and ".join(f"{{{_tex(a)}}}" for a in plover["authors"]),
            "title": f"{{{_tex(plover['title'])}}}",
        }),
        ("misc", "geonames", {
            "author": " and ".join(f"{{{_tex(a)}}}" for a in places["authors"]),
            "title": f"{{{_tex(places['title'])}}}", "note": _tex(places["license"]),
            "howpublished": _tex(places["url"]),
        }),
    ]  # fmt: skip
    return "\n".join(
        f"@{kind}{{{key},\n"
        + "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        + "}\n"
        for kind, key, fields in entries
    )


def _bibtex_source(row: Mapping[str, Any]) -> tuple[str, str, dict[str, str]]:
    # "Last, First" is a person; an organisation's name is kept whole by braces
    names = (_tex(a) if ", " in a else f"{{{_tex(a)}}}" for a in row["authors"])
    fields = {"author": " and ".join(names), "title": f"{{{_tex(row['title'])}}}"}
    if "year" in row:
        fields["year"] = row["year"]
    if "venue" in row:
        fields["howpublished"] = _tex(row["venue"])
    # DOIs and addresses are taken as they stand
    fields |= {key: row[key] for key in ("doi", "url") if key in row}
    return "misc", row["key"], fields


def _cff_source(row: Mapping[str, Any]) -> list[str]:
    lines = [
        f"  - type: {'data' if row['kind'] == 'data' else 'article'}",
        f"    title: {_yaml(row['title'])}",
        "    authors:",
    ]
    for name in row["authors"]:
        last, comma, first = name.partition(", ")
        if comma:
            lines.append(f"      - family-names: {_yaml(last)}")
            lines.append(f"        given-names: {_yaml(first)}")
        else:
            lines.append(f"      - name: {_yaml(name)}")
    if "year" in row:
        lines.append(f"    year: {row['year']}")
    if "venue" in row:
        lines.append(f"    notes: {_yaml(row['venue'])}")
    lines += [f"    {key}: {_yaml(row[key])}" for key in ("doi", "url") if key in row]
    return lines


def cff(facts: Facts) -> str:
    """A CITATION.cff for the data, with software and ontology as its references."""
    soft, plover, places = _software(facts), shipped()["plover"], shipped()["places"]
    lines = [
        "cff-version: 1.2.0",
        'message: "If you use these data, please cite them, whowhom and PLOVER."',
        "type: dataset",
        f"title: {_yaml(_data_title(facts))}",
        "authors:",
        '  - name: "Your name"',
        *([f"date-released: {facts.made.isoformat()}"] if facts.made else []),
        f"abstract: {_yaml(' '.join(methods(facts)))}",
        "identifiers:",
        "  - type: other",
        f"    value: {_yaml(f'whowhom store {facts.content}')}",
        '    description: "Hash of the segments of the store."',
        "references:",
        "  - type: software",
        f"    title: {_yaml(soft['title'])}",
        "    authors:",
        *(f"      - name: {_yaml(a)}" for a in shipped()["software"]["authors"]),
        f"    version: {_yaml(soft['version'])}",
        f"    license: {soft['license']}",
        f"    notes: {_yaml(_made_with(facts))}",
        *(line for row in sources(facts) for line in _cff_source(row)),
        "  - type: manual",
        f"    title: {_yaml(plover['title'])}",
        "    authors:",
        *(f"      - name: {_yaml(a)}" for a in plover["authors"]),
        "  - type: database",
        f"    title: {_yaml(places['title'])}",
        "    authors:",
        *(f"      - name: {_yaml(a)}" for a in places["authors"]),
        f"    license: {places['license']}",
        f"    url: {_yaml(places['url'])}",
    ]
    return "\n".join(lines) + "\n"


def text(facts: Facts) -> str:
    """Plain text: the methods, the limits, the references."""
    blocks = [*methods(facts), "Limits: " + " ".join(limits()), "References:"]
    wrapped = [textwrap.fill(block, WIDTH) for block in blocks]
    references = [
        textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in apa(facts).splitlines()
    ]
    return "\n\n".join(wrapped) + "\n" + "\n".join(references) + "\n"


def markdown(facts: Facts) -> str:
    """Markdown: the same under headings."""
    paragraphs = "\n\n".join(_md(p) for p in methods(facts))
    bounds = "\n".join(f"- {line}" for line in limits())
    references = "\n".join(f"- {_md(line)}" for line in apa(facts).splitlines())
    return (
        f"## Data and methods\n\n{paragraphs}\n\n## Limits\n\n{bounds}\n\n"
        f"## References\n\n{references}\n"
    )


FORMATS: Mapping[str, Callable[[Facts], str]] = {
    "text": text,
    "md": markdown,
    "bibtex": bibtex,
    "cff": cff,
    "apa": apa,
}


# -------------------------------------------------------------------- words
def _many(count: int, one: str, many: str = "") -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many or one + 's'}"


def _listed(parts: Iterable[str]) -> str:
    some = list(parts)
    return some[0] if len(some) == 1 else f"{', '.join(some[:-1])} and {some[-1]}"


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _interval(figure: Any) -> str:
    return f"{figure.share:.2f} ({figure.low:.2f} to {figure.high:.2f})"


def _value(value: Any) -> str:
    return visible(json.dumps(value, ensure_ascii=False))


def _yaml(value: str) -> str:
    """A string of YAML: JSON's strings are strings of YAML too."""
    return json.dumps(visible(value), ensure_ascii=False)


def _md(value: str) -> str:
    """Text whose signs Markdown takes as they are."""
    return re.sub(r"([\\`*_<>\[\]|#])", r"\\\1", value)


_TEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def _tex(value: str) -> str:
    return "".join(_TEX.get(c, c) for c in visible(value))
