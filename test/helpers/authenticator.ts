import { generateKeyPairSync, hash, randomBytes, sign, type KeyObject } from 'node:crypto'
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '../../src/passkeys/types.ts'

/** A passkey as its authenticator knows it. All of it may be changed by a test. */
export interface SoftCredential {
  id: string
  rpId: string
  userHandle: string
  privateKey: KeyObject
  alg: Algorithm
  counter: number
}

export interface AuthenticatorSettings {
  /** default: none, 16 zero bytes */
  aaguid?: string
  transports?: string[]
  attachment?: 'platform' | 'cross-platform'
  alg?: Algorithm
  /** default: true, as of a device whose passkeys are synced */
  backupEligible?: boolean
  backupState?: boolean
  /** how much a use adds to the counter; default 0, as synced passkeys do */
  counterStep?: number
}

/** What a test makes wrong in one answer; the defaults make a right one. */
export interface CeremonyOverrides {
  origin: string
  rpId?: string
  challenge?: string
  type?: string
  crossOrigin?: boolean
  topOrigin?: string
  userPresent?: boolean
  userVerified?: boolean
  backupEligible?: boolean
  backupState?: boolean
  counter?: number
  aaguid?: string
  transports?: string[]
  credentialId?: string
  alg?: Algorithm
  /** answers with this passkey, whatever is allowed */
  credential?: SoftCredential
  userHandle?: string | undefined
  bogusSignature?: boolean
}

type Algorithm = -7 | -8 | -257

/** A software authenticator (WebAuthn 6) with the browser's part in front: options in, `PublicKeyCredential` as JSON out. */
export function createAuthenticator(settings: AuthenticatorSettings = {}) {
  const credentials: SoftCredential[] = []
  const { attachment = 'platform', transports = ['internal', 'hybrid'] } = settings

  function create(
    options: PublicKeyCredentialCreationOptionsJSON,
    overrides: CeremonyOverrides,
  ): RegistrationResponseJSON {
    const alg = overrides.alg ?? settings.alg ?? -7
    const { privateKey, cosePublicKey } = generateKey(alg)
    const id = overrides.credentialId ?? randomBytes(16).toString('base64url')
    const rpId = overrides.rpId ?? options.rp.id ?? new URL(overrides.origin).hostname
    const counter = overrides.counter ?? settings.counterStep ?? 0
    const credential: SoftCredential = { id, rpId, userHandle: options.user.id, privateKey, alg, counter }
    credentials.push(credential)

    const idBytes = Buffer.from(id, 'base64url')
    const idLength = Buffer.alloc(2)
    idLength.writeUInt16BE(idBytes.length)
    const aaguid = Buffer.from((overrides.aaguid ?? settings.aaguid ?? '').replaceAll('-', '').padEnd(32, '0'), 'hex')
    const authData = Buffer.concat([
      authenticatorData(rpId, flags(settings, overrides) | 0x40, counter),
      aaguid,
      idLength,
      idBytes,
      cbor(cosePublicKey),
    ])
    const attestationObject = cbor({ fmt: 'none', attStmt: {}, authData })
    return {
      id,
      rawId: id,
      type: 'public-key',
      authenticatorAttachment: attachment,
      clientExtensionResults: { credProps: { rk: true } },
      response: {
        clientDataJSON: clientData('webauthn.create', options.challenge, overrides).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        publicKeyAlgorithm: alg,
        transports: overrides.transports ?? transports,
      },
    }
  }

  /** Throws what a browser throws, NotAllowedError, when it holds no passkey that is wanted. */
  function get(
    options: PublicKeyCredentialRequestOptionsJSON,
    overrides: CeremonyOverrides,
  ): AuthenticationResponseJSON {
    const allowed = options.allowCredentials?.map(({ id }) => id) ?? []
    const credential =
      overrides.credential ??
      credentials.findLast(({ id, rpId }) => rpId === options.rpId && (allowed.length === 0 || allowed.includes(id)))
    if (!credential) throw new DOMException('no passkey here', 'NotAllowedError')
    credential.counter = overrides.counter ?? credential.counter + (settings.counterStep ?? 0)

    const authData = authenticatorData(overrides.rpId ?? credential.rpId, flags(settings, overrides), credential.counter)
    const client = clientData('webauthn.get', options.challenge, overrides)
    const signed = Buffer.concat([authData, hash('sha256', client, 'buffer')])
    const signature = sign(credential.alg === -8 ? null : 'sha256', signed, credential.privateKey)
    if (overrides.bogusSignature) signature.writeUInt8(signature.readUInt8(signature.length - 1) ^ 1, signature.length - 1)
    const userHandle = 'userHandle' in overrides ? overrides.userHandle : credential.userHandle
    const id = overrides.credentialId ?? credential.id
    return {
      id,
      rawId: id,
      type: 'public-key',
      authenticatorAttachment: attachment,
      clientExtensionResults: {},
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(userHandle !== undefined && { userHandle }),
      },
    }
  }

  return { credentials, create, get }
}

export type SoftAuthenticator = ReturnType<typeof createAuthenticator>

function clientData(type: string, challenge: string, overrides: CeremonyOverrides): Buffer {
  return Buffer.from(
    JSON.stringify({
      type: overrides.type ?? type,
      challenge: overrides.challenge ?? challenge,
      origin: overrides.origin,
      crossOrigin: overrides.crossOrigin ?? false,
      topOrigin: overrides.topOrigin,
    }),
  )
}

function flags(settings: AuthenticatorSettings, overrides: CeremonyOverrides): number {
  const eligible = overrides.backupEligible ?? settings.backupEligible ?? true
  const backedUp = overrides.backupState ?? settings.backupState ?? eligible
  return (
    (overrides.userPresent === false ? 0 : 0x01) |
    (overrides.userVerified === false ? 0 : 0x04) |
    (eligible ? 0x08 : 0) |
    (backedUp ? 0x10 : 0)
  )
}

function authenticatorData(rpId: string, flags: number, counter: number): Buffer {
  const data = Buffer.alloc(37)
  hash('sha256', rpId, 'buffer').copy(data)
  data.writeUInt8(flags, 32)
  data.writeUInt32BE(counter, 33)
  return data
}

/** The public key as a COSE_Key (RFC 9052 7, RFC 9053 7, RFC 8230 4). */
function generateKey(alg: Algorithm): { privateKey: KeyObject; cosePublicKey: Map<CborKey, Cbor> } {
  const { privateKey, publicKey } =
    alg === -7
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : alg === -8
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = publicKey.export({ format: 'jwk' })
  const bytes = (value: string | undefined) => Buffer.from(value ?? '', 'base64url')
  const parameters: Record<Algorithm, [CborKey, Cbor][]> = {
    [-7]: [[1, 2], [3, -7], [-1, 1], [-2, bytes(jwk.x)], [-3, bytes(jwk.y)]],
    [-8]: [[1, 1], [3, -8], [-1, 6], [-2, bytes(jwk.x)]],
    [-257]: [[1, 3], [3, -257], [-1, bytes(jwk.n)], [-2, bytes(jwk.e)]],
  }
  return { privateKey, cosePublicKey: new Map(parameters[alg]) }
}

type CborKey = string | number
type Cbor = CborKey | Uint8Array | Map<CborKey, Cbor> | { [key: string]: Cbor }

/** As much CBOR (RFC 8949) as an attestation needs: integers, bytes, text and maps of at most 65,535. */
export function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value)
  if (typeof value === 'string') return Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([cborHead(2, value.length), value])
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return Buffer.concat([cborHead(5, entries.length), ...entries.flatMap(([key, item]) => [cbor(key), cbor(item)])])
}

function cborHead(major: number, size: number): Buffer {
  if (size < 24) return Buffer.from([(major << 5) | size])
  if (size < 256) return Buffer.from([(major << 5) | 24, size])
  return Buffer.from([(major << 5) | 25, size >> 8, size & 0xff])
}
