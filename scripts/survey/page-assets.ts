// The style and the script of a survey's and a migration's page.

export const STYLE = `
:root { color-scheme: light dark; --fg: #1c2024; --soft: #5b636b; --bg: #fff; --card: #f5f6f8; --line: #d9dde2; --bad: #c62828; --warn: #a15c00; --good: #1e7d3c; --rest: #9aa3ad; --link: #0b57c2 }
@media (prefers-color-scheme: dark) { :root { --fg: #e6e8ea; --soft: #a3abb4; --bg: #14171a; --card: #1d2125; --line: #343a41; --bad: #ff7b72; --warn: #e3b341; --good: #56d364; --rest: #6b747e; --link: #79b8ff } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 72rem; color: var(--fg); background: var(--bg); font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
a { color: var(--link) } .soft { color: var(--soft) } code { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere }
.headline { font-size: 2.2rem; font-weight: 650; line-height: 1.2; margin: 1.2rem 0 .2rem }
.bad { color: var(--bad) } .warn { color: var(--warn) } .good { color: var(--good) }
svg { display: block; width: 100%; height: 1.1rem; border-radius: .3rem; margin: .8rem 0 }
svg .refused, .dot.refused { fill: var(--bad); background: var(--bad) } svg .warned, .dot.warned { fill: var(--warn); background: var(--warn) }
svg .accepted, .dot.accepted { fill: var(--good); background: var(--good) } svg .rest, .dot.rest { fill: var(--rest); background: var(--rest) }
ul.counts { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; list-style: none; padding: 0; margin: 0 }
.dot { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; margin-right: .4rem }
table { width: 100%; border-collapse: collapse } th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-bottom: 1px solid var(--line) }
th { font-weight: 600; white-space: nowrap } th button { all: unset; cursor: pointer } th button:focus-visible { outline: 2px solid var(--link) } th button::after { content: " \\2195"; color: var(--soft) }
td.n { text-align: right; font-variant-numeric: tabular-nums } td.repository { overflow-wrap: anywhere; min-width: 11rem }
.badge { display: inline-block; padding: 0 .5rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .85em; white-space: nowrap }
details summary { cursor: pointer; overflow-wrap: anywhere } ol.problems { margin: .4rem 0 0; padding-left: 1.2rem } ol.problems li { margin-bottom: .4rem; overflow-wrap: anywhere }
form { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin: .5rem 0 } input, select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .3rem; padding: .35rem .5rem } input { flex: 1 1 14rem }
.card { background: var(--card); border-radius: .5rem; padding: .8rem 1rem } .card p { margin: .3rem 0 }
@media (max-width: 40rem) {
  .headline { font-size: 1.6rem } table.repositories thead { display: none } table.repositories tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0 }
  table.repositories td { display: block; border: 0; padding: .1rem 0; text-align: left } table.repositories td.n:not(:empty)::after { content: " " attr(data-unit) }
  table.reasons th, table.reasons td { padding: .35rem .4rem .35rem 0 } table.reasons th { font-size: .8em }
}
@media print { form { display: none } }
`

/** Filter and order; without it the page reads the same. */
export const SCRIPT = `
const table = document.querySelector('table.repositories')
const form = document.querySelector('form')
if (table && form) {
  form.hidden = false
  const body = table.tBodies[0]
  const rows = [...body.rows]
  const shown = form.querySelector('output')
  const filter = () => {
    const words = form.elements.text.value.toLowerCase().split(/\\s+/).filter(Boolean)
    const verdict = form.elements.verdict.value
    let n = 0
    for (const row of rows) {
      const text = row.textContent.toLowerCase()
      row.hidden = (verdict !== '' && row.dataset.verdict !== verdict) || !words.every(word => text.includes(word))
      if (!row.hidden) n++
    }
    shown.textContent = n + ' of ' + rows.length
  }
  form.addEventListener('input', filter)
  form.addEventListener('submit', event => event.preventDefault())
  let last = -1
  let up = true
  ;[...table.tHead.rows[0].cells].forEach((cell, i) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = cell.textContent
    cell.replaceChildren(button)
    button.addEventListener('click', () => {
      up = last === i ? !up : true
      last = i
      const key = row => row.cells[i].dataset.key ?? row.cells[i].textContent
      rows.sort((a, b) => key(a).localeCompare(key(b), 'en', { numeric: true }) * (up ? 1 : -1))
      for (const each of table.tHead.rows[0].cells) each.removeAttribute('aria-sort')
      cell.setAttribute('aria-sort', up ? 'ascending' : 'descending')
      body.append(...rows)
    })
  })
  filter()
}
`
