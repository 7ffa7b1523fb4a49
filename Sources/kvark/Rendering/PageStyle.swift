/// The style sheet of a page, for light and dark screens of any width.
enum PageStyle {
    static let sheet: HTML = """
        :root { --ground: #ffffff; --card: #f5f7f9; --ink: #1b2026; --soft: #56606b; --rule: #d5dbe1; --track: #e6eaee;
          --one: #2b6cb0; --json: #2b6cb0; --text: #2f855a; --binary: #c05621; --never: #8592a0; --expired: #c53030; }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #14181c; --card: #1d2228; --ink: #e8ebee; --soft: #a3adb8; --rule: #363e47; --track: #2b323a;
            --one: #63a4e4; --json: #63a4e4; --text: #5fbf8c; --binary: #ea8c55; --never: #7d8996; --expired: #f07575; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--ground); color: var(--ink);
          font: 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        h1 { font-size: 1.5rem; margin: 0.5rem 0 0; overflow-wrap: anywhere; }
        h2 { font-size: 1.1rem; margin: 0; }
        h3 { font-size: 0.95rem; margin: 0 0 0.4rem; }
        header p, figcaption p, section > p { color: var(--soft); margin: 0.2rem 0 0.8rem; font-size: 0.875rem; }
        .key { font-family: ui-monospace, "SFMono-Regular", Menlo, "DejaVu Sans Mono", monospace; font-size: 0.85em;
          overflow-wrap: anywhere; }
        .legend { white-space: nowrap; }
        .cut { color: var(--soft); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.75rem;
          margin: 1rem 0; }
        .tiles div, figure, section { background: var(--card); border-radius: 8px; padding: 0.9rem; min-width: 0; }
        .tiles b { display: block; font-size: 1.35rem; line-height: 1.2; }
        .tiles b data { white-space: nowrap; }
        .tiles span { display: block; font-weight: 600; font-size: 0.875rem; }
        .tiles small { color: var(--soft); }
        .plots { column-gap: 0.75rem; }
        figure { margin: 0 0 0.75rem; break-inside: avoid; }
        section { margin: 0.75rem 0; }
        .bars { list-style: none; margin: 0; padding: 0; }
        .bars li { display: grid; grid-template-columns: minmax(0, 1fr) auto; column-gap: 0.75rem; align-items: baseline;
          margin-bottom: 0.55rem; font-size: 0.875rem; }
        .name { overflow-wrap: anywhere; }
        .numbers { text-align: right; white-space: nowrap; color: var(--soft); font-variant-numeric: tabular-nums; }
        .numbers b { color: var(--ink); font-weight: 600; }
        .bar { grid-column: 1 / -1; display: block; margin-top: 0.15rem; }
        .columns { display: block; font-size: 12px; }
        .columns text { text-anchor: middle; fill: var(--ink); }
        .columns .size { fill: var(--soft); }
        .axis { stroke: var(--rule); }
        .track { fill: var(--track); }
        .one { fill: var(--one); }
        .never { fill: var(--never); }
        .expired { fill: var(--expired); }
        .json { fill: var(--json); color: var(--json); }
        .text { fill: var(--text); color: var(--text); }
        .binary { fill: var(--binary); color: var(--binary); }
        details { margin-top: 0.5rem; font-size: 0.875rem; }
        summary { cursor: pointer; color: var(--soft); }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; width: 100%; }
        th, td { text-align: right; padding: 0.3rem 0.5rem; border-bottom: 1px solid var(--rule); }
        th { color: var(--soft); font-weight: 600; }
        th:first-child, td:first-child, .words { text-align: left; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); gap: 0.75rem; }
        .pair section { margin: 0; }
        dl { display: grid; grid-template-columns: fit-content(9rem) minmax(0, 1fr); gap: 0.35rem 1rem;
          margin: 0.6rem 0 0; font-size: 0.875rem; }
        dt { color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; }
        @media (min-width: 52rem) { .plots { columns: 2; } }
        @media (max-width: 30rem) { .columns { font-size: 9.5px; } body { padding: 0.6rem; } }
        """
}
