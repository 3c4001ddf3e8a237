import { readFile, stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { createOutgoing } from '../oidc/fetch.ts'
import { ListProblem, readCommunityList } from '../passkeys/community-list.ts'
import { keepList, keptListFile } from '../passkeys/kept-list.ts'
import { dataFolder, Refusal, run, unreadable } from './command.ts'

/**
 * `npm run aaguids:update`: loads the list of authenticators that the passkey community keeps, for names and pictures
 * beside the passkeys of people. From its own address, another one (`--from`) or a file. Ends with 0 when it is in the
 * data folder; else nothing has changed: 1 when it could not be had, 2 when the command was not understood.
 */
const usage = 'usage: npm run aaguids:update -- [--from ADDRESS|FILE] [--time-limit SECONDS] [--private-network]'

const usual = 'https://raw.githubusercontent.com/passkeydeveloper/passkey-authenticator-aaguids/main/combined_aaguid.json'

/** bytes: three times what it had in 2026 */
const sizeLimit = 10_000_000

interface Source {
  /** an address or a file */
  from: string
  /** seconds, for the whole list */
  timeLimit: number
  privateNetwork: boolean
}

async function update(args: string[]): Promise<string> {
  const source = understood(args)
  const text = /^https?:/i.test(source.from) ? await load(source) : await fromFile(source.from)
  const { list, leftOut } = read(text, source.from)
  const file = keptListFile(dataFolder())
  await keepList(dataFolder(), list).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(`${file} cannot be written (${error.code ?? error.message}). Nothing has changed.`)
  })
  return [
    `${Object.keys(list.authenticators).length} authenticators and ${Object.keys(list.pictures).length} pictures are in ${file}. The server uses them from its next start on.`,
    ...(leftOut > 0 ? [`Left out: ${leftOut} ${leftOut === 1 ? 'picture that is' : 'pictures that are'} too large, or neither SVG nor PNG; drawings of our own stand in.`] : []),
  ].join('\n')
}

function understood(args: string[]): Source {
  const options = {
    from: { type: 'string', default: usual },
    'time-limit': { type: 'string', default: '30' },
    'private-network': { type: 'boolean', default: false },
  } as const
  const values = (() => {
    try {
      return parseArgs({ args, options }).values
    } catch {
      throw new Refusal(usage, 2)
    }
  })()
  const { from, 'time-limit': seconds, 'private-network': privateNetwork } = values
  if (!/^[1-9]\d{0,3}$/.test(seconds)) throw new Refusal(`The time limit is a whole number of seconds.\n${usage}`, 2)
  if (/^https?:/i.test(from) && !URL.canParse(from)) throw new Refusal(`${from} is no address.\n${usage}`, 2)
  if (/^http:/i.test(from) && !privateNetwork) throw new Refusal(`The address must start with https://.\n${usage}`, 2)
  return { from, timeLimit: Number(seconds), privateNetwork }
}

const notLoaded = (why: string) => new Refusal(`The list was not loaded: ${why}. Nothing has changed.`)

const tooLarge = (from: string) => notLoaded(`${from} has more than ${sizeLimit / 1_000_000} MB`)

async function load({ from, timeLimit, privateNetwork }: Source): Promise<string> {
  try {
    const response = await createOutgoing({ privateNetwork, timeLimit: timeLimit * 1000 })(from, { headers: { accept: 'application/json' } })
    if (!response.ok) {
      await response.body?.cancel()
      throw notLoaded(`${from} answered ${response.status}`)
    }
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response.body ?? []) {
      size += chunk.length
      if (size > sizeLimit) throw tooLarge(from)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  } catch (error) {
    throw error instanceof Refusal ? error : notLoaded(`${from} ${whyUnreachable(error, timeLimit)}`)
  }
}

function whyUnreachable(error: unknown, timeLimit: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `did not answer in full within ${timeLimit} s`
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const said = cause instanceof Error ? cause.message : String(cause)
  if (/redirect/.test(said)) return 'leads elsewhere, where we do not follow'
  if (/special-use/.test(said)) return 'is in a private network: allow that by --private-network'
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return `cannot be reached (${typeof code === 'string' ? code : said})`
}

async function fromFile(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > sizeLimit) throw tooLarge(file)
    return await readFile(file, 'utf8')
  } catch (error) {
    throw error instanceof Refusal ? error : unreadable(file, error)
  }
}

function read(text: string, from: string): ReturnType<typeof readCommunityList> {
  try {
    return readCommunityList(text)
  } catch (error) {
    throw error instanceof ListProblem ? notLoaded(`${from} ${error.message}`) : error
  }
}

await run(update)
