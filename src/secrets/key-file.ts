import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type { JWK } from 'jose'
import { z } from 'zod'
import { StartError, systemCode } from '../errors.ts'

/** Writing this name is the one atomic step that decides whose keys an installation has. */
const fileName = 'keyring.json'

const key256 = z.base64url().refine((text) => Buffer.from(text, 'base64url').length === 32)

const privateJwk = z
  .looseObject({ kty: z.enum(['EC', 'RSA']), kid: z.string(), alg: z.enum(['ES256', 'RS256']), use: z.literal('sig') })
  .refine((jwk) => isKeyPair(jwk))

const keysSchema = z.strictObject({
  version: z.literal(1),
  /** HMAC-SHA-256 master key, base64url */
  hmac: key256,
  /** AES-256 master key, base64url */
  encryption: key256,
  cookies: z.array(key256).min(1),
  jwks: z.strictObject({ keys: z.array(privateJwk).min(2) }),
})

export interface Keys {
  version: 1
  hmac: string
  encryption: string
  cookies: string[]
  jwks: { keys: JWK[] }
}

/** Reads the keys of a data folder, and makes them when there are none. Of several processes at once, one makes them. */
export async function readOrMakeKeys(dataFolder: string): Promise<Keys> {
  const folder = join(dataFolder, 'keys')
  const file = join(folder, fileName)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const found = await readIfThere(file)
    if (found !== undefined) return parseKeys(found, file)
    await writeOnce(file, JSON.stringify(await makeKeys(), null, 2))
    return parseKeys(await readFile(file, 'utf8'), file)
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(`the data folder ${dataFolder} cannot be used (${systemCode(error)}): make it writable for this user, or set LATCHKEY_DATA to a folder that is.`, error)
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    const text = await readFile(file, 'utf8')
    // a restored backup often arrives readable for everybody
    await chmod(file, 0o600)
    return text
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Complete or absent, and never replaced: `link` fails when the name is taken, and then the other process's keys count. */
async function writeOnce(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await link(draft, file).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error
    })
    await syncFolder(join(file, '..'))
  } finally {
    await rm(draft, { force: true })
  }
}

/** Makes the new name survive a power loss: tokens signed with keys that vanish would be orphans. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function parseKeys(text: string, file: string): Keys {
  const result = keysSchema.safeParse(parseJson(text))
  if (result.success) return result.data
  throw new StartError(`the key file ${file} is damaged: restore it from a backup. Without it all sessions, tokens and sealed values are lost; only then delete it, and the next start makes new keys.`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function makeKeys(): Promise<Keys> {
  const random = () => randomBytes(32).toString('base64url')
  const keys = await Promise.all([makeSigningKey('ES256'), makeSigningKey('RS256')])
  return { version: 1, hmac: random(), encryption: random(), cookies: [random()], jwks: { keys } }
}

async function makeSigningKey(alg: 'ES256' | 'RS256'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' }
}

/** Whether it signs what its public half verifies: node accepts private parts that belong to no key. */
function isKeyPair(jwk: JWK): boolean {
  try {
    const probe = Buffer.from('probe')
    const privateKey = createPrivateKey({ format: 'jwk', key: { ...jwk } })
    return verify('sha256', probe, createPublicKey(privateKey), sign('sha256', probe, privateKey))
  } catch {
    return false
  }
}
