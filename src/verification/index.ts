export { createBudget } from './budget.ts'
export { createEmailCodes } from './email-otp.ts'
export type {
  CheckInput, CheckResult, CodeMailProps, CodeMails, CodeStatus, EmailCodePurpose, EmailCodes, EmailCodesDeps, Mail, Recipient,
  SendInput, SendResult,
} from './types.ts'
