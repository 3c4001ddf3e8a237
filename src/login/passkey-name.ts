import { sendPage } from '../http/reply.ts'
import { baseName, longestName, readableName } from '../passkeys/index.ts'
import type { Account, Passkey } from '../storage/types.ts'
import { passkeyNamePage, type PasskeyNameProps } from '../../views/login/passkey-name.ts'
import { pageOf, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { traces } from './traces.ts'

/** What the passkey that was just made is to be called: it opens nothing more than before, so that no further proof is asked for. */
export const passkeyName: Screen = {
  step: 'passkey_name',
  async show(flow) {
    const made = await justMade(flow)
    if (!made) return goOn(flow)
    show(flow, { value: baseName(made.passkey) })
  },
  async submit(flow, body) {
    const made = await justMade(flow)
    if (!made) return goOn(flow)
    // In the form that is kept: what cannot be seen is no name, and characters may be longer there.
    const value = readableName(body.name ?? '')
    if (value === '' || value.length > longestName) return show(flow, { value, error: value === '' ? 'empty' : 'long' })
    const { deps, ctx } = flow
    await deps.throttle.spend(ctx, 'detail_changed')
    const renamed = await deps.passkeys.rename(made.account, made.passkey.id, value)
    if (renamed) await deps.audit.record('passkey.renamed', traces(flow), { passkeyId: renamed.id })
    await goOn(flow)
  },
}

async function justMade({ account, deps, state: { offer } }: Flow): Promise<{ account: Account; passkey: Passkey } | undefined> {
  if (!account || offer?.outcome !== 'created') return undefined
  const passkey = (await deps.passkeys.listFor(account)).find(({ id }) => id === offer.credentialId)
  return passkey && { account, passkey }
}

function show(flow: Flow, props: PasskeyNameProps): void {
  sendPage(flow.ctx, passkeyNamePage(pageOf(flow), props), props.error ? 400 : 200)
}
