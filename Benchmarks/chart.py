"""A bar chart of ratios as SVG: how many times as fast as each other runtime Swiftlet is."""

import html

BAR, GAP, LEFT, WIDTH, TOP = 14, 12, 290, 520, 56
COLORS = {"litert": "#1f6f8b", "openvino": "#e08e45", "openvino_f32": "#b5651d", "onnxruntime": "#7a5195"}
NAMES = {"litert": "LiteRT 2.3.0 (XNNPACK)", "openvino": "OpenVINO 2026.4",
         "openvino_f32": "OpenVINO, float32", "onnxruntime": "ONNX Runtime 1.31"}
# Longer bars are cut, their number still stands beside them.
LONGEST = 6.0


def svg(rows, subtitle):
    """`rows`: (model, {runtime: ratio}) from top to bottom."""
    runtimes = [name for name in NAMES if any(name in ratios for _, ratios in rows)]
    parts, y = [], TOP + 24
    scale = WIDTH / LONGEST
    for model, ratios in rows:
        height = BAR * len(ratios)
        parts.append(f'<text x="{LEFT - 8}" y="{y + height / 2 + 4:.0f}" text-anchor="end">{html.escape(model)}</text>')
        for name in runtimes:
            if name not in ratios:
                continue
            length = min(ratios[name], LONGEST) * scale
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 2}" fill="{COLORS[name]}"/>'
                         f'<text x="{LEFT + length + 4:.1f}" y="{y + 10}" class="n">{ratios[name]:.2f}</text>')
            y += BAR
        y += GAP
    lines = [f'<line x1="{LEFT + n * scale:.0f}" x2="{LEFT + n * scale:.0f}" y1="{TOP + 12}" y2="{y}" '
             f'stroke="{"#444" if n == 1 else "#ddd"}"/>'
             f'<text x="{LEFT + n * scale:.0f}" y="{y + 14}" text-anchor="middle" class="n">{n}</text>'
             for n in range(int(LONGEST) + 1)]
    legend, x = [], 8
    for name in runtimes:
        legend.append(f'<rect x="{x}" y="{TOP - 16}" width="12" height="12" fill="{COLORS[name]}"/>'
                      f'<text x="{x + 16}" y="{TOP - 6}">{NAMES[name]}</text>')
        x += 190
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 60}" height="{y + 24}" '
        'font-family="sans-serif" font-size="12"><style>.n{font-size:10px;fill:#333}</style>',
        '<rect width="100%" height="100%" fill="white"/>',
        '<text x="8" y="18" font-size="15">Swiftlet: times as fast</text>',
        f'<text x="8" y="34" class="n">{html.escape(subtitle)}</text>',
        *legend, *lines, *parts, "</svg>", ""])
