/** A fault that somebody could make, as a patch: `find` stands in the file exactly once. */
export interface Fault {
  name: string
  file: string
  find: string
  replace: string
  /** tests of which at least one must fail with it */
  caughtBy: string[]
}

export const faults: Fault[] = [
  {
    name: 'a new interaction gets new guesses',
    file: 'src/verification/codes.ts',
    find: 'await budgets.guess(payerOf(input,',
    replace: 'await budgets.guess(payerOf({ ...input, recognisedDevice: input.cid },',
    caughtBy: ['test/verification/email-otp.test.ts'],
  },
  {
    name: 'a resend gives guesses back',
    file: 'src/verification/codes.ts',
    find: 'const spending = await budgets.send(payer)',
    replace: `const spending = await budgets.send(payer)
    await ephemeral.delete(\`budget:guesses:\${keyring.hmac('budget of recipient', input.typed.throttleKey)}\`)
    await ephemeral.delete(\`budget:guesses:\${keyring.hmac('budget of account', 'account', account?.id ?? '')}\`)`,
    caughtBy: ['test/verification/email-otp.test.ts'],
  },
  {
    name: 'a +tag gets guesses of its own',
    file: 'src/accounts/normalise-email.ts',
    find: "const mailbox = local.split('+', 1)[0] || local",
    replace: 'const mailbox = local',
    caughtBy: ['test/accounts/normalise-email.test.ts'],
  },
  {
    name: 'a second address of the account gets guesses of its own',
    file: 'src/verification/budgets.ts',
    find: "accountId === undefined ? ['nobody', recipient.throttleKey] : ['account', accountId]",
    replace: "['nobody', recipient.throttleKey]",
    caughtBy: ['test/verification/budgets.test.ts'],
  },
  {
    name: 'a try that was refused by the budget is looked at all the same',
    file: 'src/verification/codes.ts',
    find: "if (!spending.ok) return { ok: false, reason: 'budget', retryAfter: secondsUntil(spending.nextAt) }",
    replace: "if (!spending.ok && spending.nextAt < 0) return { ok: false, reason: 'budget', retryAfter: 1 }",
    caughtBy: ['test/verification/email-otp.test.ts'],
  },
  {
    name: 'proofs are kept when the address changes',
    file: 'src/login/state.ts',
    find: 'return { ...changeIdentifier(state, flow), email }',
    replace: 'return { ...state, flow, email }',
    caughtBy: ['test/login/proofs.property.test.ts', 'test/login/dispatch.test.ts'],
  },
  {
    name: 'proofs of two accounts are kept together',
    file: 'src/login/state.ts',
    find: 'const kept = state.accountId === proof.accountId ? state.proofs : []',
    replace: 'const kept = state.proofs',
    caughtBy: ['test/login/state.test.ts'],
  },
  {
    name: 'the dispatcher finishes below the level that was asked for',
    file: 'src/login/dispatch.ts',
    find: 'if (!situation.met) return stepUp(state, situation)',
    replace: '',
    caughtBy: ['test/login/proofs.property.test.ts', 'test/login/dispatch.test.ts'],
  },
  {
    name: '"try another way" opens the creation of a passkey',
    file: 'src/login/dispatch.ts',
    find: "if (state.choice === 'methods') return at('methods', ...open)\n  const way",
    replace: "if (state.choice === 'methods') return at('methods', ...open, 'passkey_create')\n  const way",
    caughtBy: ['test/login/dispatch.property.test.ts'],
  },
  {
    name: 'an account for a mailbox that nobody proved',
    file: 'src/login/dispatch.ts',
    find: "if (state.unownedProof !== undefined) return at('create_account', 'identifier')",
    replace: "if (state.identifier !== undefined) return at('create_account', 'identifier')",
    caughtBy: ['test/login/dispatch.property.test.ts'],
  },
  {
    name: 'the guard takes a code of somebody who had a passkey at hand',
    file: 'src/policy/enrolment.ts',
    find: 'if (proof.usablePasskey) return false',
    replace: '',
    caughtBy: ['test/policy/enrolment.test.ts'],
  },
  {
    name: 'the guard takes a proof of any age',
    file: 'src/policy/enrolment.ts',
    find: 'const fresh = facts.proofs.filter((proof) => facts.now - proof.at <= enrolmentWindow)',
    replace: 'const fresh = facts.proofs',
    caughtBy: ['test/policy/enrolment.test.ts'],
  },
  {
    name: 'the guard lets a new passkey decide about older ones',
    file: 'src/policy/enrolment.ts',
    find: 'return !isCooling(passkey, now) || !touchesOlder(request, passkey.createdAt)',
    replace: 'return true',
    caughtBy: ['test/policy/enrolment.test.ts'],
  },
  {
    name: 'the guard lets the passkey that came with a disowned change decide about it',
    file: 'src/policy/enrolment.ts',
    find: 'return passkey.createdAt < account.frozen.since && !isCooling(passkey, now)',
    replace: 'return true',
    caughtBy: ['test/policy/enrolment.test.ts'],
  },
  {
    name: 'a recovery does not wait',
    file: 'src/policy/recovery.ts',
    find: '&& now >= recovery.readyAt',
    replace: '',
    caughtBy: ['test/policy/recovery.test.ts'],
  },
  {
    name: 'a recovery is finished in another browser',
    file: 'src/policy/recovery.ts',
    find: '&& recovery.deviceHash === deviceHash',
    replace: '',
    caughtBy: ['test/policy/recovery.test.ts'],
  },
  {
    name: 'a help link works in any browser',
    file: 'src/accounts/tickets.ts',
    find: 'current?.boundTo === deviceHash ?',
    replace: 'current !== undefined ?',
    caughtBy: ['test/accounts/tickets.test.ts'],
  },
  {
    name: 'a browser is known at once',
    file: 'src/accounts/devices.ts',
    find: 'device.firstSeenAt < now - recognisedAfter &&',
    replace: '',
    caughtBy: ['test/accounts/devices.test.ts'],
  },
  {
    name: 'texts are posted to private addresses',
    file: 'src/oidc/fetch.ts',
    find: 'call(url, { ...options, dispatcher } as RequestInit)',
    replace: 'call(url, { ...options, dispatcher: {} } as RequestInit).catch(() => fetch(url, options))',
    caughtBy: ['test/oidc/fetch.test.ts', 'test/delivery/sms.test.ts'],
  },
  {
    name: 'the time of a call is not signed, so that a recorded one works for ever',
    file: 'src/delivery/sms.ts',
    find: '`${id}.${timestamp}.${body}`',
    replace: '`${id}.${body}`',
    caughtBy: ['test/delivery/sms.test.ts'],
  },
  {
    name: 'a text that is refused for good is tried for ever',
    file: 'src/delivery/sms.ts',
    find: 'const permanent = status >= 400',
    replace: 'const permanent = status >= 600',
    caughtBy: ['test/delivery/sms.test.ts'],
  },
  {
    name: 'what looks like several phone numbers is handed on',
    file: 'src/delivery/address.ts',
    find: '/^\\+[1-9]\\d{6,14}$/',
    replace: '/^\\+[1-9]\\d{6,14}/',
    caughtBy: ['test/delivery/sms.test.ts', 'test/delivery/outbox.test.ts'],
  },
  {
    name: 'texts that wait for a receiver are shown to whoever opens the mailbox',
    file: 'src/delivery/outbox.ts',
    find: "(!sms && shown('sms', row))",
    replace: "shown('sms', row)",
    caughtBy: ['test/delivery/sms-app.test.ts'],
  },
  {
    name: 'usernames alone do not need recovery codes',
    file: 'src/config/set-up.ts',
    find: "reached.every((kind) => setUp.identifiers[kind].signUp !== 'required')",
    replace: "reached.every((kind) => setUp.identifiers[kind].signUp === 'required')",
    caughtBy: ['test/config/set-up-problems.test.ts'],
  },
]
