/** Texts that nobody shows are wrong without anybody noticing: each key is named in the code, or shown by one of the samples. */
import test from 'ava'
import { globSync, readFileSync } from 'node:fs'
import { statuses } from '../../src/errors.ts'
import type { ErrorCode } from '../../src/errors.ts'
import type { Translate } from '../../src/i18n/index.ts'
import { errorPage } from '../../views/login/error.ts'
import { pageContext } from './page-context.ts'
import { samples } from './samples.ts'

const keysOf = (file: string) => Object.keys(JSON.parse(readFileSync(`views/locales/${file}.json`, 'utf8')) as object)
const source = globSync(['src/**/*.ts', 'views/**/*.ts']).map((file) => readFileSync(file, 'utf8')).join('\n')
const named = new Set([...source.matchAll(/'([a-z][\w.]+)'/g)].map(([, key]) => key))

test('every text of the pages is shown somewhere', (t) => {
  const shown = new Set<string>()
  const page = pageContext()
  const recording = Object.assign(((key, values) => {
    shown.add(key)
    return (page.t as (key: string, values?: object) => string)(key, values)
  }) as Translate, page.t)
  const errors = (Object.keys(statuses) as ErrorCode[]).map((code) => (context: typeof page) => errorPage(context, { code, reference: '', time: '' }))
  for (const { host: _, ...context } of [{ ...page, t: recording }]) {
    for (const draw of [...Object.values(samples()), ...errors]) for (const one of [context, { ...context, host: 'login.example.com' }]) draw(one as typeof page)
  }
  t.deepEqual(keysOf('en').filter((key) => !shown.has(key) && !named.has(key)), [])
})

test('every text of the mails is named', (t) => {
  t.deepEqual(keysOf('mail.en').filter((key) => !named.has(key)), [])
})
