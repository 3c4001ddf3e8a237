import { passkeysAt } from '../config/for-client.ts'
import { sendPage } from '../http/reply.ts'
import { recoveryCodeUsedPage } from '../../views/login/recovery-code-used.ts'
import { pageOf, save, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { choose, type LoginState } from './state.ts'

/** "You used a recovery code": how many are left, and the passkey that makes them unnecessary. Shown once in a sign-in. */
export const recoveryCodeUsed: Screen = {
  step: 'recovery_code_used',
  async show(flow) {
    const { account, state, deps, situation } = flow
    sendPage(
      flow.ctx,
      recoveryCodeUsedPage(pageOf(flow), {
        left: state.recoveryCodeUsed?.left ?? 0,
        told: account !== undefined && deps.accounts.provenEmails(account).length > 0,
        canCreate: canCreate(flow),
        canContinue: situation.met,
      }),
    )
  },
  async submit(flow, body) {
    const creates = body.create !== undefined && canCreate(flow)
    await save(flow, (state) => (creates ? offer(read(state), flow.situation.met) : read(state)))
    await goOn(flow)
  },
}

const canCreate = ({ situation, state, deps: { config }, request: { client } }: Flow): boolean =>
  situation.mayCreate && passkeysAt(config, client).creation !== 'off' && state.capabilities?.webauthn !== false

const read = ({ recoveryCodeUsed: _, ...state }: LoginState): LoginState => state

/** What was pressed for is no offer that a rule could hold back, and none that counts as one. */
const offer = (state: LoginState, met: boolean): LoginState =>
  met ? { ...state, offer: { outcome: 'open', neverButton: false } } : choose(state, 'passkey_create')
