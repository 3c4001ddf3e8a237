/** FACE /demo/api: the bank behind the demo app. It knows its callers by access tokens alone, like an API on another machine. */
import type { Middleware } from '../http/context.ts'
import { apiOf } from './client.ts'
import { createResourceServer, type Demand } from './resource-server.ts'

/** A passkey, used in the last 5 minutes. */
const demand: Demand = { scope: 'transfer', acrValues: ['phr'], maxAge: 5 * 60 }

export function transfersApi(issuer: string): Middleware {
  const { check } = createResourceServer({ issuer, resource: apiOf(issuer) })
  return async function transfer(ctx) {
    const verdict = await check(ctx.get('Authorization'), demand)
    ctx.set('Cache-Control', 'no-store')
    if (verdict.ok) return void (ctx.body = { transferred: true })
    ctx.set('WWW-Authenticate', verdict.challenge)
    ctx.status = verdict.status
    ctx.body = {}
  }
}
