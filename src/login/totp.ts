import { totpPage } from '../../views/login/totp.ts'
import { createCodeScreen } from './code-screen.ts'

/** "Enter the code from your app": of whoever is named, or of nobody, which looks the same. */
export const totp = createCodeScreen({ step: 'totp', draw: totpPage })
