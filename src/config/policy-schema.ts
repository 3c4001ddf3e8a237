import { z } from 'zod'
import { outcomes } from '../policy/rules.ts'
import { ruleEvents, signals, type SignalSpec } from '../policy/signals.ts'
import { attainable, availableMethods } from '../policy/types.ts'
import { duration, line, wholeNumber } from './values.ts'

/** One value or a list of them. */
function oneOrMore<Value extends z.ZodType<string>>(value: Value, title: string) {
  const error = 'is not one of the known values, nor a list of them'
  return z.union([value, z.array(value).min(1)], { error }).meta({ title: `${title}, or a list: one of them is enough` })
}

const word = (values: readonly string[]) => oneOrMore(z.enum(values as [string, ...string[]]), `one of ${values.join(', ')}`)

/** From and below: at least one of them. */
const range = <Value extends z.ZodType>(value: Value, about: string) =>
  z.strictObject({ atLeast: value.exactOptional(), below: value.exactOptional() })
    .meta({ title: `atLeast, below or both: ${about}` })

const level = z.enum(attainable)
const age = duration('1s', '3650d')

/** Signals whose words are not a fixed list. */
const words: Record<string, z.ZodType> = {
  client: oneOrMore(line(255), 'a client_id'),
  country: oneOrMore(z.string().regex(/^[A-Z]{2}$/, 'is not the code of a country'), 'two capital letters (ISO 3166), as in GB, XX for a country that is not known'),
  domain: z.union([
    oneOrMore(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'is not a domain in lower case'), 'a domain'),
    z.strictObject({ inFile: line(255) }),
  ], { error: 'is neither a domain in lower case, nor a list of them, nor inFile' })
    .meta({ title: 'a domain, a list of them, or { inFile: path of a list, relative to the config folder }; each counts with everything below it' }),
}

function schemaOf(name: string, { kind, about, values, most }: SignalSpec): z.ZodType {
  const schema = {
    flag: () => z.boolean(),
    word: () => words[name] ?? word(values ?? []),
    words: () => word(values ?? []),
    count: () => range(wholeNumber(0, most ?? 0), `whole numbers from 0 to ${most ?? 0}`),
    age: () => range(age, 'durations, as in 7d'),
    level: () => range(level, `levels: ${attainable.join(', ')}`),
  }[kind]()
  return schema.describe(about).exactOptional()
}

/** `device.age` is `age` in the section `device`. */
function signalShape(): Record<string, z.ZodType> {
  const shape: Record<string, z.ZodType> = {}
  const sections: Record<string, Record<string, z.ZodType>> = {}
  for (const [name, spec] of Object.entries(signals)) {
    const [section = '', own] = name.split('.')
    if (own === undefined) shape[section] = schemaOf(name, spec)
    else (sections[section] ??= {})[own] = schemaOf(name, spec)
  }
  for (const [section, inner] of Object.entries(sections)) shape[section] = z.strictObject(inner).exactOptional()
  return shape
}

/** As written: each name holds, and all of them have to. */
export interface WrittenCondition {
  all?: WrittenCondition[]
  any?: WrittenCondition[]
  not?: WrittenCondition
  [signalOrSection: string]: unknown
}

const condition: z.ZodType<WrittenCondition> = z.strictObject({
  get all() {
    return z.array(condition).min(1).exactOptional()
  },
  get any() {
    return z.array(condition).min(1).exactOptional()
  },
  get not() {
    return condition.exactOptional()
  },
  ...signalShape(),
}) as never

export const ruleSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'is not a name').max(60)
    .meta({ title: 'small letters, digits and dashes, up to 60' })
    .describe('What the audit log and `npm run rules` call it.'),
  on: z.union([z.enum(ruleEvents), z.array(z.enum(ruleEvents)).min(1)], { error: 'is not one of the events, nor a list of them' })
    .meta({ title: `one of ${ruleEvents.join(', ')}, or a list of them` })
    .describe('When the rule is asked.'),
  when: condition.describe('What has to hold.'),
  then: z.union([z.enum(outcomes), z.array(z.enum(outcomes)).min(1)], { error: 'is not one of the outcomes, nor a list of them' })
    .meta({ title: `one of ${outcomes.join(', ')}, or a list of them` })
    .describe('What happens.'),
  ask: z.strictObject({
    level: z.enum(attainable.slice(1)).exactOptional().describe('The level that the proofs have to reach.'),
    methods: z.array(z.enum(availableMethods)).min(1).exactOptional().describe('One proof by any of these.'),
  }).exactOptional().describe('What `challenge` asks for.'),
  because: line(300).describe('Why, for operators.'),
}).describe('A rule.')

/** `policy/rules.yaml`: what editors are told. The rules are checked one by one, so that all their problems are found. */
export const rulesSchema = z.strictObject({
  rules: z.array(ruleSchema).describe('All of them are asked; the order says nothing.'),
}).meta({ title: 'Latchkey: the rules' })

/** The same, with each rule as it is written. */
export const rulesFileSchema = z.strictObject({
  rules: z.array(z.unknown()).meta({ title: 'a list of rules; [] for none' }),
})

export type WrittenRule = z.output<typeof ruleSchema>
