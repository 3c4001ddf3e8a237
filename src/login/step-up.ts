import { proofStands } from '../accounts/may-authenticate.ts'
import { accountClientId } from '../config/schema.ts'
import { sendPage } from '../http/reply.ts'
import { stepUpPage, type StepUpProps } from '../../views/login/step-up.ts'
import { pageOf, save, shownAs, targetsOf, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { namesOf, type Decision } from '../passkeys/index.ts'
import { noteDecisionOnce } from './passkey-audit.ts'
import { firstToConfirm } from './passkey-first.ts'
import { passkeyOptionsHere } from './passkey-options.ts'
import type { Way } from './state.ts'
import { downgrade, guardAsks, inOrder, judge } from './ways.ts'

/** "Confirm it is you": the account is known and the app asks for more. Only what is missing is asked. */
export const stepUp: Screen = {
  step: 'step_up',
  async show(flow) {
    const { ways: open, creationReaches, mayCreate, recovering } = flow.situation
    const decision = open.includes('passkey') || open.includes('other_device') ? await firstToConfirm(flow, { guard: guardAsks(flow) }) : undefined
    await noteDecisionOnce(flow, decision)
    const ways = inOrder(open, decision)
    const [lead] = ways
    sendPage(
      flow.ctx,
      stepUpPage(pageOf(flow), {
        email: shownAs(flow) ?? '',
        to: targetsOf(flow),
        reason: reasonOf(flow),
        canRecover: canRecover(flow),
        recovering,
        ...(ways.includes('passkey') && { options: await passkeyOptionsHere(flow, { place: 'here' }) }),
        ...(await preferredName(flow)),
        passkeyFirst: lead === 'passkey' && decision?.lead !== 'elsewhere',
        canCreate: creationReaches && mayCreate,
        canSkip: canSkip(flow),
        others: othersFirst(ways, decision),
      }),
    )
  },
  /** "Go on without": allowed where the level is only preferred; the app is told the true one. */
  async submit(flow) {
    await save(flow, (state) => ({ ...state, withoutLevel: true }))
    await goOn(flow)
  },
}

/** What the person calls the passkey that is asked for first, where they have picked one of several. */
async function preferredName({ account, deps }: Flow): Promise<Pick<StepUpProps, 'passkeyName'>> {
  if (account?.defaultPasskeyId === undefined || account.credentialIds.length < 2) return {}
  const name = namesOf(await deps.passkeys.listFor(account)).get(account.defaultPasskeyId)
  return name === undefined ? {} : { passkeyName: name }
}

/** What there is besides the passkey of this device; a phone leads where the passkey is on it. */
function othersFirst(ways: Way[], decision: Decision | undefined): Way[] {
  const others = ways.filter((way) => way !== 'passkey')
  const phone = decision?.lead === 'elsewhere' && decision.show === 'button' && others.includes('other_device')
  return phone ? ['other_device', ...others.filter((way) => way !== 'other_device')] : others
}

/** Who asks for more: the app, the operator because the account has something better, or one of the operator's rules. */
function reasonOf(flow: Flow): StepUpProps['reason'] {
  const { account, state } = flow
  if (account?.passkeysOnlySince !== undefined && state.proofs.length > 0 && !state.proofs.some((proof) => proofStands(account, proof))) return 'weaker'
  if (!judge(flow).met) return flow.request.app.id === accountClientId ? ofAccount(flow) : 'app'
  if (downgrade(flow) !== 'step_up') return 'rule'
  return account?.credentialIds.length === 0 ? 'stopped' : 'weaker'
}

/** Our own account pages, before a change to the ways in: on a device that is new to us by two kinds. */
const ofAccount = ({ request: { requirement } }: Flow): StepUpProps['reason'] =>
  requirement.acrValues.includes('urn:latchkey:acr:mfa') ? 'other_kind' : 'change'

/** Whether the way back in is open to whoever is known here. */
export const canRecover = ({ account, situation: { recovery } }: Flow): boolean => account !== undefined && recovery !== undefined && recovery !== 'none'

/** Only a level that the app prefers, and does not insist on, may be given up. */
export function canSkip(flow: Flow): boolean {
  const { account, request: { requirement }, situation } = flow
  return account !== undefined && !situation.met && !requirement.essential && requirement.acrValues.length > 0 && reasonOf(flow) === 'app'
}
