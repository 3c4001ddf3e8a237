import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/schema.ts'
import { AppError, systemCode } from '../errors.ts'
import { openStorage } from '../storage/index.ts'
import type { Storage } from '../storage/types.ts'

/** Said as it is, with the code to end with: 1 when it could not be done, 2 when it was not understood. */
export class Refusal extends Error {
  readonly code: number
  constructor(message: string, code = 1) {
    super(message)
    this.code = code
  }
}

const reasons: Record<string, string> = { ENOENT: 'does not exist', EISDIR: 'is a folder', EACCES: 'may not be read by this user' }

/** Why a file that was named cannot be read. */
export function unreadable(file: string, error: unknown): Refusal {
  const code = systemCode(error)
  return new Refusal(`${file} ${reasons[code] ?? `cannot be read (${code})`}.`)
}

/** Prints what the command comes to and ends with 0, or prints why not and ends with the code of the refusal. */
export async function run(command: (args: string[]) => Promise<string>): Promise<void> {
  try {
    console.log(await command(process.argv.slice(2)))
  } catch (error) {
    // What an operator can mend is told in words; anything else is a fault of ours and shows where.
    const known = error instanceof Refusal || (error instanceof AppError && error.code === 'store_unavailable')
    console.error(known ? error.message : error)
    process.exitCode = error instanceof Refusal ? error.code : 1
  }
}

export const dataFolder = (): string => process.env.LATCHKEY_DATA || 'data'

/** Opens the data folder of the server, whether it runs or not, for as long as `use` takes. */
export async function withStorage<Result>({ storage: settings }: Config, use: (storage: Storage) => Promise<Result>): Promise<Result> {
  const folder = dataFolder()
  // Opening would make an empty one.
  if (!existsSync(join(folder, 'latchkey.db'))) throw new Refusal(`There is no data in ${folder}: set LATCHKEY_DATA to the folder that the server uses.`)
  const storage = await openStorage({ ...settings, folder })
  try {
    return await use(storage)
  } finally {
    await storage.close()
  }
}

/** `2026-03-01 09:30 UTC` */
export const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
