// The one script: fetches the page again every few seconds while it is looked at, and sends what an admin asks for.
// It runs in the browser, as text; the page says all it has to say without it.

export const SCRIPT = `'use strict'
{
  const EVERY_MS = 3000, LONGEST_MS = 60000
  const pulse = document.getElementById('pulse')
  let waitMs = EVERY_MS, timer = 0, token = '', asking = false, saidUntil = 0

  const say = (text, isLost) => { pulse.textContent = text; pulse.classList.toggle('lost', isLost === true) }
  const showButtons = () => { for (const button of document.querySelectorAll('button[data-post]')) button.hidden = false }

  // A reader who is marking text, or has a menu open, is not disturbed.
  const isBusy = live => {
    const selection = getSelection()
    return selection !== null && !selection.isCollapsed && live.contains(selection.anchorNode)
  }

  function swap(text) {
    const fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('live')
    const live = document.getElementById('live')
    if (fresh === null || isBusy(live)) return
    for (const button of fresh.querySelectorAll('button[data-post]')) button.hidden = false
    const focused = live.contains(document.activeElement) ? document.activeElement : null
    const handle = focused && (focused.id ? '#' + CSS.escape(focused.id) : focused.hasAttribute('href') ? 'a[href="' + CSS.escape(focused.getAttribute('href')) + '"]' : '')
    live.replaceChildren(...fresh.childNodes)
    if (handle) live.querySelector(handle)?.focus({ preventScroll: true })
    document.dispatchEvent(new Event('catalog-gate:updated'))
  }

  async function update() {
    clearTimeout(timer)
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' })
      if (answer.status >= 500 && answer.status !== 503) throw new Error('status ' + answer.status)
      swap(await answer.text())
      if (waitMs !== EVERY_MS || pulse.textContent === '') say('Live: looked at again every ' + EVERY_MS / 1000 + ' s.')
      else if (performance.now() > saidUntil) say('Live: looked at again every ' + EVERY_MS / 1000 + ' s.')
      waitMs = EVERY_MS
    } catch {
      waitMs = Math.min(waitMs * 2, LONGEST_MS)
      say('The relay does not answer. What stands here is old; asked again in ' + Math.round(waitMs / 1000) + ' s.', true)
    }
    if (!document.hidden) timer = setTimeout(update, waitMs)
  }
  document.addEventListener('visibilitychange', () => { clearTimeout(timer); if (!document.hidden) update() })

  async function post(path) {
    say('Asking …')
    const answer = await fetch(path, { method: 'POST', headers: { authorization: 'Bearer ' + token } })
    if (answer.status === 401) { token = ''; say('That token is not the one of secrets.admin.', true); saidUntil = performance.now() + 15000; return }
    const body = await answer.json()
    if (answer.ok && 'id' in body) return location.assign('/pushes/' + encodeURIComponent(body.id))
    if (!answer.ok) say('Not done: ' + body.error, true)
    else say('redriven' in body ? 'Redriven: ' + body.redriven + '.' : 'Reconcile: ' + body.status + '.')
    saidUntil = performance.now() + 15000
    await update()
  }

  const dialog = document.getElementById('ask')
  if (dialog) {
    const input = document.getElementById('token')
    let path = ''
    document.addEventListener('click', event => {
      const button = event.target.closest('button[data-post]')
      if (button === null) return
      path = button.dataset.post
      document.getElementById('ask-what').textContent = button.dataset.what
      input.value = token
      dialog.returnValue = ''
      dialog.showModal()
    })
    document.getElementById('ask-cancel').addEventListener('click', () => dialog.close('cancel'))
    dialog.addEventListener('close', () => {
      const isGo = dialog.returnValue === 'go'
      token = isGo ? input.value : token
      input.value = ''
      if (isGo) post(path).catch(() => say('The relay does not answer; it is not known whether it was done.', true))
    })
  }
  showButtons()
  say('Live: looked at again every ' + EVERY_MS / 1000 + ' s.')
  timer = setTimeout(update, EVERY_MS)
}
`
