import { accountClientId } from '../config/schema.ts'
import type { AppInfo } from '../oidc/types.ts'

/** What a page shows of an app, its colour included. */
export const ofApp = (app: AppInfo | undefined) => ({ ...(app && { app: { ...app, ...(app.id === accountClientId && { own: true }) } }), ...(app?.accent !== undefined && { accent: app.accent }) })
