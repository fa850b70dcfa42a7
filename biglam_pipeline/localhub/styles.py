"""What do the pages look like? System fonts, a readable measure, light and dark, no script."""

STYLE = """
:root { color-scheme: light dark; --ink: #1d2330; --soft: #5b6472; --line: #dde1e8; --paper: #fff; --tint: #f6f7f9;
  --link: #1c4f9c; --good: #1a7f43; --warm: #9a5b00 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --soft: #9ba6b5; --line: #323a47; --paper: #13171d; --tint: #1b212a; --link: #8db8ff;
    --good: #5fce8b; --warm: #e6ab57 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1.5rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif }
a { color: var(--link); text-underline-offset: .15em } a:not(:hover) { text-decoration-thickness: 1px }
nav a, td a, h1 a { text-decoration: none } nav a:hover, td a:hover { text-decoration: underline }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px }
.soft, footer, small { color: var(--soft) }
header { border-bottom: 1px solid var(--line); padding-bottom: .9rem }
header p { margin: .35rem 0 }
h1 { font-size: 1.8rem; line-height: 1.2; margin: .5rem 0 .3rem; letter-spacing: -.01em; overflow-wrap: anywhere }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.4rem 0 .7rem }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .5rem } h4, h5, h6 { font-size: 1rem; margin: 1.4rem 0 .4rem }
nav.within { margin-bottom: 1rem; display: flex; gap: 1.2rem; flex-wrap: wrap; padding: .7rem 0; font-size: .92rem }
.card { max-width: 75ch; overflow-wrap: break-word }
.card > :first-child { margin-top: 0 }
.card img { max-width: 100%; height: auto; border-radius: .3rem }
.card table { display: block; width: max-content; max-width: 100%; overflow-x: auto; margin: 1rem 0 }
.card td { overflow-wrap: break-word }
.card li { margin: .2rem 0 } .card hr { border: 0; border-top: 1px solid var(--line); margin: 2rem 0 }
blockquote { margin: 1rem 0; padding: .1rem 1rem; border-left: .25rem solid var(--line); color: var(--soft) }
table { border-collapse: collapse; width: 100%; font-size: .92rem; line-height: 1.45 }
th, td { padding: .45rem 1rem .45rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
td { overflow-wrap: anywhere }
th { font-weight: 600; color: var(--soft); font-size: .82rem; white-space: nowrap }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
td:last-child, th:last-child { padding-right: 0 }
.rows { overflow: auto; max-height: 36rem; border: 1px solid var(--line); border-radius: .5rem }
.rows table { width: max-content; min-width: 100%; font-size: .86rem }
.rows th, .rows td { padding: .5rem .8rem; max-width: 22rem; border-bottom: 1px solid var(--line) }
.rows th { position: sticky; top: 0; background: var(--tint); color: var(--ink); z-index: 1 }
.rows td { min-width: 5rem } .rows tbody tr:last-child td { border-bottom: 0 }
.rows th small { display: block; font-weight: 400; font-size: .72rem; max-width: 16rem; overflow: hidden;
  text-overflow: ellipsis }
.rows img { display: block; max-height: 7rem; max-width: 12rem; border-radius: .2rem; background: var(--tint) }
pre { background: var(--tint); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem;
  overflow-x: auto; font: .86rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace }
code { font: .88em ui-monospace, "DejaVu Sans Mono", monospace }
:not(pre) > code { background: var(--tint); border-radius: .25rem; padding: .08em .3em }
.rows code { background: none; padding: 0 }
.label { display: inline-block; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .65rem;
  font-size: .8rem; line-height: 1.6; color: var(--soft); margin: 0 .3rem .3rem 0 }
td .label { margin: 0 0 0 .4rem }
.open, .tag { color: var(--good); border-color: currentcolor } .draft { color: var(--warm); border-color: currentcolor }
time, td > a > code, .card td > code { white-space: nowrap }
article.remark { max-width: 75ch; border: 1px solid var(--line); border-radius: .5rem; padding: .2rem 1rem;
  margin: 1rem 0 }
@media (max-width: 40rem) { body { padding: 1rem 1rem 3rem } h1 { font-size: 1.5rem } }
"""
