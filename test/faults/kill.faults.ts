/** Fifty times SIGKILL in the middle of sign-ups and refreshes: what was answered holds, and nothing is half-made. */
import { join } from 'node:path'
import test from 'ava'
import { ResponseBodyError } from 'openid-client'
import { hashId } from '../../src/secrets/keyring.ts'
import { openStorage } from '../../src/storage/index.ts'
import { type App, createApp, shop, type Tokens } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const kills = 50
const workers = { signUps: 4, refreshes: 2 }
const scope = 'openid email offline_access'

/** How long after its last use, or once the server is there, a refresh may be repeated, and how long after its first use, ms. */
const leeway = { sinceLast: 10_000, sinceFirst: 60_000 }

/** An app that refreshes again and again. */
interface Holder {
  /** undefined when the person has to sign in again */
  tokens: Tokens | undefined
  /** when it first sent the refresh whose reply has not come yet */
  firstSentAt: number | undefined
  /** how often a repeat after that was answered with tokens */
  repeated: number
  /** those that were not, and whether the server had to */
  refusals: { inTime: boolean; why: string }[]
}

interface Attempt {
  visitor: Visitor
  /** the server has answered that the passkey is kept */
  passkey: boolean
  /** the app's callback, once its code was exchanged */
  redeemed?: () => Promise<unknown>
}

let server: Server
let serverStartedAt: number
let app: App

test.before(async () => {
  serverStartedAt = Date.now()
  server = await startServer({ clients: [shop] })
  app = await createApp(server.issuer, shop)
})
test.after.always(() => server?.dispose())

test('a server that is killed again and again loses no answer and leaves nothing half-made', async t => {
  const attempts: Attempt[] = []
  const holders = await Promise.all(Array.from({ length: workers.refreshes }, async (): Promise<Holder> => ({ tokens: await signUp(newAttempt()), firstSentAt: undefined, repeated: 0, refusals: [] })))

  for (let round = 0; round < kills; round++) {
    // each of 1 to 50, in no order
    const killAt = ((round * 37) % kills) + 1
    let answers = 0
    let down = false
    const { promise: due, resolve: killNow } = Promise.withResolvers<void>()
    const answered = () => {
      if (++answers >= killAt) killNow()
    }
    /** Again and again until the kill; an error before it is one. */
    const keepOn = async (act: () => Promise<unknown>) => {
      while (!down) {
        try {
          await act()
        } catch (error) {
          if (!down) throw error
        }
      }
    }
    const busy = Promise.all([
      ...Array.from({ length: workers.signUps }, () => keepOn(() => signUp(newAttempt(), answered))),
      ...holders.map(holder =>
        keepOn(async () => {
          await refresh(holder)
          answered()
        }),
      ),
    ])
    await Promise.race([due, busy])
    down = true
    await server.kill9()
    await busy
    serverStartedAt = Date.now()
    await server.start()
  }

  for (const holder of holders) await refresh(holder)
  for (const attempt of attempts) await check(attempt)
  t.true(attempts.length > kills)
  t.log(`${attempts.length} sign-ups, ${attempts.filter(({ redeemed }) => redeemed).length} of them to the end`)
  // Who is cut off by many kills in a row may miss the leeway; within it nobody loses a token.
  const refusals = holders.flatMap(holder => holder.refusals)
  const repeated = holders.reduce((sum, holder) => sum + holder.repeated, 0)
  t.log(`${repeated} refreshes repeated, ${refusals.length} refused`)
  t.deepEqual(refusals.filter(({ inTime }) => inTime).map(({ why }) => why), [])
  t.true(repeated > 0)
  t.is(await server.stop(), 0)

  function newAttempt(): Attempt {
    const attempt = { visitor: createVisitor(server), passkey: false }
    attempts.push(attempt)
    return attempt
  }

  /** Whoever got an answer can rely on it; whoever got none can begin again and arrives. */
  async function check({ visitor, passkey, redeemed }: Attempt) {
    const authorization = await app.authorize({ prompt: 'login' })
    const start = await visitor.arrive(authorization)
    const { url } = passkey ? await visitor.usePasskey(start) : await byCode(visitor, start)
    const claims = (await authorization.finish(url)).claims()
    t.is(claims?.['acr'], passkey ? 'phr' : 'urn:latchkey:acr:1fa', visitor.email)
    if (redeemed) await t.throwsAsync(redeemed(), undefined, `${visitor.email}: the code works a second time`)
    visitor.browser.close()
  }
})

/** A lost reply is asked for again; only after one the server may refuse, and then the person signs in anew. */
async function refresh(holder: Holder): Promise<void> {
  const { tokens, firstSentAt } = holder
  if (!tokens) {
    holder.tokens = await signUp({ visitor: createVisitor(server), passkey: false })
    return
  }
  holder.firstSentAt ??= Date.now()
  try {
    holder.tokens = await app.refresh(tokens)
    if (firstSentAt) holder.repeated++
  } catch (error) {
    if (!firstSentAt || !(error instanceof ResponseBodyError)) throw error
    holder.refusals.push(await refusal(tokens, firstSentAt, error))
    holder.tokens = undefined
  }
  holder.firstSentAt = undefined
}

/** The server counts from what it heard of, which was later than what was sent. */
async function refusal(tokens: Tokens, firstSentAt: number, { error }: ResponseBodyError): Promise<Holder['refusals'][number]> {
  const now = Date.now()
  const [sinceFirst, sinceStart] = [now - firstSentAt, now - serverStartedAt]
  const inTime = sinceFirst <= leeway.sinceFirst && Math.min(sinceFirst, sinceStart) <= leeway.sinceLast
  const storage = await openStorage({ kind: 'embedded', folder: join(server.folder, 'data') })
  const key = hashId(`RefreshToken:${tokens.refresh_token}`)
  const kept = await storage.artifacts.find('RefreshToken', key)
  const successor = await storage.artifacts.findByUid('RefreshToken', key)
  await storage.close()
  const state = kept ? `in use: ${JSON.stringify({ kept, successor: successor?.payload })}` : 'taken for reuse, and the family revoked'
  return { inTime, why: `${error} ${sinceFirst} ms after it was first sent and ${sinceStart} ms after the server's start: ${state}` }
}

async function signUp(attempt: Attempt, answered: () => void = () => {}): Promise<Tokens> {
  const { visitor } = attempt
  const seen = async <T>(step: Promise<T>) => {
    const result = await step
    answered()
    return result
  }
  const authorization = await seen(app.authorize({ scope }))
  const offer = await seen(visitor.signUp(await seen(visitor.arrive(authorization))))
  const done = await seen(visitor.createPasskey(offer))
  attempt.passkey = true
  const { url } = await seen(visitor.browser.submit(done, '/passkey-create', { button: `Continue to ${shop.client_name}` }))
  const tokens = await seen(authorization.finish(url))
  attempt.redeemed = () => authorization.finish(url)
  return tokens
}

async function byCode(visitor: Visitor, start: Page): Promise<Page> {
  await visitor.ignoreMail()
  let page = await visitor.typeCode(await visitor.typeEmail(start))
  if (page.url.pathname.endsWith('/create-account')) page = await visitor.browser.submit(page, '/create-account', { button: 'Create account' })
  if (page.url.pathname.endsWith('/passkey-create')) page = await visitor.browser.submit(page, '/passkey-create', { button: 'Not now' })
  return page
}
