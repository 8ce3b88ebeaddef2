"""Small line charts side by side as one SVG, readable on light and dark pages."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

COLUMNS = 3
WIDTH, HEIGHT = 300, 190
LEFT, RIGHT, TOP, BOTTOM = 46, 16, 34, 36
COLOURS = ("#2f81f7", "#d9822b", "#2da44e")
STYLE = """
text { font: 11px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; font-size: 12px; fill: #1f2328 }
.axis { stroke: #8c959f; stroke-opacity: .45 }
@media (prefers-color-scheme: dark) { text { fill: #9198a1 } .title { fill: #e6edf3 } }
"""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """One chart: x is logarithmic, y begins at 0."""

    title: str
    x: str
    y: str
    lines: Mapping[str, Points]


def svg(panels: Sequence[Panel], caption: str) -> str:
    """All panels in one picture."""
    rows = math.ceil(len(panels) / COLUMNS)
    width, height = COLUMNS * WIDTH, rows * HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(caption)}</title><style>{STYLE}</style>",
    ]
    for place, panel in enumerate(panels):
        row, column = divmod(place, COLUMNS)
        parts.append(f'<g transform="translate({column * WIDTH} {row * HEIGHT})">')
        parts += _panel(panel)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel) -> list[str]:
    points = [point for line in panel.lines.values() for point in line]
    low, high = min(x for x, _ in points), max(x for x, _ in points)
    top = _round_up(1.1 * max(y for _, y in points))
    inner, depth = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def across(x: float) -> float:
        return LEFT + inner * math.log(x / low) / math.log(high / low)

    def down(y: float) -> float:
        return TOP + depth * (1 - y / top)

    parts = [
        f'<text class="title" x="{LEFT}" y="14">{escape(panel.title)}</text>',
        f'<text x="{LEFT}" y="28">{escape(panel.y)}</text>',
    ]
    for share in (0, 0.5, 1):
        y = down(top * share)
        parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        label = f"{top * share:,.3g}" if top < 1000 else f"{top * share:,.0f}"
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{label}</text>')
    for x in (low, high):
        anchor = "start" if x == low else "end"
        parts.append(
            f'<text x="{across(x):.0f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="{anchor}">'
            f"{x:,.0f}</text>"
        )
    parts.append(
        f'<text x="{LEFT + inner / 2}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">'
        f"{escape(panel.x)}</text>"
    )
    for line, colour in zip(panel.lines.values(), COLOURS, strict=False):
        path = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{across(x):.1f}" cy="{down(y):.1f}" r="2.5" fill="{colour}"/>'
            for x, y in line
        ]
    if len(panel.lines) > 1:
        names = " · ".join(
            f'<tspan style="fill: {colour}">{escape(name)}</tspan>'
            for name, colour in zip(panel.lines, COLOURS, strict=False)
        )
        parts.append(f'<text x="{WIDTH - RIGHT}" y="28" text-anchor="end">{names}</text>')
    return parts


def _round_up(value: float) -> float:
    """The next number of the form 1, 2, 4, 6 or 8 times a power of ten."""
    power = 10 ** math.floor(math.log10(value))
    return float(next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= value))
