/// The style sheet of the inspection page, for light and dark screens.
enum PageStyle {
  static let text = """
    :root { color-scheme: light dark; --ground: #f6f7f9; --paper: #fff; --ink: #1c2430; --faint: #667184; --line: #d9dee6;
      --edge: #9aa5b5; --accent: #2563eb; --warn: #c2410c; --weights: #dbe8ff; --elementwise: #dcf5e3; --window: #fdeccb;
      --movement: #eceef2; --conversion: #f3e3fb; --state: #ffe1e1; --other: #e0f2f5; --lightness: 72%; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #12161c; --paper: #1a2029; --ink: #e5e9f0; --faint: #95a1b3; --line: #2f3846; --edge: #5d6b80;
        --accent: #7aa7ff; --warn: #fb923c; --weights: #1f3a66; --elementwise: #1d4430; --window: #57400f;
        --movement: #2b3340; --conversion: #432858; --state: #5a2428; --other: #1d434c; --lightness: 42%; }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
    header, main { max-width: 1280px; margin: 0 auto; padding: 0 24px; }
    h1 { font-size: 24px; margin: 28px 0 0; overflow-wrap: anywhere; }
    header p { color: var(--faint); margin: 4px 0 0; }
    h2 { font-size: 17px; margin: 0 0 10px; }
    section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px;
      margin: 18px 0; overflow-x: auto; }
    section > p { color: var(--faint); margin: 0 0 12px; }
    .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin: 18px 0; }
    .figures div { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 10px 14px; }
    dt { color: var(--faint); font-size: 13px; } dd { margin: 0; font-size: 19px; font-weight: 600; }
    .problems { border-color: var(--warn); } .problems h2 { color: var(--warn); } .problems ul { margin: 0;
      padding-left: 20px; max-height: 240px; overflow: auto; }
    .legend { display: flex; flex-wrap: wrap; gap: 6px 10px; margin: 0 0 10px; font-size: 13px; color: var(--ink); }
    .key { padding: 1px 10px; border-radius: 9px; border: 1px solid var(--line); }
    .key.weights { background: var(--weights); } .key.elementwise { background: var(--elementwise); }
    .key.window { background: var(--window); } .key.movement { background: var(--movement); }
    .key.conversion { background: var(--conversion); } .key.state { background: var(--state); }
    .key.other { background: var(--other); }
    .tools { display: flex; align-items: center; gap: 6px; margin-bottom: 8px; color: var(--faint); font-size: 13px; }
    .tools span { margin-left: 8px; }
    button { font: inherit; color: var(--ink); background: var(--ground); border: 1px solid var(--line); border-radius: 6px;
      padding: 2px 12px; cursor: pointer; } button:hover { border-color: var(--accent); }
    .frame { overflow: auto; max-height: 78vh; border: 1px solid var(--line); border-radius: 8px; background: var(--ground); }
    .frame svg { display: block; margin: 0 auto; }
    svg text { fill: var(--ink); font: 600 12px system-ui, sans-serif; text-anchor: middle; }
    svg text.shape { font-weight: 400; font-size: 11px; fill: var(--faint); }
    svg text.axis { font-weight: 400; font-size: 11px; fill: var(--faint); } svg text.axis.end { text-anchor: end; }
    .edge { fill: none; stroke: var(--edge); stroke-width: 1.4; } .edge:hover { stroke: var(--accent); stroke-width: 3; }
    marker path { fill: var(--edge); }
    .operator, .end { cursor: default; } .operator { cursor: pointer; }
    .operator > rect, .end > rect { stroke: var(--edge); stroke-width: 1; }
    .end > rect { fill: var(--paper); }
    .operator > rect.work { fill: var(--accent); stroke: none; }
    .weights > rect { fill: var(--weights); } .elementwise > rect { fill: var(--elementwise); }
    .window > rect { fill: var(--window); } .movement > rect { fill: var(--movement); }
    .conversion > rect { fill: var(--conversion); } .state > rect { fill: var(--state); } .other > rect { fill: var(--other); }
    .folded { opacity: .6; } .folded > rect { stroke-dasharray: 4 3; }
    .refused > rect { stroke: var(--warn); stroke-width: 2.5; }
    .operator.chosen > rect:first-of-type { stroke: var(--accent); stroke-width: 3; }
    .block { fill: hsl(var(--hue) 55% var(--lightness)); stroke: var(--paper); stroke-width: 1; }
    .block:hover, .scratch:hover { stroke: var(--ink); stroke-width: 2; }
    .scratch { fill: var(--faint); stroke: var(--paper); stroke-width: 1; }
    .grid { stroke: var(--line); } .bound { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 6 4; }
    table { border-collapse: collapse; width: 100%; font-size: 13px; }
    th { text-align: left; color: var(--faint); font-weight: 500; border-bottom: 1px solid var(--line); padding: 4px 8px; }
    td { border-bottom: 1px solid var(--line); padding: 3px 8px; vertical-align: top; white-space: nowrap; }
    tr:last-child td { border-bottom: 0; } .number { text-align: right; font-variant-numeric: tabular-nums; }
    #operators tbody tr { cursor: pointer; } #operators tbody tr:hover, tr.chosen { background: var(--ground); }
    tr.chosen td:first-child { box-shadow: inset 3px 0 var(--accent); }
    .name { white-space: normal; overflow-wrap: anywhere; color: var(--faint); }
    .bar { display: block; min-width: 120px; padding-left: 4px;
      background: linear-gradient(to right, var(--weights) var(--share), transparent var(--share)); }
    summary { cursor: pointer; } summary h2 { display: inline; }
    details[open] summary { margin-bottom: 10px; }
    """
}
