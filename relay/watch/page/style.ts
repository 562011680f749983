// The one stylesheet: system fonts, few colours, the same in light and dark, a table that becomes cards on a phone.

export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f7f7f5; --card: #ffffff; --ink: #1b1f24; --dim: #5a6270; --line: #d9dce1; --link: #0b57b0;
  --good: #17663a; --good-ground: #e2f3e8; --wait: #734f00; --wait-ground: #fbf0d3; --bad: #a31621; --bad-ground: #fbe5e6; --lost: #5b3a9e; --lost-ground: #ece6f8; --quiet-ground: #eceef1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --card: #1c2026; --ink: #e6e9ee; --dim: #a0a8b5; --line: #333a44; --link: #84b9ff;
    --good: #86dba5; --good-ground: #17342350; --wait: #f0cf7c; --wait-ground: #3a301550; --bad: #ff9da3; --bad-ground: #43202350; --lost: #c9b3ff; --lost-ground: #35275a50; --quiet-ground: #2a303950;
  }
}
* { box-sizing: border-box; }
html { font: 15px/1.5 system-ui, sans-serif; background: var(--ground); color: var(--ink); }
body { margin: 0 auto; max-width: 68rem; padding: 0 1.25rem 3rem; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
h1 { font-size: 1.45rem; line-height: 1.25; margin: 1.5rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 .6rem; } h3 { font-size: .95rem; margin: 1rem 0 .3rem; }
p { margin: .35rem 0; overflow-wrap: anywhere; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
header { display: flex; flex-wrap: wrap; gap: .6rem 1.5rem; align-items: end; padding: 1rem 0; border-bottom: 1px solid var(--line); }
.brand { font-weight: 650; margin: 0 auto .35rem 0; }
.brand a { color: inherit; text-decoration: none; }
.pulse { flex-basis: 100%; margin: 0; color: var(--dim); font-size: .87rem; min-height: 1.3rem; }
.pulse.lost { color: var(--bad); font-weight: 600; }
.search { display: grid; grid-template-columns: auto auto auto; gap: .1rem .5rem; align-items: end; }
.search label { grid-row: 1; font-size: .82rem; color: var(--dim); }
.search input, .search select, .search button { grid-row: 2; }
input, select, button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .3rem .6rem; min-height: 2.2rem; }
input { min-width: 0; }
#q { width: 17rem; }
button { cursor: pointer; font-weight: 550; }
button:hover { border-color: var(--dim); }
.lights { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .75rem; list-style: none; margin: 0 0 1rem; padding: 0; }
.light { background: var(--card); border: 1px solid var(--line); border-left: 5px solid var(--good); border-radius: 8px; padding: .65rem .9rem; }
.light .word { color: var(--good); font-weight: 600; margin-left: .35rem; }
.light.bad { border-left-color: var(--bad); background: var(--bad-ground); } .light.bad .word { color: var(--bad); }
.light.quiet { border-left-color: var(--dim); } .light.quiet .word { color: var(--dim); }
.light.wait { border-left-color: var(--wait); background: var(--wait-ground); } .light.wait .word { color: var(--wait); }
.light p { font-size: .92rem; }
.lights + p { margin-bottom: 1rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 0 0 1.5rem; }
.figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .55rem .9rem; }
.figures dt { color: var(--dim); font-size: .87rem; } .figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.3; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1.1rem; margin: 0 0 1rem; }
section.unknown { border-left: 5px solid var(--lost); }
section.trouble { border-color: var(--bad); border-left-width: 5px; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--dim); font-size: .82rem; }
tbody th { overflow-wrap: anywhere; min-width: 10rem; }
td.when { white-space: nowrap; }
td { overflow-wrap: anywhere; }
td p { max-width: 34rem; font-size: .92rem; }
.entities { font-size: .92rem; } .pages { display: flex; gap: 1rem; }
.dim { color: var(--dim); } .empty { color: var(--dim); }
.badge { display: inline-block; border-radius: 99px; padding: 0 .6rem; font-size: .85rem; font-weight: 600; white-space: nowrap; background: var(--quiet-ground); color: var(--dim); vertical-align: baseline; }
.badge.good { background: var(--good-ground); color: var(--good); } .badge.wait { background: var(--wait-ground); color: var(--wait); } .badge.lost { background: var(--lost-ground); color: var(--lost); } .badge.bad { background: var(--bad-ground); color: var(--bad); }
h1 .badge { font-size: .9rem; vertical-align: middle; }
.rows.acting li { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; align-items: center; } .rows.acting .action { grid-column: 2; grid-row: 1 / span 2; } .rows.acting p { grid-column: 1; }
.rows { list-style: none; margin: .5rem 0 0; padding: 0; } .rows li { padding: .45rem 0; border-top: 1px solid var(--line); }
.steps { list-style: none; margin: 0; padding: 0; } .steps li { padding: .3rem 0; overflow-wrap: anywhere; } .steps time { display: inline-block; min-width: 6.5rem; color: var(--dim); }
.about { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; margin: 0; } .about dt { color: var(--dim); } .about dd { margin: 0; overflow-wrap: anywhere; }
.lead { font-size: 1.08rem; max-width: 48rem; margin-bottom: 1.2rem; } .crumbs { margin: 1rem 0 -.8rem; font-size: .92rem; }
.notice { background: var(--wait-ground); color: var(--wait); border-radius: 8px; padding: .6rem 1rem; margin-top: 1rem; font-weight: 600; }
.action { display: inline-block; margin-left: .2rem; }
dialog { border: 1px solid var(--line); border-radius: 10px; background: var(--card); color: var(--ink); max-width: 26rem; padding: 1.2rem 1.4rem; } dialog::backdrop { background: #0008; }
dialog label { display: block; margin-top: .8rem; } dialog input { width: 100%; } .buttons { display: flex; gap: .6rem; justify-content: end; margin-top: 1rem; }
footer { color: var(--dim); font-size: .87rem; margin-top: 1.5rem; }
@media (max-width: 44rem) {
  body { padding: 0 .9rem 2rem; }
  .brand { flex-basis: 100%; }
  .search { grid-template-columns: 1fr; width: 100%; } .search label, .search input, .search select, .search button { grid-row: auto; } #q { width: 100%; }
  .scroll { overflow: visible; }
  table.pushes, .pushes tbody, .pushes tr, .pushes th, .pushes td { display: block; } .pushes thead { position: absolute; left: -999rem; }
  .pushes tr { padding: .6rem 0; border-bottom: 1px solid var(--line); } .pushes tr:last-child { border-bottom: 0; } .pushes th, .pushes td { border: 0; padding: .1rem 0; min-width: 0; }
  .pushes td { display: inline-block; margin-right: 1rem; } .pushes td p { margin: .1rem 0; }
  .pushes td[data-label]::before { content: attr(data-label) ' '; color: var(--dim); font-size: .85rem; margin-right: .35rem; }
  .about { grid-template-columns: 1fr; } .about dd { margin-bottom: .5rem; }
}
@media (prefers-reduced-motion: no-preference) { .pulse { transition: color .3s; } }
`
