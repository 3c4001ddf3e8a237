/** Who may import whom. Each rule brings an import that breaks it, so that no rule is one that cannot fail. */
import { globSync, readFileSync } from 'node:fs'
import { normalize } from 'node:path'
import test from 'ava'
import { type Import, importsOf, sourceFiles } from './helpers/imports.ts'

const faces = ['login', 'account', 'admin', 'ops', 'demo']
const features = ['accounts', 'passkeys', 'risk', 'verification', 'audit', 'metrics', 'delivery', 'secrets']
const shared = /^src\/(storage\/types|config\/schema|errors|secrets\/keyring|policy\/[\w-]+)\.ts$/

const owners: Record<string, string> = {
  'oidc-provider': 'src/oidc/',
  '@simplewebauthn/server': 'src/passkeys/',
  nodemailer: 'src/delivery/',
  'openid-client': 'src/demo/',
  'prom-client': 'src/metrics/',
  'node:sqlite': 'src/storage/sqlite/',
  ioredis: 'src/storage/redis-mongo/',
  mongoose: 'src/storage/redis-mongo/',
}

/** `src/login/state.ts` -> `login`; undefined for what lies directly in src, in views, or in a package */
const folder = (path: string) => /^src\/([\w-]+)\//.exec(path)?.[1]
const isIn = (folders: string[], path: string) => folders.includes(folder(path) ?? '')
const isOurs = (path: string) => /^(src|views)\//.test(path)
const isOwn = ({ from, to }: Import) => folder(from) === folder(to)

interface Rule {
  rule: string
  breaks(found: Import): boolean
  example: Import
}

const rules: Rule[] = [
  {
    rule: '1. only main imports app, nothing imports main',
    breaks: ({ from, to }) => to === 'src/main.ts' || (to === 'src/app.ts' && from !== 'src/main.ts'),
    example: { from: 'src/login/routes.ts', to: 'src/app.ts', typeOnly: true },
  },
  {
    rule: '1. a command of the operator may import everything, nothing else imports it',
    breaks: found => folder(found.to) === 'commands' && !isOwn(found),
    example: { from: 'src/oidc/revocation.ts', to: 'src/commands/accounts.ts', typeOnly: false },
  },
  {
    rule: '2. a face imports no other face',
    breaks: found => isIn(faces, found.from) && isIn(faces, found.to) && !isOwn(found),
    example: { from: 'src/account/passkeys.ts', to: 'src/login/state.ts', typeOnly: false },
  },
  {
    rule: '2. http knows no feature, no face and not the engine',
    breaks: ({ from, to, typeOnly }) => folder(from) === 'http' && !typeOnly && isIn([...faces, ...features, 'oidc'], to) && !shared.test(to),
    example: { from: 'src/http/csrf.ts', to: 'src/accounts/accounts.ts', typeOnly: false },
  },
  {
    rule: '3. a feature imports of ours only storage/types, config/schema, errors, secrets/keyring, policy and its own folder',
    breaks: found => isIn(features, found.from) && isOurs(found.to) && !isOwn(found) && !shared.test(found.to),
    example: { from: 'src/verification/email-otp.ts', to: 'src/delivery/outbox.ts', typeOnly: true },
  },
  {
    rule: '3. features and policy do not know koa',
    breaks: ({ from, to }) => isIn([...features, 'policy'], from) && /^@?koa\b/.test(to),
    example: { from: 'src/audit/audit.ts', to: 'koa', typeOnly: true },
  },
  {
    rule: '3. policy does no I/O: it imports types, errors and its own folder',
    breaks: found => folder(found.from) === 'policy' && !isOwn(found) && found.to !== 'src/errors.ts' && !(found.typeOnly && shared.test(found.to)),
    example: { from: 'src/policy/prompts.ts', to: 'node:fs', typeOnly: false },
  },
  {
    rule: '3. config/schema is imported by features for its types only',
    breaks: ({ from, to, typeOnly }) => isIn([...features, 'policy'], from) && to === 'src/config/schema.ts' && !typeOnly,
    example: { from: 'src/passkeys/register.ts', to: 'src/config/schema.ts', typeOnly: false },
  },
  {
    rule: '4. oidc imports no face and no view',
    breaks: ({ from, to }) => folder(from) === 'oidc' && (isIn(faces, to) || to.startsWith('views/')),
    example: { from: 'src/oidc/provider.ts', to: 'views/login/logout.ts', typeOnly: false },
  },
  {
    rule: '4. views import of ours only i18n, theme and types',
    breaks: ({ from, to, typeOnly }) => from.startsWith('views/') && to.startsWith('src/') && !typeOnly && !isIn(['i18n', 'theme'], to),
    example: { from: 'views/login/consent.ts', to: 'src/errors.ts', typeOnly: false },
  },
  {
    rule: '5. a package is imported only by its owner',
    breaks: ({ from, to }) => Object.hasOwn(owners, to) && !from.startsWith(owners[to] ?? ''),
    example: { from: 'src/login/passkey.ts', to: '@simplewebauthn/server', typeOnly: true },
  },
]

const files = sourceFiles()
const imports = files.flatMap(file => importsOf(file))

for (const { rule, breaks, example } of rules) {
  test(rule, t => {
    t.true(breaks(example), 'the rule no longer catches its own example')
    const broken = imports.filter(breaks).map(({ from, to }) => `${from} imports ${to}`)
    t.deepEqual(broken, [], `rule ${rule}`)
  })
}

test('only main and commands read the environment', t => {
  const readers = files
    .filter(file => folder(file) !== 'commands' && file !== 'src/main.ts')
    .filter(file => /\bprocess\.env\b/.test(readFileSync(file, 'utf8')))
  t.deepEqual(readers, [])
})

test('fast-check is had of one place, which gives it its seed: what passed once passes again', t => {
  const its = globSync('test/**/*.ts').map(path => normalize(path))
  const direct = [...its, ...files].filter(file => importsOf(file).some(({ to }) => to === 'fast-check'))
  t.deepEqual(direct, ['test/helpers/property.ts'])
})

test('a file fits in the head: 300 lines at most', t => {
  // texts and data are looked up and not read; the pages' script is one file because the page may make five requests
  const exempt = /^views\/(locales|assets)\/|\/data\//
  const long = files
    .filter(file => !exempt.test(file))
    .map(file => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > 300)
  t.deepEqual(long, [])
})

test('imports are found in every form they are written in', t => {
  const text = [
    `import type { A } from './a.ts'`,
    `import b, { type B } from '../accounts/b.ts'`,
    `import {\n  c,\n} from '@koa/router'`,
    `import './d.ts'`,
    `export * from './e.ts'`,
    `export { f } from 'jose/jwks/local'`,
    `const g = await import('node:sqlite')`,
    `/** @type {import('../theme/h.ts').H} */`,
    `// import './not-this-one.ts'`,
  ].join('\n')
  t.deepEqual(
    importsOf('src/login/x.ts', text).map(({ to, typeOnly }) => (typeOnly ? `type ${to}` : to)).sort(),
    ['@koa/router', 'jose', 'node:sqlite', 'src/accounts/b.ts', 'src/login/d.ts', 'src/login/e.ts', 'type src/login/a.ts', 'type src/theme/h.ts'],
  )
})
