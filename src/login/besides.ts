import { methodsOf, offered } from '../policy/strategy.ts'
import { kindOf } from '../policy/types.ts'
import type { Besides } from '../../views/parts/besides.ts'
import type { Flow } from './flow.ts'

/** What opens this account once it has a passkey, besides that one: as it is now, with what is proven of it. */
export function besides({ account, deps: { config }, request: { client } }: Flow): Besides {
  if (!account) return { ways: [], together: false }
  const ways = offered(methodsOf(account, config.verification.methods)).filter((method) => method !== 'passkey')
  const setting = client.latchkey.assurance.downgrade ?? config.assurance.downgrade
  if (setting === 'allow' || setting === 'notify') return { ways, together: false }
  const alone = ways.filter((method) => kindOf(method) === undefined)
  const codes = ways.filter((method) => kindOf(method) !== undefined)
  const together = setting === 'step_up' && alone.length === 0 && new Set(codes.map(kindOf)).size > 1
  return { ways: together ? codes : alone, together }
}
