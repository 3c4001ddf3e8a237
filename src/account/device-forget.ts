import { sendPage } from '../http/reply.ts'
import { deviceForgetPage } from '../../views/account/sessions.ts'
import { done, pageOf, type AccountPage } from './session.ts'
import { sessionsPath } from './sessions.ts'

/** "Forget this device?": the next sign-in here is one from a new browser. */
export const deviceForget: AccountPage = {
  path: '/device-forget',
  async show(visitor) {
    sendPage(visitor.ctx, deviceForgetPage(await pageOf(visitor)))
  },
  async submit(visitor) {
    await visitor.deps.forgetDevice(visitor.ctx, visitor.account.id)
    await done(visitor, 'device_forgotten', { path: sessionsPath })
  },
}
