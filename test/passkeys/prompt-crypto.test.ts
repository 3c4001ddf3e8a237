import test from 'ava'

const own = globalThis.crypto

test('the library works with what it was lent, and everybody else keeps the Web Crypto of Node', async (t) => {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  t.is(typeof verifyAuthenticationResponse, 'function')
  await import('../../src/passkeys/ceremony.ts')
  t.is(globalThis.crypto, own)
  t.true(Object.getOwnPropertyDescriptor(globalThis, 'crypto')?.configurable)

  const { isoCrypto } = await import('@simplewebauthn/server/helpers')
  const digest = own.subtle.digest
  own.subtle.digest = () => t.fail('a job of the thread pool') as never
  t.teardown(() => { own.subtle.digest = digest })
  const hash = await isoCrypto.digest(new TextEncoder().encode('abc'), -7)
  t.is(Buffer.from(hash).toString('hex'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
