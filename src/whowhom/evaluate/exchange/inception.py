"""INCEpTION's documents: UIMA CAS as JSON (written) and as JSON or XMI (read), in a zip file.

Two layers: ``Event`` (the trigger) and ``Party`` (parties, speakers, places). An event has a link
feature, ``arguments``, whose roles are actor, recipient, speaker and place. Needs the package
dkpro-cassis (extra ``gold``).
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from whowhom.errors import InputError, UsageError
from whowhom.evaluate.exchange.page import (
    EVENT_VALUES,
    PARTY,
    PARTY_VALUES,
    PLACE,
    Link,
    Mark,
    Page,
    Read,
    checked,
    from_page,
    shaped,
    to_page,
)
from whowhom.evaluate.gold import AnnotatedDocument
from whowhom.settings import DEFAULT

if TYPE_CHECKING:
    from cassis import Cas, TypeSystem

EVENT = "webanno.custom.Event"
LINK = "webanno.custom.EventArgumentsLink"
PARTY_LAYER = "webanno.custom.Party"
REST = "webanno.custom.Whowhom"
_DKPRO_META = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_TYPE_SYSTEM = "TypeSystem.xml"
_NAME_CHARACTERS = 120  # of a file's name, of which systems allow 255 bytes


def _cassis() -> Any:
    try:
        import cassis
    except ImportError as error:
        raise UsageError(
            "INCEpTION's format needs dkpro-cassis", do="Install it: pip install 'whowhom[gold]'"
        ) from error
    return cassis


def layers() -> TypeSystem:
    """The type system of the layers."""
    found = _cassis().TypeSystem()
    party = found.create_type(PARTY_LAYER, "uima.tcas.Annotation")
    for name in ("kind", *PARTY_VALUES):
        found.create_feature(party, name, "uima.cas.String")
    link = found.create_type(LINK, "uima.cas.TOP")
    found.create_feature(link, "role", "uima.cas.String")
    found.create_feature(link, "target", party)
    event = found.create_type(EVENT, "uima.tcas.Annotation")
    for name in ("event_type", *EVENT_VALUES):
        found.create_feature(event, name, "uima.cas.String")
    found.create_feature(event, "arguments", "uima.cas.FSArray", elementType=link)
    rest = found.create_type(REST, "uima.cas.AnnotationBase")
    found.create_feature(rest, "content", "uima.cas.String")
    return found


def write(documents: Sequence[AnnotatedDocument]) -> bytes:
    """A zip file with a CAS a document, and the type system."""
    types = layers()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in documents:
            name = f"{_file_name(document.id)}.json"
            archive.writestr(_entry(name), _cas(to_page(document), types).to_json())
        archive.writestr(_entry(_TYPE_SYSTEM), types.to_xml())
    return buffer.getvalue()


def setup() -> str:
    """The layers as a UIMA type system (XML), which INCEpTION imports under Settings, Layers."""
    return str(layers().to_xml())


def read(path: Path, rests: Mapping[str, Any], coder: str | None) -> Read:
    """The documents of a CAS file, of a folder of them, or of a zip file, exported projects too.

    Args:
        path: the file or folder.
        rests: what pages had beside their text, by id, for documents that have lost it.
        coder: whose annotations are read, where there are several people's.

    Raises:
        InputError: it holds no CAS, or a document by several people and ``coder`` is None.
    """
    found = Read([])
    seen: dict[str, str | None] = {}
    for held in _held(path):
        if coder is not None and held.coder is not None and held.coder != coder:
            continue
        cas = _load(held)
        with shaped(held.where, "INCEpTION"):
            rest = _rest(cas) or rests.get(held.document, {})
            id_ = str(rest.get("id") or held.document)
            if id_ in seen:
                raise InputError(
                    f"{id_!r} was annotated by {seen[id_] or 'somebody'} and by {held.coder}",
                    where=str(path),
                    do="Say whose annotations you want with --coder NAME.",
                )
            seen[id_] = held.coder
            page = _page(cas, rest)
            found.documents.append(checked(from_page(page, found.lost.append, id_=id_)))
    if not seen:
        raise InputError(
            "it holds no CAS" if coder is None else f"it holds no CAS of {coder}",
            where=str(path),
            do="Export documents as UIMA CAS JSON or UIMA CAS XMI.",
        )
    return found


# ------------------------------------------------------------------ CAS and page
def _cas(page: Page, types: TypeSystem) -> Cas:
    cassis = _cassis()
    cas = cassis.Cas(types)
    cas.sofa_string, cas.sofa_mime = page.text, "text/plain"
    party, link, event = (types.get_type(name) for name in (PARTY_LAYER, LINK, EVENT))
    marks: dict[str, Any] = {}
    for mark in page.marks:
        if mark.label in (PARTY, PLACE):
            marks[mark.id] = party(
                begin=mark.start, end=mark.end, kind=mark.label.lower(), **mark.values
            )
    array = types.get_type("uima.cas.FSArray")
    for mark in page.marks:
        if mark.id in marks:
            continue
        links = [
            link(role=item.label, target=marks[item.target])
            for item in page.links
            if item.source == mark.id
        ]
        marks[mark.id] = event(
            begin=mark.start,
            end=mark.end,
            event_type=mark.label,
            arguments=array(elements=links) if links else None,
            **mark.values,
        )
    cas.add_all(list(marks.values()))
    cas.add(types.get_type(REST)(content=json.dumps(page.rest, ensure_ascii=False)))
    return cas


def _page(cas: Cas, rest: Mapping[str, Any]) -> Page:
    text = cas.sofa_string or ""
    marks: list[Mark] = []
    links: list[Link] = []
    ids: dict[int, str] = {}
    for item in _select(cas, PARTY_LAYER):
        ids[id(item)] = f"p{len(ids) + 1}"
        label = PLACE if str(item.get("kind") or "").lower() == "place" else PARTY
        values = {k: str(v) for k in PARTY_VALUES if (v := item.get(k))}
        marks.append(Mark(ids[id(item)], item.begin, item.end, label, values))
    for n, item in enumerate(_select(cas, EVENT), 1):
        values = {k: str(v) for k in EVENT_VALUES if (v := item.get(k))}
        label = str(item.get("event_type") or "(no type)")
        marks.append(Mark(f"e{n}", item.begin, item.end, label, values))
        held = item.get("arguments")
        for link in getattr(held, "elements", held) or ():
            target = ids.get(id(link.target), "")
            links.append(Link(f"e{n}", target, str(link.role or "(no role)")))
    return Page(text, marks, links, rest)


def _select(cas: Cas, name: str) -> list[Any]:
    if not cas.typesystem.contains_type(name):
        return []
    return sorted(cas.select(name), key=lambda a: (a.begin, a.end))


def _rest(cas: Cas) -> dict[str, Any]:
    if not cas.typesystem.contains_type(REST):
        return {}
    for item in cas.select(REST):
        try:
            found = json.loads(item.content)
        except (TypeError, ValueError):
            continue
        if isinstance(found, dict):
            return found
    return {}


# ------------------------------------------------------------------ files
@dataclass(frozen=True, slots=True)
class _Held:
    """A CAS in a file: of which document, by whom, and its bytes."""

    document: str
    coder: str | None
    where: str
    data: bytes
    types: bytes | None


def _load(held: _Held) -> Cas:
    cassis = _cassis()
    if b"<!DOCTYPE" in held.data or (held.types and b"<!DOCTYPE" in held.types):
        raise InputError("a DOCTYPE is no part of a CAS", where=held.where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # offsets outside the text are named by us
            if held.data.lstrip()[:1] == b"{":
                return cassis.load_cas_from_json(_with_elements(held.data))
        if held.types is None:
            raise InputError(
                f"its {_TYPE_SYSTEM} is missing",
                where=held.where,
                do="Keep both files of the export in one folder.",
            )
        types = cassis.load_typesystem(io.BytesIO(held.types))
        return cassis.load_cas_from_xmi(io.BytesIO(held.data), typesystem=types, lenient=True)
    except InputError:
        raise
    except Exception as error:  # the library has no error of its own
        raise InputError(
            f"no CAS ({type(error).__name__}: {error})",
            where=held.where,
            do="Export the document again, as UIMA CAS JSON.",
        ) from error


def _with_elements(data: bytes) -> str:
    """JSON of a CAS in which empty arrays have their list of elements: cassis reads no other."""
    found = json.loads(data)
    for structure in found["%FEATURE_STRUCTURES"]:
        if str(structure["%TYPE"]).endswith(("[]", "Array")):
            structure.setdefault("%ELEMENTS", [])
    return json.dumps(found)


def _held(path: Path) -> Iterator[_Held]:
    if path.is_dir():
        files = {
            p.relative_to(path).as_posix(): p
            for p in sorted(path.rglob("*"))
            if p.is_file() and not p.is_symlink()
        }
        yield from _among({n: p.read_bytes for n, p in files.items()}, str(path))
        return
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"it cannot be read ({error.strerror})", where=str(path)) from error
    if data[:2] == b"PK":
        yield from _zipped(data, str(path), None)
        return
    types = path.with_name(_TYPE_SYSTEM)
    yield _Held(
        unquote(path.stem), None, str(path), data, types.read_bytes() if types.exists() else None
    )


def _zipped(data: bytes, where: str, document: str | None) -> Iterator[_Held]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise InputError(f"no zip file ({error})", where=where) from error
    with archive:
        for info in archive.infolist():
            if info.file_size > DEFAULT.max_file_bytes:
                raise InputError(
                    f"{info.filename} has {info.file_size:,} bytes",
                    where=where,
                    do=f"At most {DEFAULT.max_file_bytes:,} are read of one document.",
                )
        names = {i.filename: i for i in archive.infolist() if not i.is_dir()}
        read = {n: (lambda i=i: archive.read(i)) for n, i in names.items()}
        yield from _among(read, where, document)


def _among(files: Mapping[str, Any], where: str, document: str | None = None) -> Iterator[_Held]:
    """CAS files among others. In an exported project a document is a folder, and each person's
    annotations a file in it, or a zip file with the CAS and its type system."""
    for name, data in files.items():
        at = PurePosixPath(name)
        top = at.parts[0] if len(at.parts) > 2 else ""
        project = top in ("annotation", "curation", "annotation_ser", "curation_ser")
        if at.suffix == ".zip" and document is None:
            inner = _stem(at.parent.name if project else at.stem)
            for held in _zipped(data(), f"{where}: {name}", inner):
                yield _Held(inner, at.stem, held.where, held.data, held.types)
        elif at.suffix in (".json", ".xmi") and (project or document or len(at.parts) == 1):
            types = files.get((at.parent / _TYPE_SYSTEM).as_posix()) or files.get(_TYPE_SYSTEM)
            id_ = document or (_stem(at.parent.name) if project else unquote(at.stem))
            yield _Held(
                id_,
                at.stem if project else None,
                f"{where}: {name}",
                data(),
                types() if types else None,
            )


def _stem(name: str) -> str:
    return unquote(name.removesuffix(".json").removesuffix(".xmi"))


def _file_name(id_: str) -> str:
    name = quote(id_, safe=" ")
    if len(name) > _NAME_CHARACTERS:
        digest = hashlib.sha256(id_.encode("utf-8", "replace")).hexdigest()[:16]
        name = name[: _NAME_CHARACTERS - 17] + "-" + digest
    return name


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry without a time, so that the same documents give the same bytes."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
