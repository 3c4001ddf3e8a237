import { createHttpClient, type Send } from '../test/helpers/http-client.ts'
import { authorization } from './client.ts'
import { compare, concurrency } from './load.ts'
import { logIn, token, type TokenSet } from './login-flow.ts'
import { type Person, settlePeople, strangers } from './people.ts'
import { startBare, startOurs, type Target } from './target.ts'

/** What an app does between logins. Every worker holds the tokens of a login of its own. */
const operations: Record<string, (target: Target, send: Send, tokens: TokenSet) => Promise<unknown>> = {
  client_credentials: ({ endpoints }, send) => token(endpoints.token_endpoint, send, { grant_type: 'client_credentials' }),
  async refresh({ endpoints }, send, tokens) {
    const { refresh_token } = tokens
    Object.assign(tokens, await token(endpoints.token_endpoint, send, { grant_type: 'refresh_token', refresh_token }))
    if (tokens.refresh_token === refresh_token) throw new Error('the refresh token was not rotated')
  },
  async userinfo({ endpoints }, send, { access_token }) {
    const { status } = await send(new URL(endpoints.userinfo_endpoint), { headers: { authorization: `Bearer ${access_token}` } })
    if (status !== 200) throw new Error(`userinfo answered ${status}`)
  },
  async introspection({ endpoints }, send, { access_token }) {
    const { body } = await send(new URL(endpoints.introspection_endpoint), {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: `token=${access_token}`,
    })
    if (!JSON.parse(body).active) throw new Error(`introspection says ${body}`)
  },
}

/** Client credentials, refresh, userinfo and introspection per second, against the engine alone. */
export async function tokens() {
  let people: Person[] = []
  const ours = await startOurs(async (folder, issuer) => {
    people = await settlePeople(concurrency, folder, issuer)
  })
  const bare = await startBare()
  const { send, close } = createHttpClient({ connections: concurrency })
  try {
    const tokensOf = (target: Target, everybody: Person[]) => Promise.all(everybody.map(person => logIn(target, send, person)))
    const figures = []
    for (const [operation, run] of Object.entries(operations)) {
      // anew each time: the bare engine's memory keeps the newest thousand artifacts only
      const [bareTokens, ourTokens] = [await tokensOf(bare, strangers(concurrency)), await tokensOf(ours, people)]
      const side = (target: Target, tokens: TokenSet[]) => ({
        pid: target.pid,
        operation: (worker: number) => run(target, send, tokens[worker] as TokenSet),
      })
      const result = await compare(side(bare, bareTokens), side(ours, ourTokens), { rounds: 3, seconds: 2 })
      figures.push({
        bench: `token:${operation}`,
        bare: result.bare.perSecond,
        ours: result.ours.perSecond,
        ratio: result.ratio,
        target: 0.7,
        cpuMs: result.ours.cpuMs,
        bareCpuMs: result.bare.cpuMs,
        p50: result.ours.p50,
        p99: result.ours.p99,
        ratios: result.ratios,
      })
    }
    return figures
  } finally {
    close()
    await Promise.all([bare.stop(), ours.stop()])
  }
}
