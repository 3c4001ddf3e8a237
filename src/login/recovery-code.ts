import type { Account } from '../storage/types.ts'
import { recoveryCodePage } from '../../views/login/recovery-code.ts'
import { createCodeScreen } from './code-screen.ts'
import type { Flow } from './flow.ts'
import { madeHere, noticeContext } from './traces.ts'

/** "Enter a recovery code": on paper, each works once, and everybody who can be told is told. */
export const recoveryCode = createCodeScreen({
  step: 'recovery_code',
  draw: recoveryCodePage,
  onProven: (flow, account, { left = 0 }) => tell(flow, account, left),
  note: (state, { left = 0 }) => ({ ...state, recoveryCodeUsed: { left } }),
})

async function tell(flow: Flow, account: Account, codesLeft: number): Promise<void> {
  const { deps } = flow
  const change = await deps.changes.record({ ...madeHere(flow), accountId: account.id, kind: 'recovery_code_used', subject: `recovery_codes:${account.id}` })
  await deps.notices.recoveryUsed(account, { ...noticeContext(flow), change, codesLeft })
}
