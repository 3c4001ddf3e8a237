/**
 * Codes that send themselves, the wait for another one, and the page that waits for its link (views/parts/code.ts and
 * views/parts/mail-sent.ts). The pages work without it.
 */

const status = document.querySelector('[role="status"]')

/** @param {string | undefined} words */
function say(words) {
  if (status) status.textContent = words ?? ''
}

/** @param {string} selector @returns {NodeListOf<HTMLFormElement>} */
const forms = (selector) => document.querySelectorAll(`form[${selector}]`)

/** @param {HTMLFormElement} form */
const mainButton = (form) => /** @type {HTMLElement | null} */ (form.querySelector('[type="submit"]'))

/** A press is on its way, and leaves this page (see latchkey.js). */
const isBusy = () => document.querySelector('[type="submit"][aria-disabled="true"]') !== null

for (const form of forms('data-code')) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem('code'))
  let length = 0
  let once = form.dataset.once !== undefined
  // Filled in or pasted whole it sends itself, once; typed by hand it waits for Continue, because a slip costs a try.
  input.addEventListener('input', () => {
    const figures = input.value.replace(/[\s-]/g, '').length
    const whole = figures === Number(form.dataset.code) && figures - length > 1
    length = figures
    if (!once || !whole) return
    once = false
    form.requestSubmit(mainButton(form))
  })
}

for (const form of forms('data-resend')) {
  const wait = /** @type {HTMLElement} */ (form.querySelector('[data-countdown]'))
  const time = /** @type {HTMLElement} */ (form.querySelector('[data-time]'))
  const button = /** @type {HTMLElement} */ (mainButton(form))
  const readyAt = Date.now() + Number(form.dataset.resend) * 1000
  let waited = false
  const tick = () => {
    const left = Math.ceil((readyAt - Date.now()) / 1000)
    wait.hidden = left <= 0
    button.hidden = left > 0
    // The countdown is silent; only its end is spoken.
    if (left <= 0) return waited ? say(form.dataset.ready) : undefined
    waited = true
    time.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
    setTimeout(tick, 1000)
  }
  tick()
}

// A link that is used in another tab --------------------------------------------------------------------------------------

/** @type {HTMLElement | null} */
const waiting = document.querySelector('[data-poll]')

/** Asks whether the link was used: every 3 s, after a minute every 10 s, and no longer than the link works. @param {HTMLElement} part */
function wait(part) {
  const began = Date.now()
  const over = /** @type {HTMLElement} */ (part.querySelector('[data-poll-over]'))
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  let asking = false
  const next = () => {
    clearTimeout(timer)
    const waited = Date.now() - began
    if (waited < Number(part.dataset.pollLife) * 1000) timer = setTimeout(ask, waited < 60_000 ? 3_000 : 10_000)
    else over.hidden = false
  }
  const ask = async () => {
    if (asking || isBusy()) return next()
    asking = true
    const state = await stateOf(part.dataset.poll ?? '')
    asking = false
    if (state === 'gone') return void (over.hidden = false)
    if (state !== 'used' || isBusy()) return next()
    location.replace(part.dataset.pollUsed ?? '')
  }
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && over.hidden && void ask())
  next()
}

/** No answer is no news. @param {string} url */
async function stateOf(url) {
  try {
    const reply = await fetch(url, { headers: { accept: 'application/json' } })
    return reply.ok ? (await reply.json()).state : undefined
  } catch {
    return undefined
  }
}

if (waiting) wait(waiting)
