import type { PasskeyDeps, Passkeys } from './types.ts'

export type * from './types.ts'

export function createPasskeys(_deps: PasskeyDeps): Passkeys {
  throw new Error('not built yet')
}
