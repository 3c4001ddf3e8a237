export { createAccounts, type Accounts } from './accounts.ts'
export { createDevices, type Devices, type SignInHere } from './devices.ts'
export { accountMayAuthenticate } from './may-authenticate.ts'
export { normaliseEmail, type EmailNormalisation, type NormalisedEmail } from './normalise-email.ts'
