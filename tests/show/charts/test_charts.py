"""Charts: they say what the data say, draw, and can be read by everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict

import pyarrow as pa
import pytest

pytest.importorskip("altair")
pytest.importorskip("vl_convert")

from whowhom.show import charts
from whowhom.show.charts import embed, theme
from whowhom.show.charts.world import equal_earth, frame_of, outline, points

DAYS = [dt.date(1962, 10, day) for day in range(20, 28)]
SERIES = pa.table(
    {
        "period": DAYS,
        "verbal_cooperation": [1, 0, 0, 0, 0, 0, 0, 1],
        "material_cooperation": [0] * 8,
        "verbal_conflict": [0, 0, 2, 5, 3, 2, 2, 2],
        "material_conflict": [0, 0, 1, 1, 0, 0, 0, 3],
    }
)
CHANGES = pa.table({"period": [dt.date(1962, 10, 22)], "before": [0.5], "after": [3.5]})
NODES = pa.table({"key": ["USA", "RUS", "CUB", "KEN REB"], "weight": [9, 8, 4, 1]})
EDGES = pa.table(
    {
        "a": ["RUS", "CUB", "CUB"],
        "b": ["USA", "RUS", "KEN REB"],
        "weight": [6, 3, 1],
        "score": [-4.0, 3.0, None],
    }
)
MATRIX = pa.table(
    {
        "actor": ["USA", "RUS", "CUB"],
        "recipient": ["RUS", "USA", "USA"],
        "count": [6, 2, 0],
        "score": [-4.0, 1.0, None],
    }
)
CLAIMS = pa.table(
    {
        "speaker": ["USA", "USA", "USA", "CUB"],
        "target": ["RUS", "RUS", "USA", "USA"],
        "event_type": ["ACCUSE", "AID", "AGREE", "ASSAULT"],
        "quad": [
            "verbal conflict",
            "material cooperation",
            "verbal cooperation",
            "material conflict",
        ],
        "count": [5, 1, 9, 2],
    }
)
FIGURES = pa.table(
    {
        "incident": ["i1", "i1", "i2", "i2"],
        "kind": ["killed", "killed", "crowd", "crowd"],
        "low": [12, 40, 500, None],
        "high": [12, None, 500, 900],
        "claimant": ["the ministry", "residents", "Atlantic Wire", "police"],
        "place": ["Santiago", "Santiago", None, None],
        "day": [DAYS[0], DAYS[0], None, None],
    }
)
PLACES = pa.table(
    {
        "place": ["Havana", None, "<b>Nowhere</b>"],
        "country": ["CUB", "TUV", None],
        "lat": [23.1, None, None],
        "lon": [-82.4, None, None],
        "count": [3, 2, 1],
        "score": [-3.0, 2.0, None],
    }
)
TYPES = pa.table(
    {
        "event_type": ["ACCUSE", "CONSULT", "ASSAULT"],
        "quad": ["verbal conflict", "verbal cooperation", "material conflict"],
        "count": [6, 3, 3],
    }
)
STATUSES = pa.table({"status": ["negated", "actual"], "count": [1, 3]})
SURE = pa.table({"value": ["0.4", "0.9"], "count": [1, 3]})

ALL: dict[str, Callable[[], theme.Chart]] = {
    "timeline": lambda: charts.timeline(SERIES, CHANGES, between="Cuba and the United States"),
    "network": lambda: charts.network(NODES, EDGES),
    "matrix": lambda: charts.matrix(MATRIX),
    "claims": lambda: charts.claims(CLAIMS),
    "figures": lambda: charts.figures(FIGURES),
    "world": lambda: charts.world(PLACES),
    "types": lambda: charts.types(TYPES),
    "statuses": lambda: charts.statuses(STATUSES),
    "confidence": lambda: charts.confidence(SURE),
}
EMPTY: dict[str, Callable[[], theme.Chart]] = {
    "timeline": lambda: charts.timeline(SERIES.slice(0, 0)),
    "network": lambda: charts.network(NODES.slice(0, 0), EDGES.slice(0, 0)),
    "matrix": lambda: charts.matrix(MATRIX.slice(0, 0)),
    "claims": lambda: charts.claims(CLAIMS.slice(0, 0)),
    "figures": lambda: charts.figures(FIGURES.slice(0, 0)),
    "world": lambda: charts.world(PLACES.slice(0, 0)),
    "types": lambda: charts.types(TYPES.slice(0, 0)),
    "statuses": lambda: charts.statuses(STATUSES.slice(0, 0)),
}


def title(chart: theme.Chart) -> str:
    return " ".join(chart.to_dict()["title"]["text"])


@pytest.mark.parametrize("name", ALL)
def test_a_chart_is_valid_and_draws_with_a_finding_and_a_description(name: str) -> None:
    chart = ALL[name]()
    specification = chart.to_dict(validate=True)
    assert specification["title"]["text"][0]
    assert title(chart) in specification["description"]
    assert specification["width"] == "container"
    assert embed.svg(chart, width=360).startswith("<svg")


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_to_draw_is_said_and_drawn(name: str) -> None:
    assert title(EMPTY[name]())
    assert embed.svg(EMPTY[name]()).startswith("<svg")


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("timeline", "Cuba and the United States: more conflict than cooperation"),
        ("timeline", "from 22 October much more passes between them"),
        ("network", "Conflict prevails between Russia and the United States"),
        ("matrix", "The United States acts most towards Russia: 6 incidents, and 2 come back"),
        ("claims", "Most is said by the United States about Russia: 6 statements"),
        (
            "figures",
            "How many were killed in Santiago? The ministry says 12, residents at least 40",
        ),
        ("types", "75% of what is told is conflict"),
        ("statuses", "75% is told as happening; the rest is denied"),
    ],
)
def test_the_title_is_the_finding(name: str, finding: str) -> None:
    assert finding in title(ALL[name]())


def test_what_speakers_say_of_themselves_is_not_drawn() -> None:
    drawn = embed.svg(charts.claims(CLAIMS))
    assert "United States → Russia" in drawn
    assert "United States → United States" not in drawn


def test_links_are_drawn_where_there_are_any() -> None:
    linked = TYPES.append_column("link", pa.array(["#one", None, "#three"]))
    assert 'href="#one"' in embed.svg(charts.types(linked))
    assert "href" not in embed.svg(charts.types(TYPES))


def test_the_same_network_is_drawn_the_same() -> None:
    assert charts.network(NODES, EDGES).to_dict() == charts.network(NODES, EDGES).to_dict()


# ------------------------------------------------------------------------------ the map
def test_every_country_of_the_outline_has_a_point_or_no_code() -> None:
    geometries = outline()["objects"]["countries"]["geometries"]
    drawn = sum(1 for _, _, there in points().values() if there)
    # Northern Cyprus and Somaliland have no code of their own
    assert drawn == len(geometries) - 2
    assert points()["SGP"] == (1.37, 103.8, False)
    assert points()["KOS"][2]


def test_a_state_too_small_for_the_outline_is_a_point() -> None:
    pins = [
        row
        for data in charts.world(PLACES).to_dict()["datasets"].values()
        if isinstance(data, list)
        for row in data
        if row.get("country") == "TUV"
    ]
    inline = [
        row
        for layer in charts.world(PLACES).to_dict()["layer"]
        for row in (layer.get("data", {}).get("values") or [])
        if isinstance(row, dict) and row.get("country") == "TUV"
    ]
    assert (pins + inline)[0]["lat"] == -8.0


def test_the_frame_holds_its_pins_across_the_date_line() -> None:
    pins = [{"lat": -18.0, "lon": 178.0}, {"lat": -14.0, "lon": -172.0}]
    frame = frame_of(pins)
    for pin in pins:
        x, y = frame.at(pin["lat"], pin["lon"])
        assert abs(x) < 0.5
        assert abs(y) < 0.25
    assert frame.width < 3


def test_equal_earth_at_known_points() -> None:
    # corners of the projection, by Savric, Patterson and Jenny (2018): 2.7066 and 1.3173
    assert equal_earth(0, 180)[0] == pytest.approx(2.7066, abs=1e-3)
    assert equal_earth(90, 0)[1] == pytest.approx(1.3173, abs=1e-3)


# -------------------------------------------------------------------------- the colours
def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_colours_have_the_contrast_that_wcag_asks_for(palette: theme.Palette) -> None:
    for words in (palette.ink, palette.quiet, palette.coop_deed, palette.clash_deed):
        assert contrast(words, palette.paper) >= 4.5
    for mark in (palette.coop_word, palette.clash_word, palette.grey):
        assert contrast(mark, palette.paper) >= 3
    for ground in ("coop_tint", "coop_pale", "clash_tint", "clash_pale", "even"):
        assert contrast(palette.ink, getattr(palette, ground)) >= 4.5


# Viénot, Brettel and Mollon (1999): linear RGB as people without red or green cones see it
BLIND = {
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_the_sides_are_told_apart_without_red_or_green_cones(
    palette: theme.Palette, kind: str
) -> None:
    def seen(colour: str) -> list[float]:
        parts = [(int(colour[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)]
        rows = BLIND[kind]
        linear = [sum(m * p for m, p in zip(row, parts, strict=True)) for row in rows]
        return [max(0.0, value) ** (1 / 2.2) for value in linear]

    for one, other in (
        (palette.coop_deed, palette.clash_deed),
        (palette.coop_word, palette.clash_word),
        (palette.coop_tint, palette.clash_tint),
    ):
        away = sum((a - b) ** 2 for a, b in zip(seen(one), seen(other), strict=True)) ** 0.5
        assert away > 0.25


def test_no_two_roles_share_a_colour() -> None:
    for palette in (theme.LIGHT, theme.DARK):
        assert len(set(asdict(palette).values())) == len(asdict(palette))


def test_dark_has_no_light_colour_left() -> None:
    text = str(charts.themed(charts.types(TYPES), "dark").to_dict())
    assert theme.DARK.clash_word in text
    assert theme.LIGHT.clash_word not in text


# --------------------------------------------------------------------------- embedding
def test_a_piece_cannot_be_broken_out_of() -> None:
    piece = embed.html(charts.world(PLACES), identity='a"><script>', fallback=False)
    assert "<b>Nowhere" not in piece
    assert piece.count("<script") == 1
    assert piece.count("</script") == 1
    assert 'id="a&quot;&gt;&lt;script&gt;"' in piece


def test_the_script_can_stand_in_a_page_and_has_the_hash_that_it_says() -> None:
    import base64
    import hashlib

    script = embed.script()
    assert "</script" not in script.lower()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert embed.script_hash() == f"'sha256-{digest}'"
    assert "ast: true" in script


def test_the_bundle_is_kept_and_a_torn_copy_is_made_anew(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    import vl_convert

    made: list[int] = []

    def bundle() -> str:
        made.append(1)
        return "var vega = 1;"

    monkeypatch.setattr(vl_convert, "javascript_bundle", bundle)
    monkeypatch.setattr(embed, "cache_folder", lambda: tmp_path)
    for _ in range(2):
        embed.bundle.cache_clear()
        assert embed.bundle() == "var vega = 1;"
    assert len(made) == 1
    (kept,) = tmp_path.iterdir()  # type: ignore[attr-defined]
    kept.write_text("var ve")
    embed.bundle.cache_clear()
    assert embed.bundle() == "var vega = 1;"
    assert len(made) == 2
    embed.bundle.cache_clear()


def test_colours_on_a_page_are_variables() -> None:
    piece = embed.html(charts.types(TYPES), identity="x")
    assert "var(--ww-clash-word)" in piece
    assert theme.LIGHT.clash_word not in piece
    for role in asdict(theme.LIGHT):
        assert f"{theme.variable(role)}:" in embed.css()


def test_png_is_a_picture() -> None:
    assert embed.png(charts.types(TYPES), theme="dark").startswith(b"\x89PNG")
