import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { createLocalJWKSet, importJWK, jwtVerify, SignJWT } from 'jose'
import { StartError } from '../../src/errors.ts'
import { AppError } from '../../src/errors.ts'
import { equalSecrets, hashId, openKeyring, randomId } from '../../src/secrets/keyring.ts'
import fc from '../helpers/property.ts'

async function withDataFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-data-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Making an RSA key takes a while: tests that only read share this one. */
const shared = (async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-data-'))
  const keyring = await openKeyring(folder)
  await rm(folder, { recursive: true })
  return keyring
})()

const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

test('keys are made once, and are for the owner only', async (t) => {
  await withDataFolder(async (folder) => {
    const data = join(folder, 'new', 'data')
    const first = await openKeyring(data)
    t.deepEqual(await readdir(join(data, 'keys')), ['keyring.json'])
    t.is(await mode(join(data, 'keys')), '700')
    t.is(await mode(join(data, 'keys/keyring.json')), '600')

    await chmod(join(data, 'keys/keyring.json'), 0o644)
    const second = await openKeyring(data)
    t.deepEqual(second.jwks, first.jwks)
    t.deepEqual(second.cookieKeys, first.cookieKeys)
    t.is(second.hmac('code', 'a'), first.hmac('code', 'a'))
    t.is(second.open('mail', first.seal('mail', 'hello')), 'hello')
    t.is(await mode(join(data, 'keys/keyring.json')), '600')
  })
})

test('the signing keys sign', async (t) => {
  const { jwks } = await shared
  t.deepEqual(jwks.keys.map(({ alg, use }) => [alg, use]), [['ES256', 'sig'], ['RS256', 'sig']])
  const publicKeys = createLocalJWKSet({ keys: jwks.keys.map(({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...rest }) => ({ ...rest, kty: rest.kty ?? '' })) })
  for (const jwk of jwks.keys) {
    const { alg = '', kid = '' } = jwk
    const token = await new SignJWT({ sub: 'a' }).setProtectedHeader({ alg, kid }).sign(await importJWK(jwk))
    t.is((await jwtVerify(token, publicKeys)).payload.sub, 'a')
  }
})

test('processes that start at once get the same keys', async (t) => {
  await withDataFolder(async (folder) => {
    const script = `
      import { openKeyring } from ${JSON.stringify(join(import.meta.dirname, '../../src/secrets/keyring.ts'))}
      process.stdin.once('data', async () => {
        const { jwks, cookieKeys, hmac } = await openKeyring(${JSON.stringify(folder)})
        console.log(JSON.stringify([jwks, cookieKeys, hmac('race', 'x')]))
        process.exit()
      })
      process.stderr.write('ready')`
    const children = [1, 2, 3].map(() => spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script]))
    await Promise.all(children.map((child) => once(child.stderr, 'data')))
    for (const child of children) child.stdin.write('go')
    const [one, ...others] = await Promise.all(children.map((child) => text(child.stdout)))
    t.true((one ?? '').length > 1000)
    t.deepEqual(others, [one, one])
    t.deepEqual(await readdir(join(folder, 'keys')), ['keyring.json'], 'no draft is left')
  })
})

test('a damaged file is an error in one line, and is left as it is', async (t) => {
  await withDataFolder(async (folder) => {
    await openKeyring(folder)
    const file = join(folder, 'keys/keyring.json')
    const good = await readFile(file, 'utf8')
    const keys = JSON.parse(good) as { hmac: string; jwks: { keys: { d: string }[] } }
    const damages = {
      empty: '',
      cut: good.slice(0, good.length / 2),
      'a short key': JSON.stringify({ ...keys, hmac: keys.hmac.slice(4) }),
      'a signing key that is none': JSON.stringify({ ...keys, jwks: { keys: keys.jwks.keys.map((key) => ({ ...key, d: 'AA' })) } }),
      'no signing key': JSON.stringify({ ...keys, jwks: { keys: [] } }),
    }
    for (const [title, damaged] of Object.entries(damages)) {
      await writeFile(file, damaged)
      const error = await t.throwsAsync(openKeyring(folder), { instanceOf: StartError }, title)
      t.regex(error?.message ?? '', /^the key file .*keyring\.json is damaged: restore it from a backup\..*$/, title)
      t.is(await readFile(file, 'utf8'), damaged)
    }
  })
})

test('a data folder that cannot be made is an error that says what to do', async (t) => {
  await withDataFolder(async (folder) => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    const error = await t.throwsAsync(openKeyring(file), { instanceOf: StartError })
    t.is(error?.message, `the data folder ${file} cannot be used (ENOTDIR): make it writable for this user, or set LATCHKEY_DATA to a folder that is.`)
  })
})

test('what was sealed opens again, for the same purpose only', async (t) => {
  const keyring = await shared
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (plaintext) => {
    const sealed = keyring.seal('mail', plaintext)
    t.is(keyring.open('mail', sealed), plaintext)
    t.not(keyring.seal('mail', plaintext), sealed, 'never twice the same')
    t.throws(() => keyring.open('totp', sealed), { instanceOf: AppError, code: 'internal' })
  }))
})

test('what was sealed for one context opens in no other', async (t) => {
  const { seal, open } = await shared
  const sealed = seal('totp key', 'secret', 'totp:ada')
  t.is(open('totp key', sealed, 'totp:ada'), 'secret')
  for (const context of ['totp:bob', '', undefined]) t.throws(() => open('totp key', sealed, context), { instanceOf: AppError, code: 'internal' })
  t.throws(() => open('totp key', seal('totp key', 'secret'), 'totp:ada'), { instanceOf: AppError, code: 'internal' })
})

test('a sealed value with any bit changed, cut or lengthened is refused', async (t) => {
  const keyring = await shared
  const sealed = Buffer.from(keyring.seal('mail', 'a mail with a code'), 'base64url')
  const refused = (bytes: Buffer) => t.throws(() => keyring.open('mail', bytes.toString('base64url')), { instanceOf: AppError, code: 'internal' })
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const altered = Buffer.from(sealed)
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    refused(altered)
  }
  for (let length = 0; length < sealed.length; length++) refused(sealed.subarray(0, length))
  refused(Buffer.concat([sealed, Buffer.of(0)]))
})

test('an HMAC depends on the purpose, on every part and on where parts end', async (t) => {
  const { hmac } = await shared
  t.regex(hmac('code', 'a'), /^[\w-]{43}$/)
  const parts = fc.array(fc.string(), { maxLength: 4 })
  fc.assert(fc.property(parts, parts, (a, b) => (JSON.stringify(a) === JSON.stringify(b)) === (hmac('code', ...a) === hmac('code', ...b))))
  t.not(hmac('code', 'ab', 'c'), hmac('code', 'a', 'bc'))
  t.not(hmac('code', 'a'), hmac('code', 'a', ''))
  t.not(hmac('code', 'a'), hmac('link', 'a'))
})

test('installations share no key', async (t) => {
  await withDataFolder(async (folder) => {
    await mkdir(join(folder, 'b'))
    const [a, b] = await Promise.all([openKeyring(join(folder, 'a')), openKeyring(join(folder, 'b'))])
    t.not(a.hmac('code', 'x'), b.hmac('code', 'x'))
    t.throws(() => b.open('mail', a.seal('mail', 'x')), { instanceOf: AppError })
  })
})

test('hashes, ids and comparison of secrets', (t) => {
  t.is(hashId('abc'), 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  t.regex(randomId(), /^[\w-]{22}$/)
  t.regex(randomId(32), /^[\w-]{43}$/)
  t.not(randomId(), randomId())
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => equalSecrets(a, a) && equalSecrets(a, b) === (a === b)))
})
