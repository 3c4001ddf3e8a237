import type { Finding, Path } from './problems.ts'
import { isWithin } from './problems.ts'

/** What a setting must be in the light of others. What the operator asks of sign-ins are `rules`, read in `policy.ts`. */
export interface Check<Subject> {
  /** where a violation is reported: `passkeys.rpId` */
  setting: string
  /** other settings it depends on; while one of them is wrong itself, the check is not made */
  reads?: string[]
  /** what would be right */
  allowed?: string
  /** undefined or nothing when kept, else what is wrong: with the setting, or with parts of it */
  violation(subject: Subject): string | undefined | PartViolation[]
}

export interface PartViolation {
  /** below the setting: `[2]` is its third item */
  part: Path
  message: string
}

/** Makes every check whose settings are not wrong already. */
export function applyChecks<Subject>(checks: readonly Check<Subject>[], subject: Subject, known: readonly Finding[]): Finding[] {
  const isWrong = (setting: string) => {
    const asked = setting.split('.')
    return known.some(({ path }) => isWithin(path, asked) || isWithin(asked, path))
  }

  return checks.flatMap(({ setting, reads = [], allowed, violation }) => {
    if ([setting, ...reads].some(isWrong)) return []
    const found = violation(subject) ?? []
    const parts = typeof found === 'string' ? [{ part: [], message: found }] : found
    return parts.map(({ part, message }) => ({ path: [...setting.split('.'), ...part], message, ...(allowed !== undefined && { allowed }) }))
  })
}

/** Checks each item of a list by itself. */
export function eachItem<Item>(items: readonly Item[] | undefined, check: (item: Item) => string | undefined): PartViolation[] {
  return (items ?? []).flatMap((item, index) => {
    const message = check(item)
    return message === undefined ? [] : [{ part: [index], message }]
  })
}
