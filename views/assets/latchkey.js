/**
 * What the pages do beyond plain HTML: passkeys, busy buttons, what to do without a connection, focus. Codes and links
 * that were sent have a script of their own (codes.js), and so have news for the browser's keeper of passkeys (signal.js).
 * Every form works without this file, except where a passkey is needed. No dependency, no globals, nothing stored.
 *
 * A passkey form is `<form data-passkey="get|create" data-options='{…}' data-options-url="…" data-report="…">`. A passkey
 * fills `response` and posts the form; a dialog that ended without one fills `error` and `elapsed` and posts too: the
 * server has the words. `ceremony` and `mediation` say which attempt it was. What else such a form can do:
 * `data-conditional` answers through autofill; `data-immediate` shows no QR code where the browser can help it;
 * `data-auto` opens the dialog by itself, and `data-otherwise` is where to go when that ends at once;
 * `data-conditional-create` has the browser save a passkey without any dialog, where it does such a thing.
 */

const supported = 'PublicKeyCredential' in window
const root = document.documentElement
const status = /** @type {HTMLElement | null} */ (document.querySelector('[role="status"]'))

/** @template {Element} T @param {string} selector @returns {T[]} */
const all = (selector) => Array.from(document.querySelectorAll(selector))

/** @param {string} selector @returns {HTMLFormElement | null} */
const formWith = (selector) => document.querySelector(`form[${selector}]`)

/** @param {string | undefined} words */
function say(words) {
  if (status) status.textContent = words ?? ''
}

/** @param {HTMLFormElement} form @param {Record<string, string>} values by the names of its hidden fields */
function fill(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const input = form.elements.namedItem(name)
    if (input instanceof HTMLInputElement) input.value = value
  }
}

/** @param {HTMLFormElement} form @param {string} name */
function valueOf(form, name) {
  const input = form.elements.namedItem(name)
  return input instanceof HTMLInputElement ? input.value : ''
}

/** @param {unknown} error */
const nameOf = (error) => (error instanceof Error ? error.name : 'UnknownError')

// Busy: one action at a time --------------------------------------------------------------------------------------------

/** @typedef {{ form: HTMLFormElement, end: () => void }} Busy */
/** @type {Busy | undefined} */
let busy

/**
 * The pressed button keeps its words and its focus, and shows after 300 ms that something happens.
 * @param {HTMLFormElement} form @param {HTMLElement | null} pressed
 */
function startBusy(form, pressed) {
  busy?.end()
  if (retry) retry.hidden = true
  pressed?.setAttribute('aria-disabled', 'true')
  const spinner = setTimeout(() => pressed?.classList.add('busy'), 300)
  /** @type {Busy} */
  const mine = {
    form,
    end() {
      clearTimeout(spinner)
      pressed?.removeAttribute('aria-disabled')
      pressed?.classList.remove('busy')
      if (busy === mine) busy = undefined
    },
  }
  return (busy = mine)
}

/** @param {HTMLFormElement} form */
const mainButton = (form) => /** @type {HTMLElement | null} */ (form.querySelector('[type="submit"]'))

/** @type {HTMLButtonElement | null} */
const retry = document.querySelector('[data-retry]')

/** @param {string | undefined} words @param {() => unknown} again what a press does */
function offerAgain(words, again) {
  say(words)
  if (!retry) return
  retry.hidden = false
  retry.onclick = () => {
    retry.hidden = true
    busy?.end()
    say('')
    again()
  }
}

/** @param {Busy} mine @param {() => unknown} again */
const whenSlow = (mine, again) => setTimeout(() => busy === mine && offerAgain(status?.dataset.slow, again), 10_000)

/** A post is on its way: after 10 s say so and offer to send it once more. @param {HTMLFormElement} form @param {HTMLElement | null} pressed @param {() => unknown} again */
function posting(form, pressed, again) {
  asking = undefined
  waiting?.end()
  request?.stop.abort()
  const mine = busy?.form === form ? busy : startBusy(form, pressed)
  if (form.dataset.checking) say(form.dataset.checking)
  whenSlow(mine, again)
}

/** Some browsers believe wrongly that they are offline: an answer of the server counts for one post. */
let reached = false

function isOffline() {
  const cut = navigator.onLine === false && !reached
  reached = false
  return cut
}

/**
 * The page stays: the browser's own error page would take its place, and what is filled in would be lost.
 * @param {() => unknown} again
 */
function stay(again) {
  busy?.end()
  offerAgain(status?.dataset.offline, async () => {
    try {
      await fetch(import.meta.url, { method: 'HEAD', cache: 'no-store' })
      reached = true
    } catch {
      return stay(again)
    }
    again()
  })
}

/** Posts a form that is filled in. @param {HTMLFormElement} form @returns {void} */
function leave(form) {
  if (isOffline()) return stay(() => leave(form))
  posting(form, mainButton(form), () => leave(form))
  form.submit()
}

document.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target)
  const pressed = event.submitter
  if (busy && (busy.form === form || !busy.form.dataset.passkey)) return event.preventDefault()
  // Answered by a file: the page stays as it is.
  if (pressed?.hasAttribute('data-stays')) return
  if (form.dataset.passkey) {
    event.preventDefault()
    return press(form)
  }
  const toSelf = !pressed?.hasAttribute('formaction')
  const passkey = form.dataset.immediateFirst === undefined || !toSelf ? undefined : passkeyHere(form)
  if (passkey) {
    event.preventDefault()
    return void askFirst(form, pressed, passkey)
  }
  const again = () => form.requestSubmit(pressed)
  if (!isOffline()) return posting(form, pressed, again)
  event.preventDefault()
  stay(again)
})

// The one owner of WebAuthn requests ------------------------------------------------------------------------------------

/** @typedef {'modal' | 'automatic' | 'immediate' | 'conditional'} Mediation */
/** @typedef {{ form: HTMLFormElement, mediation: Mediation, id: string, began: number }} Attempt */

/** @type {{ attempt: Attempt, stop: AbortController, ended: Promise<unknown> } | undefined} */
let request

/** @param {HTMLFormElement} form @param {Mediation} mediation @returns {Attempt} */
function begin(form, mediation) {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return { form, mediation, id, began: performance.now() }
}

/** ms @param {Attempt} attempt */
const elapsed = ({ began }) => Math.round(performance.now() - began)

/**
 * Browsers allow one request at a time. The next one starts in the same task as the press that asks for it and waits for
 * nothing, because WebKit takes a later one for the page's own idea and refuses it. A browser that is not done with the
 * one before says so (OperationError) and is asked once more when it is.
 * @param {Attempt} attempt
 */
async function ceremony(attempt) {
  const before = request
  before?.stop.abort()
  const stop = new AbortController()
  const answered = start(attempt, stop.signal).catch(async (error) => {
    if (!before || nameOf(error) !== 'OperationError') throw error
    await before.ended
    return start(attempt, stop.signal)
  })
  const mine = { attempt, stop, ended: answered.catch(() => undefined) }
  request = mine
  try {
    return /** @type {PublicKeyCredential} */ (await answered)
  } finally {
    if (request === mine) request = undefined
  }
}

/** @param {Attempt} attempt @param {AbortSignal} signal */
async function start({ form, mediation }, signal) {
  const options = optionsOf(form)
  if (form.dataset.passkey === 'create') {
    // No dialog outlives the right to add a passkey, or one would be made and then refused.
    const publicKey = creationOptions({ ...options, timeout: options.timeout - age(form) })
    return navigator.credentials.create(/** @type {CredentialCreationOptions} */ ({ publicKey, signal, ...(mediation === 'conditional' && { mediation }) }))
  }
  /** @type {CredentialRequestOptions & { uiMode?: string }} */
  const asked = { publicKey: requestOptions(options), signal }
  if (mediation === 'conditional') asked.mediation = 'conditional'
  if (mediation === 'immediate') asked.uiMode = 'immediate'
  return navigator.credentials.get(asked)
}

/** What stands elsewhere on the page goes along, and nothing of an attempt before. @param {Attempt} attempt @param {Record<string, string>} values */
function answer({ form, id, mediation }, values) {
  const box = /** @type {HTMLInputElement | null} */ (document.querySelector('input[type="checkbox"][name="remember"]'))
  fill(form, { response: '', error: '', elapsed: '', ceremony: id, mediation, remember: box?.checked ? '1' : '', ...values })
  leave(form)
}

/** @param {Attempt} attempt @param {PublicKeyCredential} credential */
const send = (attempt, credential) => answer(attempt, { response: JSON.stringify(toJSON(credential)) })

/** The button of a passkey form. @param {HTMLFormElement} form */
function press(form) {
  if (tooOld(form)) return void renewFirst(form)
  // Immediate mode is for whatever passkey is here; browsers refuse it for passkeys that are named.
  const anyHere = immediate && form.dataset.immediate !== undefined && !optionsOf(form).allowCredentials?.length
  void ask(form, anyHere ? 'immediate' : 'modal')
}

/** @type {Attempt | undefined} the one whose end the page shows */
let asking

/**
 * Opens the dialog after a press, or by itself. One that could not open by itself is no failure, and its button works all
 * the while: there may be no window to be seen.
 * @param {HTMLFormElement} form @param {Mediation} mediation
 */
async function ask(form, mediation) {
  const byItself = mediation === 'automatic'
  const attempt = begin(form, mediation)
  const answered = ceremony(attempt)
  asking = attempt
  if (!byItself) startBusy(form, mainButton(form))
  const shown = showWaiting(attempt)
  const reported = reportStart(attempt)
  try {
    const credential = await answered
    shown.end()
    send(attempt, credential)
  } catch (error) {
    const name = nameOf(error)
    // Something else was pressed, or the same once more.
    if (asking !== attempt) return report(attempt, 'failed', name)
    asking = undefined
    shown.end()
    const unseen = byItself && elapsed(attempt) < 1000 && name !== 'InvalidStateError'
    if (name !== 'AbortError' && !unseen) return answer(attempt, { error: name, elapsed: String(elapsed(attempt)) })
    report(attempt, 'failed', name)
    if (busy?.form === form) busy.end()
    if (shown.stopped) {
      say(status?.dataset.stopped)
      mainButton(form)?.focus()
    }
    if (unseen && form.dataset.otherwise) return location.replace(form.dataset.otherwise)
    await renew(form)
    void listen()
  } finally {
    clearTimeout(reported)
  }
}

/** The passkey form that may answer this one first. @param {HTMLFormElement} form */
function passkeyHere(form) {
  if (!immediate || !valueOf(form, 'identifier').trim()) return undefined
  const passkey = formWith('data-immediate')
  return passkey && !tooOld(passkey) ? passkey : undefined
}

/**
 * Continue on the first page: a passkey that is here answers it, else the form goes on as if nothing had been asked.
 * @param {HTMLFormElement} form @param {HTMLElement | null} pressed @param {HTMLFormElement} passkey
 */
async function askFirst(form, pressed, passkey) {
  const attempt = begin(passkey, 'immediate')
  const answered = ceremony(attempt)
  const mine = startBusy(form, pressed)
  whenSlow(mine, () => request?.stop.abort())
  // With no passkey here nothing was shown, and there is nothing to report.
  const reported = setTimeout(() => report(attempt, 'started'), 1000)
  try {
    const credential = await answered
    fill(passkey, { identifier: valueOf(form, 'identifier') })
    send(attempt, credential)
  } catch (error) {
    if (elapsed(attempt) >= 1000) report(attempt, 'failed', nameOf(error))
    mine.end()
    delete form.dataset.immediateFirst
    form.requestSubmit(pressed)
  } finally {
    clearTimeout(reported)
  }
}

/** @typedef {{ stopped: boolean, end: () => void }} Waiting */
/** @type {Waiting | undefined} */
let waiting

/** Words while the system's dialog is open, and a way to stop it, or to open it again when there is none to be seen. @param {Attempt} attempt */
function showWaiting({ form, mediation }) {
  waiting?.end()
  const { openTitle, openText } = form.dataset
  // What opens by itself leaves the words and the focus of the page as they are.
  const heading = openTitle && mediation !== 'automatic' ? document.querySelector('h1') : null
  const { title } = document
  const words = heading?.textContent ?? ''
  say(openText ?? status?.dataset.waiting)
  if (heading && openTitle) {
    heading.textContent = openTitle
    heading.tabIndex = -1
    heading.focus()
    document.title = title.replace(words, openTitle)
  }
  const button = /** @type {HTMLButtonElement | null} */ (form.querySelector('[data-stop], [data-again]'))
  const again = button?.dataset.again !== undefined
  const timer = setTimeout(() => button && (button.hidden = false), again ? 5_000 : 10_000)
  /** @type {Waiting} */
  const shown = {
    stopped: false,
    end() {
      if (waiting !== shown) return
      waiting = undefined
      clearTimeout(timer)
      if (button) button.hidden = true
      if (heading) heading.textContent = words
      document.title = title
      say('')
    },
  }
  waiting = shown
  if (button) {
    button.onclick = () => {
      if (again) return press(form)
      shown.stopped = true
      request?.stop.abort()
    }
  }
  return shown
}

// Requests that wait in silence -----------------------------------------------------------------------------------------

const conditional = formWith('data-conditional')
const field = document.querySelector('input[autocomplete~="webauthn"]')

/** Waits for a passkey to be chosen in the field. With none here nothing happens, and nothing is said. */
async function listen() {
  if (!conditional || !(await can.conditional)) return
  if (busy || (request && request.attempt.mediation !== 'conditional')) return
  const attempt = begin(conditional, 'conditional')
  try {
    send(attempt, await ceremony(attempt))
  } catch (error) {
    const name = nameOf(error)
    if (name !== 'AbortError' && name !== 'NotAllowedError') report(attempt, 'failed', name)
    // A list that was closed comes back when the field is touched again; at once it would be in the way.
    if (name === 'NotAllowedError' && elapsed(attempt) >= 1000) field?.addEventListener('pointerdown', () => renew(conditional).then(listen), { once: true })
  }
}

/** The browser may save a passkey without a dialog, once: it fails in silence, and the button is there. */
async function createQuietly() {
  const form = formWith('data-conditional-create')
  if (!form || !(await known)['conditionalCreate'] || busy || request) return
  const attempt = begin(form, 'conditional')
  try {
    send(attempt, await ceremony(attempt))
  } catch (error) {
    const name = nameOf(error)
    if (name !== 'AbortError' && name !== 'NotAllowedError') report(attempt, 'failed', name)
  }
}

// Keeping challenges fresh, without timers ------------------------------------------------------------------------------

/** @type {WeakMap<HTMLFormElement, number>} */
const renewedAt = new WeakMap()
const openedAt = Date.now()

/** ms, by a clock that goes on while the device sleeps @param {HTMLFormElement} form */
const age = (form) => Date.now() - (renewedAt.get(form) ?? openedAt)

/** @param {HTMLFormElement} form @returns {any} */
const optionsOf = (form) => ({ timeout: 300_000, ...JSON.parse(form.dataset.options ?? '{}') })

/** An answer to an old challenge is asked for once more by the server; a passkey that is made for one is there and of no use. @param {HTMLFormElement} form */
const tooOld = (form) => age(form) > (form.dataset.passkey === 'create' ? Math.max(optionsOf(form).timeout - 60_000, 10_000) : 2 * 60 * 60_000)

/** @type {WeakMap<HTMLFormElement, Promise<'fresh' | 'old' | 'over'>>} */
const renewing = new WeakMap()

/** A new challenge for this page's request; without an answer the old one stays. @param {HTMLFormElement} form */
function renew(form) {
  const running = renewing.get(form) ?? fetchOptions(form).then((outcome) => {
    renewing.delete(form)
    // Not to be made any more: the page itself knows what comes first.
    if (outcome === 'over' && form.dataset.passkey === 'create') location.reload()
    return outcome
  })
  renewing.set(form, running)
  return running
}

/** @param {HTMLFormElement} form @returns {Promise<'fresh' | 'old' | 'over'>} */
async function fetchOptions(form) {
  const url = form.dataset.optionsUrl
  if (!url) return 'old'
  try {
    const reply = await post(form, url, {}, { signal: AbortSignal.timeout?.(10_000) ?? null })
    if (reply.ok) {
      const { challenge, timeout } = (await reply.json()).options
      form.dataset.options = JSON.stringify({ ...optionsOf(form), challenge, timeout })
      renewedAt.set(form, Date.now())
      return 'fresh'
    }
    return reply.status >= 500 || reply.status === 429 ? 'old' : 'over'
  } catch {
    return 'old'
  }
}

/** A press on a page that stood open for too long. @param {HTMLFormElement} form */
async function renewFirst(form) {
  const mine = startBusy(form, mainButton(form))
  const outcome = await renew(form)
  if (busy !== mine) return
  mine.end()
  if (form.dataset.passkey === 'create' && outcome !== 'fresh') return outcome === 'old' ? stay(() => press(form)) : undefined
  if (outcome === 'over') return location.reload()
  void ask(form, 'modal')
}

async function renewAll() {
  if (busy) return
  await Promise.all(/** @type {HTMLFormElement[]} */ (all('form[data-passkey]')).map(renew))
  void listen()
}

/** Whoever goes towards a button finds it fresh: after the press there is no time for that. @param {Event} event */
function prepare({ target }) {
  const form = target instanceof Element ? /** @type {HTMLFormElement | null} */ (target.closest('form[data-passkey]')) : null
  if (form && !busy && age(form) > (form.dataset.passkey === 'create' ? 60_000 : 60 * 60_000)) void renew(form)
}

document.addEventListener('pointerover', prepare)
document.addEventListener('focusin', prepare)

// Reports: what became of a dialog, for the operator. Nothing about the person ------------------------------------------

/** @param {HTMLFormElement} form @param {string} url @param {object} body @param {RequestInit} [more] */
const post = (form, url, body, more) =>
  fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json', 'x-csrf-token': valueOf(form, 'csrf') },
    body: JSON.stringify(body),
    ...more,
  })

/** @param {Attempt} attempt @param {'started' | 'failed'} outcome @param {string} [error] */
function report(attempt, outcome, error) {
  const { form, mediation, id } = attempt
  const { report: url, passkey: ceremony } = form.dataset
  if (!url) return
  const news = { ceremony, mediation, outcome, id, ...(error && { error, elapsed: elapsed(attempt) }), capabilities }
  void post(form, url, news, { keepalive: true }).catch(() => undefined)
}

/** What opens by itself has opened when it stays for a second. @param {Attempt} attempt */
function reportStart(attempt) {
  if (attempt.mediation === 'automatic') return setTimeout(() => report(attempt, 'started'), 1000)
  report(attempt, 'started')
  return undefined
}

// What this browser can do ----------------------------------------------------------------------------------------------

/** @returns {Promise<Record<string, boolean | undefined>>} */
async function askBrowser() {
  try {
    return (supported && (await PublicKeyCredential.getClientCapabilities?.())) || {}
  } catch {
    return {}
  }
}

const known = askBrowser()

/** @param {'isConditionalMediationAvailable' | 'isUserVerifyingPlatformAuthenticatorAvailable'} question */
async function older(question) {
  try {
    return (supported && (await PublicKeyCredential[question]?.())) || false
  } catch {
    return false
  }
}

const can = {
  conditional: known.then((known) => known['conditionalGet'] ?? older('isConditionalMediationAvailable')),
  platform: known.then((known) => known['userVerifyingPlatformAuthenticator'] ?? older('isUserVerifyingPlatformAuthenticatorAvailable')),
}

/** Known by the time somebody presses: a dialog has to follow the press at once. */
let immediate = false

/** @type {Record<string, boolean | undefined>} what the browser does not say is missing */
let capabilities = { script: true, webauthn: supported }

async function tell() {
  const write = () => {
    for (const input of /** @type {HTMLInputElement[]} */ (all('input[name="capabilities"]'))) input.value = JSON.stringify(capabilities)
  }
  write()
  const found = await known
  immediate = found['immediateGet'] === true
  const { hybridTransport: hybrid, conditionalCreate, signalUnknownCredential: signal } = found
  // Their place is kept until it is known whether they come.
  root.classList.toggle('no-immediate', !immediate)
  for (const part of /** @type {HTMLElement[]} */ (immediate ? all('[data-only-immediate]') : [])) part.hidden = false
  capabilities = { ...capabilities, platform: await can.platform, conditional: await can.conditional, immediate, hybrid, conditionalCreate, signal }
  write()
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

formWith('data-auto-submit')?.requestSubmit()

/** Who goes back to a page, or loads it again, asks for the page alone; one that nobody looks at has nobody to ask. */
const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'))
const arrived = (navigation?.type ?? 'navigate') === 'navigate' && document.visibilityState === 'visible'

const told = tell()
// The server refused an answer that came too late, and sent a new challenge for it: asked once more at once.
const auto = formWith('data-auto') ?? formWith('data-fresh-retry')
if (auto && supported && arrived) void ask(auto, 'automatic')
else void told.then(listen)
if (!auto && arrived) void told.then(createQuietly)

// The answer to a form would be asked for by sending the form again when the person comes back to it. This makes it an
// ordinary page of its address.
history.replaceState(history.state, '', location.href)

window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return
  waiting?.end()
  asking = undefined
  busy?.end()
  if (retry) retry.hidden = true
  say('')
  void renewAll()
})

document.addEventListener('visibilitychange', () => {
  const forms = /** @type {HTMLFormElement[]} */ (all('form[data-passkey]'))
  if (document.visibilityState === 'visible' && forms.some((form) => age(form) > 5 * 60_000)) void renewAll()
})

// Whatever goes wrong in here or in an extension: the button that was pressed can be pressed again.
for (const type of ['error', 'unhandledrejection']) window.addEventListener(type, () => busy?.end())
