/// How the page looks: light and dark, on a screen and on paper, from a phone's width up.
///
/// Texts have a contrast of 4.5 or more to what is behind them, lines and bars of 3 or more (WCAG 2.2, AA), in both
/// schemes; `PageStyleTests` computes it.
enum PageStyle {
  /// Colours by name, for the light and the dark scheme.
  static let colors: [(name: String, light: String, dark: String)] = [
    ("page", "#ffffff", "#12161b"), ("panel", "#f5f6f8", "#1a2027"), ("rule", "#d5d9df", "#333c46"),
    ("ink", "#1a2129", "#e4e8ec"), ("soft", "#55606c", "#a0abb6"), ("link", "#0b5cad", "#7db8f5"),
    ("succeeded", "#1d7a46", "#4cc183"), ("unchanged", "#5d6b79", "#93a1af"), ("failed", "#b8251f", "#ff8078"),
    ("blocked", "#8f5600", "#e7a545"), ("conflicted", "#7638ac", "#c495f0"), ("abandoned", "#6b6258", "#b3a798"),
    ("open", "#0b5cad", "#7db8f5"), ("line1", "#0b5cad", "#7db8f5"), ("line2", "#b0480a", "#f2a065"),
    ("line3", "#7638ac", "#c495f0"),
  ]

  private static func variables(_ color: (name: String, light: String, dark: String), isDark: Bool) -> String {
    "--\(color.name):\(isDark ? color.dark : color.light);"
  }

  static let css = """
    :root{color-scheme:light dark;\(colors.map { variables($0, isDark: false) }.joined())}
    @media (prefers-color-scheme:dark){:root{\(colors.map { variables($0, isDark: true) }.joined())}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0 auto;max-width:72rem;padding:2.5rem 1.5rem 3rem;background:var(--page);color:var(--ink);
    font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
    h1{font-size:1.9rem;line-height:1.2;margin:0 0 .6rem;overflow-wrap:anywhere;letter-spacing:-.01em}
    h2{font-size:1.25rem;line-height:1.3;margin:3rem 0 .9rem;padding-top:1rem;border-top:1px solid var(--rule)}
    h3{font-size:1rem;margin:1.8rem 0 .6rem}
    p{margin:.6rem 0;max-width:46rem}
    a{color:var(--link)}
    code,pre,td.code,td.fields{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
    .kind{margin:0 0 .3rem;color:var(--soft);font-size:.9rem}
    .verdict{font-size:1.05rem;max-width:none}
    .badge{display:inline-block;margin-right:.5rem;padding:.05rem .6rem;border:1.5px solid currentColor;
    border-radius:1rem;font-weight:600}
    .good{color:var(--succeeded)}.bad{color:var(--failed)}.warn{color:var(--blocked)}.info{color:var(--link)}
    .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,27rem),1fr));gap:.35rem 2rem;
    margin:1.4rem 0 .8rem}
    .facts div{display:grid;grid-template-columns:6.2rem 1fr;gap:.6rem}
    .facts .wide{grid-column:1/-1}
    .facts dt{color:var(--soft)}
    .facts dd{margin:0;overflow-wrap:anywhere;unicode-bidi:isolate}
    .options div{grid-template-columns:11rem 1fr}
    details{margin:.8rem 0}
    summary{cursor:pointer;color:var(--link)}
    nav{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin-top:1.2rem;padding-top:.8rem;border-top:1px solid var(--rule)}
    .parts{display:flex;gap:2px;height:2.2rem;margin:0 0 1rem}
    .part{flex-basis:0;min-width:4px;display:flex;align-items:center;justify-content:center;overflow:hidden;
    white-space:nowrap;color:var(--page);font-weight:600;font-size:.9rem;border-radius:2px;background:var(--open);
    font-variant-numeric:tabular-nums}
    .part.succeeded{background:var(--succeeded)}.part.unchanged{background:var(--unchanged)}
    .part.failed{background:var(--failed)}.part.blocked{background:var(--blocked)}
    .part.conflicted{background:var(--conflicted)}.part.abandoned{background:var(--abandoned)}
    .mark{white-space:nowrap;color:var(--open);font-weight:600}
    .mark span{display:inline-block;width:1.1em;text-align:center}
    .mark.succeeded{color:var(--succeeded)}.mark.unchanged{color:var(--unchanged)}.mark.failed{color:var(--failed)}
    .mark.blocked{color:var(--blocked)}.mark.conflicted{color:var(--conflicted)}.mark.abandoned{color:var(--abandoned)}
    .box{overflow:auto;margin:.8rem 0 1rem;border:1px solid var(--rule);border-radius:6px}
    .tall{max-height:34rem}
    .box:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
    table{border-collapse:collapse;width:100%;font-size:.9rem}
    caption{padding:.5rem .8rem;text-align:left;color:var(--soft);font-size:.85rem}
    th,td{padding:.4rem .8rem;text-align:left;vertical-align:baseline;border-top:1px solid var(--rule)}
    th{position:sticky;top:0;background:var(--panel);font-weight:600;white-space:nowrap}
    .number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
    td.prose{min-width:14rem;overflow-wrap:anywhere}
    td.code{white-space:nowrap;width:1%}
    td.fields{min-width:16rem;overflow-wrap:anywhere}
    .id{color:var(--soft);font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
    font-size:.8em;overflow-wrap:anywhere;min-width:12rem}
    .comment,.more,.hint,.times,.unit,i{color:var(--soft)}
    b,td,code,.comment{unicode-bidi:isolate}
    .to{color:var(--soft)}
    .times{margin-left:.6rem;font-variant-numeric:tabular-nums}
    .hint{font-size:.9rem}
    .steps{display:grid;grid-template-columns:minmax(12rem,18rem) 1fr;gap:.5rem 1.2rem;align-items:baseline;margin:0}
    .steps dd{margin:0;min-width:0}
    .steps pre{margin:0}
    pre{margin:.3rem 0 .8rem;padding:.6rem .9rem;overflow-x:auto;background:var(--panel);border:1px solid var(--rule);
    border-radius:6px}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1.2rem}
    .chart{margin:0;padding:.9rem;border:1px solid var(--rule);border-radius:6px}
    .charts .box{margin:0}
    .chart>svg{display:block;width:100%;height:auto}
    .chart text{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
    .end{text-anchor:end}.middle{text-anchor:middle}
    figcaption{margin-bottom:.6rem;font-size:.9rem}
    .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;margin:.3rem 0 0;padding:0}
    .swatch{width:28px;height:8px;vertical-align:middle}
    .grid{stroke:var(--rule);stroke-width:1}.tick{stroke:var(--soft);stroke-width:1}
    .line{fill:none;stroke-width:2;stroke-linejoin:round}
    .line1{stroke:var(--line1)}.line2{stroke:var(--line2);stroke-dasharray:7 4}
    .line3{stroke:var(--line3);stroke-dasharray:2 3}
    .area{fill:var(--line1);opacity:.12}.bar{fill:var(--line1)}
    .break{fill:none;stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
    footer{margin-top:3rem;padding-top:.8rem;border-top:1px solid var(--rule);color:var(--soft);font-size:.85rem}
    @media (max-width:40rem){body{padding:1.4rem 1rem 2rem}h1{font-size:1.5rem}.chart{padding:.6rem .4rem}
    .steps{grid-template-columns:1fr;gap:.2rem}.steps dt{margin-top:.6rem}}
    @media print{
    :root{\(colors.map { variables($0, isDark: false) }.joined())}
    body{max-width:none;padding:0;font-size:10pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
    nav,summary{display:none}
    .box,.tall{overflow:visible;max-height:none}
    th{position:static}
    tr,.chart,pre{break-inside:avoid}
    h2,h3,dt{break-after:avoid}
    pre{white-space:pre-wrap}
    .tall tbody tr:nth-child(n+201){display:none}
    .tall:has(tbody tr:nth-child(201))::after{content:"On paper, the first 200 rows.";display:block;padding:.5rem .8rem}
    }

    """
}
