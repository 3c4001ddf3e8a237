import { inModes } from '../config/accent.ts'
import { formatProblem, loadConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { clientSetUp, reachesNobody, serverSetUp } from '../config/set-up.ts'
import { identifierKinds } from '../policy/types.ts'
import { Refusal, run } from './command.ts'

/** `npm run config:check`: everything that is wrong with the config, or what the server would run with. */
async function checkConfig(): Promise<string> {
  const outcome = await loadConfig({ env: process.env })
  for (const warning of outcome.warnings) console.warn(`warning: ${warning}`)
  if ('config' in outcome) return summary(outcome.config)
  const { problems } = outcome
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`
  throw new Refusal([...problems.map(formatProblem), '', `${count}. The server would not start with this config.`].join('\n'))
}

function summary({ issuer, server, identifiers, verification, passkeys, mail, sms, builtInMailbox, builtInPhone, theme, locales, clients, rules, resources }: Config): string {
  const names = clients.map(({ client_id }) => client_id)
  const kinds = identifierKinds.filter((kind) => identifiers[kind].signIn)
  const own = serverSetUp({ identifiers, verification })
  const setUps = [own, ...clients.map((client) => clientSetUp(own, client))]
  const methods = verification.methods.filter((method) => setUps.some((setUp) => !reachesNobody(setUp, method)))
  const texts = sms ? `posted to ${new URL(sms.url).origin}` : builtInPhone ? `shown at ${issuer}/dev/outbox` : 'none'
  return [
    'The config is valid.',
    `  issuer     ${issuer} (port ${server.port})`,
    `  passkeys   for ${passkeys.rpId}, from ${passkeys.origins.join(', ')}`,
    `  sign-in    by ${kinds.join(', ')}; besides passkeys: ${methods.join(', ') || 'nothing'}`,
    `  mail       ${builtInMailbox ? `shown at ${issuer}/dev/outbox` : `by SMTP, from ${mail.from}`}`,
    `  texts      ${texts}`,
    `  accent     ${theme.accent}, on pages ${inModes(theme.accent, ({ fill, text }) => `button ${fill}, links ${text}`)}`,
    `  languages  ${locales.join(', ')}`,
    `  clients    ${names.join(', ') || 'none'}`,
    `  rules      ${rules.map(({ name }) => name).join(', ') || 'none'}`,
    `  resources  ${Object.keys(resources).join(', ') || 'none'}`,
  ].join('\n')
}

await run(checkConfig)
