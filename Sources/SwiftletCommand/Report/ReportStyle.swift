/// Style sheet and script of the quantization report, for light and dark screens.
enum ReportStyle {
  static let text = """
    :root { color-scheme: light dark; --ground: #f6f7f9; --paper: #fff; --ink: #1c2430; --faint: #667184; --line: #d9dee6;
      --own: #c2410c; --total: #2563eb; --bars: #5b7fb8; --held: #e3edff; --good: #15803d; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #12161c; --paper: #1a2029; --ink: #e5e9f0; --faint: #95a1b3; --line: #2f3846; --own: #fb923c;
        --total: #7aa7ff; --bars: #86a8e0; --held: #22304a; --good: #4ade80; }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
    header, main { max-width: 1280px; margin: 0 auto; padding: 0 24px; }
    h1 { font-size: 24px; margin: 28px 0 0; overflow-wrap: anywhere; } header p { color: var(--faint); margin: 4px 0 0; }
    h2 { font-size: 17px; margin: 0 0 8px; } h3 { font-size: 14px; margin: 0; overflow-wrap: anywhere; }
    section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px;
      margin: 18px 0; }
    section > p { color: var(--faint); margin: 0 0 12px; font-size: 13px; }
    .wide { overflow-x: auto; } .wide > svg { display: block; width: 100%; min-width: 720px; height: auto; }
    .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 12px; margin: 18px 0; }
    .figures div { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 10px 14px; }
    .figures span { color: var(--faint); font-size: 13px; }
    dt { color: var(--faint); font-size: 13px; } dd { margin: 0; font-size: 18px; font-weight: 600; }
    .key { display: inline-block; margin-right: 14px; color: var(--ink); }
    .key::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 50%;
      background: var(--own); }
    .key.total::before { height: 3px; width: 16px; border-radius: 2px; vertical-align: 4px; background: var(--total); }
    .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(350px, 1fr)); gap: 14px; }
    article { border: 1px solid var(--line); border-radius: 8px; padding: 10px; min-width: 0; }
    article p { margin: 2px 0; color: var(--faint); font-size: 13px; } article b { color: var(--own); }
    figure { margin: 10px 0 0; } figcaption { font-size: 12px; color: var(--faint); }
    figure svg { display: block; width: 100%; height: auto; }
    svg text { fill: var(--faint); font: 11px system-ui, sans-serif; text-anchor: middle; }
    svg text.end { text-anchor: end; } svg text.start { text-anchor: start; }
    .grid { stroke: var(--line); } .bars { fill: var(--bars); } .held { fill: var(--held); }
    .total { fill: none; stroke: var(--total); stroke-width: 1.8; stroke-linejoin: round; }
    circle.own { fill: var(--own); stroke: var(--paper); stroke-width: 1; } circle.own:hover { r: 6px; }
    table { border-collapse: collapse; width: 100%; font-size: 13px; }
    th { text-align: left; color: var(--faint); font-weight: 500; border-bottom: 1px solid var(--line); padding: 4px 8px;
      white-space: nowrap; }
    #layers th { cursor: pointer; } #layers th:hover { color: var(--ink); }
    th[data-order="1"]::after { content: " ↑"; } th[data-order="-1"]::after { content: " ↓"; }
    td { border-bottom: 1px solid var(--line); padding: 3px 8px; vertical-align: middle; white-space: nowrap; }
    tr:last-child td { border-bottom: 0; } tr:target td { background: var(--held); }
    .number { text-align: right; font-variant-numeric: tabular-nums; }
    .name { white-space: normal; overflow-wrap: anywhere; } .float { color: var(--good); }
    td svg { display: block; }
    ul { margin: 0; padding-left: 20px; }
    """

  /// Sorts the table of layers; sets `data-ready` on the root element when all of it has run, `data-error` when something
  /// failed.
  static let script = """
    const root = document.documentElement;
    addEventListener("error", event => { root.dataset.error = event.message; });
    const table = document.getElementById("layers"), body = table.tBodies[0];
    const key = (row, column) => {
      const cell = row.cells[column], marked = cell.querySelector("[data-value]");
      const text = marked ? marked.dataset.value : cell.textContent, number = Number(text);
      return text !== "" && !Number.isNaN(number) ? number : text;
    };
    const compare = (a, b) => typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1;
    [...table.tHead.rows[0].cells].forEach((head, column, heads) => head.addEventListener("click", () => {
      const order = head.dataset.order === "1" ? -1 : 1;
      heads.forEach(other => delete other.dataset.order);
      head.dataset.order = order;
      const rows = [...body.rows].map(row => [key(row, column), row]);
      rows.sort((a, b) => order * compare(a[0], b[0]));
      body.append(...rows.map(pair => pair[1]));
    }));
    root.dataset.ready = "true";
    """
}
