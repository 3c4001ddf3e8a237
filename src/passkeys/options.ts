import type { AuthenticatorTransport, PublicKeyCredentialHint } from '@simplewebauthn/server'
import type { Passkey } from '../storage/types.ts'
import { algorithms } from './ceremony.ts'
import type {
  AuthenticationOptionsInput,
  PasskeySettings,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationOptionsInput,
} from './types.ts'

/** ms that a window of the browser stays open (WebAuthn 15.1); autofill waits as long as its challenge lives */
const patience = 5 * 60 * 1000

/** By hand and synchronous: each view of the identifier page makes one. */
export function authenticationOptions(
  settings: PasskeySettings,
  challenge: string,
  { life, allow = [], hints }: AuthenticationOptionsInput,
): PublicKeyCredentialRequestOptionsJSON {
  return {
    challenge,
    rpId: settings.rpId,
    timeout: Math.min(life, patience),
    userVerification: 'required',
    allowCredentials: allow.map(descriptor),
    ...(hints && { hints: hints as PublicKeyCredentialHint[] }),
  }
}

/** A discoverable, user-verified passkey, without attestation (WebAuthn 5.4). */
export function registrationOptions(
  settings: PasskeySettings,
  challenge: string,
  { life, account, label, existing, attachment, hints }: RegistrationOptionsInput,
): PublicKeyCredentialCreationOptionsJSON {
  return {
    challenge,
    rp: { id: settings.rpId, name: settings.rpName },
    user: { id: account.userHandle, name: label, displayName: account.name ?? label },
    pubKeyCredParams: algorithms.map((alg) => ({ alg, type: 'public-key' })),
    timeout: Math.min(life, patience),
    excludeCredentials: existing.filter(({ removedAt }) => removedAt === undefined).map(descriptor),
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
      ...(attachment && { authenticatorAttachment: attachment }),
    },
    attestation: 'none',
    extensions: { credProps: true },
    ...(hints && { hints: hints as PublicKeyCredentialHint[] }),
  }
}

function descriptor({ id, transports }: Pick<Passkey, 'id' | 'transports'>) {
  return {
    id,
    type: 'public-key' as const,
    ...(transports.length > 0 && { transports: transports as AuthenticatorTransport[] }),
  }
}
