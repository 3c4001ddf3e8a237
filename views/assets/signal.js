/**
 * Tells the browser and its password manager what became of somebody's passkeys (WebAuthn Level 3, section 5.1.10; the
 * element is made by views/parts/signal.ts). Browsers without such news miss nothing; none of it is seen by the person.
 */

/** @typedef {{ rpId: string, unknown?: string, userId?: string, accepted?: string[], user?: { name: string, displayName: string } }} Signal */
/** @typedef {{ signalUnknownCredential: (news: object) => Promise<void>, signalAllAcceptedCredentials: (news: object) => Promise<void>, signalCurrentUserDetails: (news: object) => Promise<void> }} Signals */

const browser = /** @type {Partial<Signals>} */ (globalThis.PublicKeyCredential ?? {})

/**
 * Whatever happens here, the page goes on. A keeper that refuses the news has shown what it wanted to show: the operator
 * hears of it, because passkeys that nobody takes back fail people later.
 * @param {keyof Signals} call @param {object | '' | undefined} news @param {string | undefined} url
 */
async function pass(call, news, url) {
  try {
    if (news) await browser[call]?.(news)
  } catch (error) {
    if (url) report(url, error instanceof Error ? error.name : 'UnknownError').catch(() => undefined)
  }
}

/** The same form of report as of dialogs (latchkey.js); there was none here. @param {string} url @param {string} error */
async function report(url, error) {
  const csrf = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name="csrf"]'))
  const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('')
  await fetch(url, {
    method: 'POST',
    keepalive: true,
    headers: { accept: 'application/json', 'content-type': 'application/json', 'x-csrf-token': csrf?.value ?? '' },
    body: JSON.stringify({ ceremony: 'get', mediation: 'modal', outcome: 'signal_failed', id, error }),
  })
}

for (const { dataset } of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-signal]'))) {
  /** @type {Signal} */
  const { rpId, unknown, userId, accepted, user } = JSON.parse(dataset['signal'] ?? '{}')
  void pass('signalUnknownCredential', unknown && { rpId, credentialId: unknown }, dataset['report'])
  void pass('signalAllAcceptedCredentials', userId && accepted && { rpId, userId, allAcceptedCredentialIds: accepted }, dataset['report'])
  void pass('signalCurrentUserDetails', userId && user && { rpId, userId, ...user }, dataset['report'])
}
