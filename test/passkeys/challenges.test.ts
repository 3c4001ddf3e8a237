import test from 'ava'
import { createChallenges, type Challenges } from '../../src/passkeys/challenges.ts'
import type { ChallengeFailure } from '../../src/passkeys/types.ts'
import fc from '../helpers/property.ts'
import { setUp } from './setup.ts'

async function spend(challenges: Challenges, ...[challenge, purpose, subject]: Parameters<Challenges['inspect']>): Promise<ChallengeFailure | undefined> {
  const found = challenges.inspect(challenge, purpose, subject)
  return typeof found === 'string' ? found : (await found.look()) ?? found.spend()
}

test('issuing writes nothing, and 20 who spend it at once get it once', async (t) => {
  const { deps, storage } = await setUp(t)
  const writes: string[] = []
  const ephemeral = new Proxy(storage.ephemeral, {
    get(target, name: keyof typeof storage.ephemeral) {
      writes.push(name)
      return target[name]
    },
  })
  const challenges = createChallenges({ ...deps, storage: { ...storage, ephemeral } })
  const challenge = challenges.issue('authenticate', ['cid-1'], 1000)
  t.deepEqual(writes, [])
  const results = await Promise.all(
    Array.from({ length: 20 }, () => spend(challenges, challenge, 'authenticate', ['cid-1'])),
  )
  t.is(results.filter((reason) => reason === undefined).length, 1)
  t.is(results.filter((reason) => reason === 'challenge_spent').length, 19)
})

test('a challenge with any byte changed is foreign', async (t) => {
  const { deps } = await setUp(t)
  const challenges = createChallenges(deps)
  const challenge = Buffer.from(challenges.issue('register', ['cid-1'], 1000), 'base64url')
  for (const position of challenge.keys()) {
    const altered = Buffer.from(challenge)
    altered.writeUInt8(altered.readUInt8(position) ^ 1, position)
    t.is(await spend(challenges, altered.toString('base64url'), 'register', ['cid-1']), 'challenge_foreign')
  }
  t.is(await spend(challenges, challenge.toString('base64url'), 'register', ['cid-1']), undefined)
})

test('no text is a challenge but an issued one', async (t) => {
  const { deps } = await setUp(t)
  const challenges = createChallenges(deps)
  const text = fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[\w-]{72}$/))
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(text, async (challenge) => {
        return (await spend(challenges, challenge, 'authenticate', ['cid-1'])) === 'challenge_foreign'
      }),
    ),
  )
})
