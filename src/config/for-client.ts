import type { ClientFile } from './client-schema.ts'
import type { Config } from './schema.ts'

/** How passkeys are offered and used at one app: its own settings, else the server's. */
export type ClientPasskeys = Pick<Config['passkeys'], 'crossDevice' | 'creation' | 'prompts'>

export function passkeysAt({ passkeys }: Pick<Config, 'passkeys'>, { latchkey: { passkeys: own } }: Pick<ClientFile, 'latchkey'>): ClientPasskeys {
  return {
    crossDevice: own.crossDevice ?? passkeys.crossDevice,
    creation: own.creation ?? passkeys.creation,
    prompts: { ...passkeys.prompts, ...own.prompts },
  }
}
