/**
 * Tells the browser and its password manager what became of somebody's passkeys (WebAuthn Level 3, section 5.1.10; the
 * element is made by views/parts/signal.ts). Browsers without such news miss nothing; none of it is seen by the person.
 */

/** @typedef {{ rpId: string, unknown?: string, userId?: string, accepted?: string[], user?: { name: string, displayName: string } }} Signal */
/** @typedef {{ signalUnknownCredential: (news: object) => Promise<void>, signalAllAcceptedCredentials: (news: object) => Promise<void>, signalCurrentUserDetails: (news: object) => Promise<void> }} Signals */

const browser = /** @type {Partial<Signals>} */ (globalThis.PublicKeyCredential ?? {})

/** Whatever happens here, the page goes on. @param {keyof Signals} call @param {object | '' | undefined} news */
async function pass(call, news) {
  try {
    if (news) await browser[call]?.(news)
  } catch {
    // A keeper that refuses the news has shown what it wanted to show: nothing is left to do.
  }
}

for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-signal]'))) {
  /** @type {Signal} */
  const { rpId, unknown, userId, accepted, user } = JSON.parse(element.dataset['signal'] ?? '{}')
  void pass('signalUnknownCredential', unknown && { rpId, credentialId: unknown })
  void pass('signalAllAcceptedCredentials', userId && accepted && { rpId, userId, allAcceptedCredentialIds: accepted })
  void pass('signalCurrentUserDetails', userId && user && { rpId, userId, ...user })
}
