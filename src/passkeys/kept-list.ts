import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemCode } from '../errors.ts'
import { type CommunityList, keptList } from './community-list.ts'

export const keptListFile = (dataFolder: string): string => join(dataFolder, 'authenticators.json')

/** Whoever reads meanwhile, or after a crash, finds the old list or the new one, whole. */
export async function keepList(dataFolder: string, list: CommunityList): Promise<void> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  const file = keptListFile(dataFolder)
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(JSON.stringify(list))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
    const folder = await open(dirname(file), 'r')
    await folder.sync().finally(() => folder.close())
  } finally {
    await rm(draft, { force: true })
  }
}

/** undefined when none was ever loaded. @throws Error whose message says what is wrong with the file */
export async function readKeptList(dataFolder: string): Promise<CommunityList | undefined> {
  const file = keptListFile(dataFolder)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw new Error(`${file} cannot be read (${systemCode(error)})`)
  }
  const result = keptList.safeParse(json(text))
  if (!result.success) throw new Error(`${file} is damaged`)
  return result.data
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
