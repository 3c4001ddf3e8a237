import { passkeysAt } from '../config/for-client.ts'
import { authenticatorFor, decide, knownPasskey, type Decision, type KnownPasskey, type Signals } from '../passkeys/index.ts'
import type { Account, Device } from '../storage/types.ts'
import { isPhone, userAgentOf } from './browser.ts'
import type { Flow } from './flow.ts'
import { recentFailures } from './passkey-failures.ts'
import { deviceOf } from './proofs.ts'

/** Passkeys that were used in this browser itself, not on a phone or a key beside it. */
export const idsHere = (device: Device | undefined): string[] => device?.credentialIds.filter((id) => device.elsewhereIds?.includes(id) !== true) ?? []

/** Somebody used a passkey in this browser. */
export const isMarked = ({ devices }: Pick<Flow, 'devices'>): boolean => devices.some((device) => idsHere(device).length > 0)

type Scene = Pick<Flow, 'ctx' | 'deps' | 'request' | 'state' | 'devices' | 'now'>

function sceneOf({ ctx, deps, request, state }: Scene, recent: number): Pick<Signals, 'browser' | 'capabilities' | 'failures' | 'asked'> & { policy: Signals['policy'] } {
  const { browser: family, platform, inApp } = userAgentOf({ ctx })
  return {
    browser: { family, platform, phone: isPhone({ ctx }), inApp },
    capabilities: state.capabilities,
    asked: state.asked === true,
    failures: { run: state.failures, recent },
    policy: { crossDevice: passkeysAt(deps.config, request.client).crossDevice, passkeyCounts: request.requirement.methods?.includes('passkey') ?? true },
  }
}

/** On the first screen, where nobody is named: by this browser alone. */
export async function firstForAnybody(flow: Scene): Promise<Decision> {
  const here = isMarked(flow)
  return decide({ ...sceneOf(flow, here ? await recentFailures(flow) : 0), asks: 'anybody', here, gone: false })
}

/**
 * After Continue. Without a record of theirs in this browser nothing of an account is looked at, or the answer would tell
 * who has one.
 */
export async function firstForNamed(flow: Scene & Pick<Flow, 'typedDevice' | 'typedAccount'>): Promise<Decision> {
  const { typedAccount: account, typedDevice: device } = flow
  const recent = account ? await recentFailures(flow) : 0
  const scene = sceneOf(flow, recent)
  const here = account !== undefined && idsHere(device).some((id) => account.credentialIds.includes(id))
  // Where this browser's own record decides alone, nothing further is read.
  const looks = account !== undefined && !(here && scene.policy.crossDevice !== 'maximize')
  return decide({ ...scene, asks: 'named', here, gone: isGone(device, account), ...(looks && { passkeys: await known(flow, account, device) }) })
}

/** More is asked of somebody who is known. `guard`: by the enrolment guard. */
export async function firstToConfirm(flow: Scene & Pick<Flow, 'account'>, { guard }: { guard: boolean }): Promise<Decision | undefined> {
  const { account } = flow
  if (!account) return undefined
  const scene = sceneOf(flow, await recentFailures(flow))
  const device = deviceOf(flow as Flow, account.id)
  const passkeys = await known(flow, account, device)
  return decide({
    ...scene,
    policy: { ...scene.policy, ...(guard && { guard, passkeyCounts: true }) },
    asks: 'confirm', here: passkeys.some(({ here }) => here), gone: isGone(device, account), passkeys,
  })
}

/** What was used in this browser, wherever it was kept, is no passkey of the account any more. */
const isGone = (device: Device | undefined, account: Account | undefined): boolean =>
  device !== undefined && account !== undefined && device.credentialIds.length > 0 && !device.credentialIds.some((id) => account.credentialIds.includes(id))

async function known({ deps }: Pick<Flow, 'deps'>, account: Account, device: Device | undefined): Promise<KnownPasskey[]> {
  if (account.credentialIds.length === 0) return []
  const here = idsHere(device)
  const passkeys = await deps.passkeys.listFor(account)
  return passkeys.map((passkey) => knownPasskey(passkey, { fabric: authenticatorFor(passkey.aaguid)?.fabric, here }))
}
