import type { CDPSession } from 'playwright-core'

export interface VirtualAuthenticatorOptions {
  transport?: 'internal' | 'hybrid' | 'usb' | 'nfc' | 'ble'
  /** the passkeys it makes are synced ones (backup eligible and backed up) */
  synced?: boolean
  /** false: it has no fingerprint reader, face camera or PIN */
  hasUserVerification?: boolean
}

/** A credential as the DevTools protocol hands it out, private key included. */
export type VirtualCredential = Awaited<ReturnType<typeof listCredentials>>[number]

/** Chromium's virtual authenticator (WebAuthn 11): answers without a person, or as that person would not. */
export interface VirtualAuthenticator {
  credentials(): Promise<VirtualCredential[]>
  /** the same passkeys as over there: counters go apart if both sign in turn without copying again */
  copyFrom(other: VirtualAuthenticator): Promise<void>
  add(credential: VirtualCredential): Promise<void>
  clear(): Promise<void>
  /** false: nobody touches it; requests stay pending */
  setPresent(present: boolean): Promise<void>
  /** false: the fingerprint does not match, or the person closes the window: NotAllowedError in both cases */
  setUserVerified(verified: boolean): Promise<void>
  /** the next answers are wrong in this way */
  spoil(bits: { isBogusSignature?: boolean; isBadUV?: boolean; isBadUP?: boolean }): Promise<void>
  /** resolves at the next sign-in or registration by it, or when the page tells it what became of a passkey */
  next(event: 'credentialAsserted' | 'credentialAdded' | 'credentialUpdated' | 'credentialDeleted'): Promise<void>
}

export async function createVirtualAuthenticator(
  devtools: CDPSession,
  { transport = 'internal', synced = false, hasUserVerification = true }: VirtualAuthenticatorOptions = {},
): Promise<VirtualAuthenticator> {
  await devtools.send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: transport === 'hybrid' ? ('cable' as const) : transport,
      hasResidentKey: true,
      hasUserVerification,
      isUserVerified: hasUserVerification,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: synced,
      defaultBackupState: synced,
    },
  })
  const credentials = () => listCredentials(devtools, authenticatorId)
  const clear = async () => {
    await devtools.send('WebAuthn.clearCredentials', { authenticatorId })
  }

  const add = async (credential: VirtualCredential) => {
    await devtools.send('WebAuthn.addCredential', { authenticatorId, credential })
  }

  return {
    credentials,
    add,
    async copyFrom(other) {
      await clear()
      for (const credential of await other.credentials()) await add(credential)
    },
    clear,
    async setPresent(enabled) {
      await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
    },
    async setUserVerified(isUserVerified) {
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
    async spoil(bits) {
      await devtools.send('WebAuthn.setResponseOverrideBits', { authenticatorId, ...bits })
    },
    next: event => new Promise(resolve => devtools.once(`WebAuthn.${event}`, () => resolve())),
  }
}

async function listCredentials(devtools: CDPSession, authenticatorId: string) {
  return (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials
}
