import { isUsable, kindOfPasskey } from '../policy/passkeys.ts'
import { decide, type Rule, type RuleVerdict } from '../policy/rules.ts'
import { freeSignals, type CostlySignal, type SignalName, type SignalValue } from '../policy/signals.ts'
import type { Passkey } from '../storage/types.ts'
import type { Decisions } from './decisions.ts'
import type { Failures } from './failures.ts'
import type { Happening, SceneWithAddresses, Scenes } from './scene.ts'

/** Keeps the decision with what it rests on. @throws AppError `store_unavailable` */
export type Judge = (happening: Happening) => Promise<RuleVerdict>

export interface JudgeDeps {
  sceneOf: Scenes['sceneOf']
  rules: Rule[]
  failures: Failures
  decisions: Decisions
  devices: { knowsNetwork(accountId: string, network: string): Promise<boolean> }
  passkeys: { listByAccount(accountId: string): Promise<Passkey[]> }
}

/** Asks the rules. The store is asked only for signals on which it still depends whether a rule matches. */
export function createJudge({ sceneOf, rules, failures, decisions, devices, passkeys }: JudgeDeps): Judge {
  const look: Record<CostlySignal, (scene: SceneWithAddresses) => Promise<SignalValue>> = {
    'failures.account': ({ addresses }) => failures.ofAddresses(addresses),
    'failures.network': async ({ network }) => (network === undefined ? null : failures.ofNetwork(network)),
    'network.known': async ({ account, network }) => (account && network !== undefined ? devices.knowsNetwork(account.id, network) : null),
    'account.passkeyKinds': async ({ account }) => (account ? kindsOf(await passkeys.listByAccount(account.id)) : null),
  }

  return async function judge(happening) {
    const scene = sceneOf(happening)
    const signals = freeSignals(scene)
    let { undecided, ...verdict } = decide(rules, scene.event, signals)
    while (undecided.length > 0) {
      const found = await Promise.all(undecided.map(async (name) => [name, await (isCostly(name) ? look[name](scene) : null)] as const))
      for (const [name, value] of found) signals[name] = value
      ;({ undecided, ...verdict } = decide(rules, scene.event, signals))
    }
    const { event, occasion, account } = scene
    await decisions.record({ event, occasion, signals, verdict, ...(account && event !== 'sign_up' && { accountId: account.id }) })
    return verdict
  }

  function isCostly(name: SignalName): name is CostlySignal {
    return Object.hasOwn(look, name)
  }
}

const kindsOf = (passkeys: Passkey[]): string[] => [...new Set(passkeys.filter(isUsable).map(kindOfPasskey))]
