import { deriveAccent } from '../theme/index.ts'
import { formatProblem, loadConfig } from './load.ts'
import type { Config } from './schema.ts'

/** `npm run config:check`: everything that is wrong with the config, or what the server would run with. */
const outcome = await loadConfig({ env: process.env })

if ('problems' in outcome) {
  const { problems } = outcome
  for (const problem of problems) console.error(formatProblem(problem))
  console.error(`\n${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}. The server would not start with this config.`)
  process.exitCode = 1
} else {
  for (const warning of [...outcome.warnings, ...accentWarnings(outcome.config)]) console.warn(`warning: ${warning}`)
  console.log(summary(outcome.config))
}

function summary({ issuer, server, passkeys, mail, builtInMailbox, theme, locales, clients, resources }: Config): string {
  const names = clients.map(({ client_id }) => client_id)
  return [
    'The config is valid.',
    `  issuer     ${issuer} (port ${server.port})`,
    `  passkeys   for ${passkeys.rpId}, from ${passkeys.origins.join(', ')}`,
    `  mail       ${builtInMailbox ? `shown at ${issuer}/dev/outbox` : `by SMTP, from ${mail.from}`}`,
    `  accent     ${theme.accent}, on pages ${inModes(theme.accent, ({ fill, text }) => `button ${fill}, links ${text}`)}`,
    `  languages  ${locales.join(', ')}`,
    `  clients    ${names.join(', ') || 'none'}`,
    `  resources  ${Object.keys(resources).join(', ') || 'none'}`,
  ].join('\n')
}

function inModes(accent: string, describe: (derived: ReturnType<typeof deriveAccent>) => string): string {
  return (['light', 'dark'] as const).map((mode) => `${mode}: ${describe(deriveAccent(accent, mode))}`).join('; ')
}

/** A colour that had to move far is no longer the one of the brand. */
function accentWarnings({ theme, clients }: Config): string[] {
  const accents = [theme.accent, ...clients.flatMap(({ latchkey }) => latchkey.theme.accent ?? [])]
  return [...new Set(accents)]
    .filter((accent) => (['light', 'dark'] as const).some((mode) => deriveAccent(accent, mode).moved > 0.1))
    .map((accent) => `the accent ${accent} is hard to read as it is; buttons become ${inModes(accent, ({ fill }) => fill)}`)
}
