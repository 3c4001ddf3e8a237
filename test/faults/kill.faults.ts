/** Fifty times SIGKILL in the middle of sign-ups and refreshes: what was answered holds, and nothing is half-made. */
import { randomInt } from 'node:crypto'
import test from 'ava'
import { ResponseBodyError } from 'openid-client'
import { type App, createApp, shop, type Tokens } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const kills = 50
const workers = { signUps: 4, refreshes: 2 }
const scope = 'openid email offline_access'

/** An app that refreshes again and again. */
interface Holder {
  tokens: Tokens
  /** the reply to its last refresh never came */
  lostReply: boolean
  /** how often a repeat after that was refused, so that the person had to sign in again */
  refused: number
}

interface Attempt {
  visitor: Visitor
  /** the server has answered that the passkey is kept */
  passkey: boolean
  /** the app's callback, once its code was exchanged */
  redeemed?: () => Promise<unknown>
}

let server: Server
let app: App

test.before(async () => {
  server = await startServer({ clients: [shop] })
  app = await createApp(server.issuer, shop)
})
test.after.always(() => server?.dispose())

test('a server that is killed again and again loses no answer and leaves nothing half-made', async t => {
  const attempts: Attempt[] = []
  const holders = await Promise.all(Array.from({ length: workers.refreshes }, async (): Promise<Holder> => ({ tokens: await signUp(newAttempt()), lostReply: false, refused: 0 })))

  for (let round = 0; round < kills; round++) {
    const killAt = randomInt(1, 60)
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
    await server.start()
  }

  for (const holder of holders) await refresh(holder)
  for (const attempt of attempts) await check(attempt)
  t.true(attempts.length > kills)
  t.log(`${attempts.length} sign-ups, ${attempts.filter(({ redeemed }) => redeemed).length} of them to the end`)
  // Who is cut off by several kills in a row may miss the leeway; one kill costs nobody a token.
  const refused = holders.reduce((sum, holder) => sum + holder.refused, 0)
  t.true(refused <= 2, `${refused} repeated refreshes refused`)
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
  const mayBeRefused = holder.lostReply
  holder.lostReply = true
  try {
    holder.tokens = await app.refresh(holder.tokens)
  } catch (error) {
    if (!mayBeRefused || !(error instanceof ResponseBodyError)) throw error
    holder.refused++
    holder.tokens = await signUp({ visitor: createVisitor(server), passkey: false })
  }
  holder.lostReply = false
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
