/**
 * What the login pages do beyond plain HTML: passkeys, busy buttons, codes that send themselves, countdowns, focus.
 * Every form works without this file, except where a passkey is needed. No dependency, no globals, nothing stored.
 *
 * A passkey form is `<form data-passkey="get|create" data-options='{…}' data-options-url="…">`. A passkey fills `response`
 * and posts the form; a dialog that ended without one fills `error` and `elapsed` and posts too: the server has the words.
 */

const supported = 'PublicKeyCredential' in window
const root = document.documentElement
const status = /** @type {HTMLElement | null} */ (document.querySelector('[role="status"]'))

/** @template {Element} T @param {string} selector @returns {T[]} */
const all = (selector) => Array.from(document.querySelectorAll(selector))

/** @param {string | undefined} words */
function say(words) {
  if (status) status.textContent = words ?? ''
}

/** @param {HTMLFormElement} form @param {string} name @param {string} value */
function fill(form, name, value) {
  const input = form.elements.namedItem(name)
  if (input instanceof HTMLInputElement) input.value = value
}

// Busy: one action at a time --------------------------------------------------------------------------------------------

/** @type {{ form: HTMLFormElement, end: () => void } | undefined} */
let busy

/**
 * The pressed button keeps its words and its focus, and shows after 300 ms that something happens.
 * @param {HTMLFormElement} form @param {HTMLElement | null} pressed
 */
function startBusy(form, pressed) {
  busy?.end()
  pressed?.setAttribute('aria-disabled', 'true')
  const spinner = setTimeout(() => pressed?.classList.add('busy'), 300)
  busy = {
    form,
    end() {
      clearTimeout(spinner)
      pressed?.removeAttribute('aria-disabled')
      pressed?.classList.remove('busy')
      busy = undefined
    },
  }
}

/** @param {HTMLFormElement} form */
const mainButton = (form) => /** @type {HTMLElement | null} */ (form.querySelector('[type="submit"]'))

/** @type {HTMLButtonElement | null} */
const retry = document.querySelector('[data-retry]')

/** A post is on its way: after 10 s say so and offer to send it once more. @param {HTMLFormElement} form @param {HTMLElement | null} pressed */
function posting(form, pressed) {
  startBusy(form, pressed)
  if (form.dataset.checking) say(form.dataset.checking)
  setTimeout(() => {
    if (busy?.form !== form || !retry) return
    say(status?.dataset.slow)
    retry.hidden = false
    retry.onclick = () => {
      retry.hidden = true
      busy?.end()
      form.requestSubmit(pressed)
    }
  }, 10_000)
}

document.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target)
  if (busy && (busy.form === form || !busy.form.dataset.passkey)) return event.preventDefault()
  // Answered by a file: the page stays as it is.
  if (event.submitter?.hasAttribute('data-stays')) return
  if (form.dataset.passkey) {
    event.preventDefault()
    void ask(form, form.dataset.immediate !== undefined && immediate ? 'immediate' : 'modal')
    return
  }
  const toSelf = !event.submitter?.hasAttribute('formaction')
  const passkey = form.dataset.immediateFirst === undefined || !toSelf ? undefined : passkeyHere(form)
  if (passkey) {
    event.preventDefault()
    startBusy(form, event.submitter)
    void askFirst(form, passkey)
    return
  }
  posting(form, event.submitter)
})

// The one owner of WebAuthn requests ------------------------------------------------------------------------------------

/** @type {{ stop: AbortController, ended: Promise<unknown> } | undefined} */
let request

/**
 * Browsers allow one request at a time: stop the one before, await its end, start the next.
 * @param {(signal: AbortSignal) => Promise<Credential | null>} start
 */
async function alone(start) {
  while (request) {
    request.stop.abort()
    await request.ended
  }
  const stop = new AbortController()
  const answer = start(stop.signal)
  const mine = { stop, ended: answer.catch(() => undefined) }
  request = mine
  try {
    return /** @type {PublicKeyCredential} */ (await answer)
  } finally {
    if (request === mine) request = undefined
  }
}

/** @typedef {'conditional' | 'modal' | 'immediate'} Mediation */

/** How long a request of this page is still good for (ms). @param {{ timeout?: number }} options */
const left = ({ timeout = 300_000 }) => renewedAt + timeout - Date.now()

/** @param {HTMLFormElement} form @param {Mediation} mediation */
function ceremony(form, mediation) {
  const options = JSON.parse(form.dataset.options ?? '{}')
  return alone((signal) => {
    // No dialog outlives the right to add a passkey, or one would be made and then refused.
    if (form.dataset.passkey === 'create') return navigator.credentials.create({ publicKey: creationOptions({ ...options, timeout: left(options) }), signal })
    /** @type {CredentialRequestOptions & { uiMode?: string }} */
    const asked = { publicKey: requestOptions(options), signal }
    if (mediation === 'conditional') asked.mediation = 'conditional'
    if (mediation === 'immediate') asked.uiMode = 'immediate'
    return navigator.credentials.get(asked)
  })
}

/** What stands elsewhere on the page goes along. @param {HTMLFormElement} form */
function carry(form) {
  const box = /** @type {HTMLInputElement | null} */ (document.querySelector('input[type="checkbox"][name="remember"]'))
  fill(form, 'remember', box?.checked ? '1' : '')
}

/** @param {HTMLFormElement} form @param {PublicKeyCredential} credential */
function send(form, credential) {
  if (busy?.form !== form) startBusy(form, mainButton(form))
  carry(form)
  fill(form, 'response', JSON.stringify(toJSON(credential)))
  form.submit()
}

/**
 * Opens the dialog after a press, or by itself on load. One that could not start by itself is not a failure.
 * @param {HTMLFormElement} form @param {Mediation} mediation @param {boolean} [byItself]
 */
async function ask(form, mediation, byItself = false) {
  // Too old to create a passkey with: the page itself knows what comes first.
  if (form.dataset.passkey === 'create' && left(JSON.parse(form.dataset.options ?? '{}')) <= 0) return location.reload()
  startBusy(form, mainButton(form))
  const shown = showWaiting(form)
  const began = performance.now()
  try {
    const credential = await ceremony(form, mediation)
    shown.end()
    send(form, credential)
  } catch (error) {
    const name = error instanceof Error ? error.name : 'UnknownError'
    const elapsed = Math.round(performance.now() - began)
    shown.end()
    if (shown.pressed === 'again') return void ask(form, mediation)
    if (name !== 'AbortError' && !(byItself && elapsed < 1000)) {
      fill(form, 'error', name)
      fill(form, 'elapsed', String(elapsed))
      carry(form)
      return form.submit()
    }
    if (busy?.form === form) busy.end()
    if (shown.pressed === 'stop') {
      say(status?.dataset.stopped)
      mainButton(form)?.focus()
    }
    await renew(form)
    void listen()
  }
}

/**
 * Continue on the first page: a passkey that is here answers it, else the form goes on as if nothing had been asked.
 * @param {HTMLFormElement} form @param {HTMLFormElement} passkey
 */
async function askFirst(form, passkey) {
  try {
    const credential = await ceremony(passkey, 'immediate')
    const typed = form.elements.namedItem('identifier')
    if (typed instanceof HTMLInputElement) fill(passkey, 'identifier', typed.value)
    send(passkey, credential)
  } catch {
    form.submit()
  }
}

/** The passkey form that may answer this one first. @param {HTMLFormElement} form */
function passkeyHere(form) {
  const typed = form.elements.namedItem('identifier')
  if (!immediate || !(typed instanceof HTMLInputElement) || !typed.value.trim()) return undefined
  return /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-immediate]')) ?? undefined
}

/** Words while the system's dialog is open, and a way to stop it, or to open it again when there is none to be seen. @param {HTMLFormElement} form */
function showWaiting(form) {
  const heading = document.querySelector('h1')
  const { title } = document
  const words = heading?.textContent ?? ''
  const { openTitle, openText } = form.dataset
  say(openText ?? status?.dataset.waiting)
  if (heading && openTitle) {
    heading.textContent = openTitle
    heading.tabIndex = -1
    heading.focus()
    document.title = title.replace(words, openTitle)
  }
  const button = /** @type {HTMLButtonElement | null} */ (form.querySelector('[data-stop], [data-again]'))
  const pressing = button?.dataset.again === undefined ? 'stop' : 'again'
  const timer = setTimeout(() => button && (button.hidden = false), pressing === 'again' ? 5_000 : 10_000)
  const shown = {
    /** @type {'stop' | 'again' | undefined} what the person pressed */
    pressed: undefined,
    end() {
      clearTimeout(timer)
      if (button) button.hidden = true
      if (heading) heading.textContent = words
      document.title = title
      say('')
    },
  }
  if (button) {
    button.onclick = () => {
      shown.pressed = pressing
      request?.stop.abort()
    }
  }
  return shown
}

// Autofill, and keeping its challenge fresh -----------------------------------------------------------------------------

/** @type {HTMLFormElement | null} */
const conditional = document.querySelector('form[data-conditional]')

/** Waits, without a word, for a passkey to be chosen in the field. With none here nothing happens. */
async function listen() {
  if (!conditional || busy || request || !(await can.conditional)) return
  try {
    send(conditional, await ceremony(conditional, 'conditional'))
  } catch {
    // An empty authenticator, a stop, a closed list: all of it is quiet.
  }
}

let renewedAt = Date.now()

/** A new challenge for this page's request; offline the old one stays. @param {HTMLFormElement} form */
async function renew(form) {
  const csrf = form.elements.namedItem('csrf')
  const url = form.dataset.optionsUrl
  if (!url || !(csrf instanceof HTMLInputElement)) return
  try {
    const reply = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', 'x-csrf-token': csrf.value },
      body: '{}',
    })
    if (!reply.ok) return form.dataset.passkey === 'create' ? location.reload() : undefined
    const { options } = await reply.json()
    const { challenge, timeout } = options
    form.dataset.options = JSON.stringify({ ...JSON.parse(form.dataset.options ?? '{}'), challenge, timeout })
    renewedAt = Date.now()
  } catch {
    // The next press says what is wrong.
  }
}

async function renewAll() {
  if (busy) return
  renewedAt = Date.now()
  await Promise.all(/** @type {HTMLFormElement[]} */ (all('form[data-passkey]')).map(renew))
  if (!conditional || busy) return
  request?.stop.abort()
  await request?.ended
  void listen()
}

// What this browser can do ----------------------------------------------------------------------------------------------

/** @type {Promise<Record<string, boolean>>} */
const known = Promise.resolve(supported ? (PublicKeyCredential.getClientCapabilities?.() ?? {}) : {}).catch(() => ({}))

/** @param {'isConditionalMediationAvailable' | 'isUserVerifyingPlatformAuthenticatorAvailable'} question */
const older = async (question) => supported && ((await PublicKeyCredential[question]?.().catch(() => false)) ?? false)

const can = {
  conditional: known.then((known) => known['conditionalGet'] ?? older('isConditionalMediationAvailable')),
  platform: known.then((known) => known['userVerifyingPlatformAuthenticator'] ?? older('isUserVerifyingPlatformAuthenticatorAvailable')),
}

/** Known by the time somebody presses: a dialog has to follow the press at once. */
let immediate = false

async function tell() {
  /** @param {object} found */
  const write = (found) => {
    for (const input of /** @type {HTMLInputElement[]} */ (all('input[name="capabilities"]'))) input.value = JSON.stringify(found)
  }
  write({ script: true, webauthn: supported })
  const found = await known
  immediate = found['immediateGet'] === true
  write({
    script: true,
    webauthn: supported,
    platform: await can.platform,
    conditional: await can.conditional,
    immediate,
    hybrid: found['hybridTransport'] ?? null,
  })
}

// JSON and bytes, for browsers whose own conversions are missing or broken by an extension ------------------------------

/** @param {string} text base64url */
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0))

/** @param {ArrayBuffer} buffer */
const base64url = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')

/** @param {{ id: string }[]} [list] */
const withBytes = (list = []) => list.map((item) => ({ ...item, id: bytes(item.id) }))

/** @param {any} json @returns {PublicKeyCredentialRequestOptions} */
function requestOptions(json) {
  return (
    PublicKeyCredential.parseRequestOptionsFromJSON?.(json) ?? { ...json, challenge: bytes(json.challenge), allowCredentials: withBytes(json.allowCredentials) }
  )
}

/** @param {any} json @returns {PublicKeyCredentialCreationOptions} */
function creationOptions(json) {
  return (
    PublicKeyCredential.parseCreationOptionsFromJSON?.(json) ?? {
      ...json,
      challenge: bytes(json.challenge),
      user: { ...json.user, id: bytes(json.user.id) },
      excludeCredentials: withBytes(json.excludeCredentials),
    }
  )
}

/** @param {PublicKeyCredential} credential */
function toJSON(credential) {
  try {
    return credential.toJSON()
  } catch {
    const { id, type, rawId, response, authenticatorAttachment } = credential
    const given = /** @type {Record<string, ArrayBuffer | null | undefined>} */ (/** @type {unknown} */ (response))
    /** @type {Record<string, unknown>} */
    const fields = {}
    for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      const value = given[name]
      if (value) fields[name] = base64url(value)
    }
    if (response instanceof AuthenticatorAttestationResponse) fields['transports'] = response.getTransports?.() ?? []
    return { id, rawId: base64url(rawId), type, response: fields, authenticatorAttachment, clientExtensionResults: credential.getClientExtensionResults() }
  }
}

// Codes -----------------------------------------------------------------------------------------------------------------

for (const form of /** @type {HTMLFormElement[]} */ (all('form[data-code]'))) {
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

for (const form of /** @type {HTMLFormElement[]} */ (all('form[data-resend]'))) {
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
    if (asking || busy) return next()
    asking = true
    const state = await stateOf(part.dataset.poll ?? '')
    asking = false
    if (state === 'gone') return void (over.hidden = false)
    if (state !== 'used' || busy) return next()
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

// An error goes when the value is put right -----------------------------------------------------------------------------

for (const input of /** @type {HTMLInputElement[]} */ (all('.wrong input'))) {
  input.addEventListener('input', () => {
    if (!input.value.trim() || !input.validity.valid) return
    input.closest('.field')?.classList.remove('wrong')
    input.removeAttribute('aria-invalid')
    document.getElementById(`${input.id}-error`)?.remove()
    const hint = `${input.id}-hint`
    if (document.getElementById(hint)) input.setAttribute('aria-describedby', hint)
    else input.removeAttribute('aria-describedby')
  })
}

// Moments, by the person's own clock --------------------------------------------------------------------------------------

for (const moment of /** @type {HTMLTimeElement[]} */ (all('time[data-local]'))) {
  moment.textContent = new Intl.DateTimeFormat(root.lang, {
    day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short',
  }).format(new Date(moment.dateTime))
}

// Copy ------------------------------------------------------------------------------------------------------------------

if (navigator.clipboard) {
  for (const button of /** @type {HTMLButtonElement[]} */ (all('[data-copy]'))) {
    button.hidden = false
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(button.dataset.copy ?? '')
      say(button.dataset.copied)
    })
  }
}

for (const button of /** @type {HTMLButtonElement[]} */ (all('[data-print]'))) {
  button.hidden = false
  button.addEventListener('click', () => print())
}

// Start -----------------------------------------------------------------------------------------------------------------

if (supported) {
  for (const part of /** @type {HTMLElement[]} */ (all('[data-passkey], [data-needs-passkey]'))) part.hidden = false
} else {
  root.classList.add('no-passkeys')
  for (const part of /** @type {HTMLElement[]} */ (all('[data-unsupported]'))) part.hidden = false
}

const problem = /** @type {HTMLElement | null} */ (document.querySelector('[data-focus]'))
problem?.focus()

if (status?.textContent) {
  // News that was there from the start is not spoken: write it once more.
  const news = status.textContent
  setTimeout(() => say(news), 500)
}

/** @type {HTMLFormElement | null} */ (document.querySelector('form[data-auto-submit]'))?.requestSubmit()

const capabilities = tell()
const atOnce = /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-fresh-retry]'))
if (atOnce && supported) void ask(atOnce, 'modal', true)
else void capabilities.then(listen)

// The answer to a form would be asked for by sending the form again when the person comes back to it. This makes it an
// ordinary page of its address.
history.replaceState(history.state, '', location.href)

window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return
  busy?.end()
  void renewAll()
})

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && Date.now() - renewedAt > 5 * 60_000) void renewAll()
})
