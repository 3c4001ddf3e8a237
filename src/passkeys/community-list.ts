import { z } from 'zod'
import { cleaned } from './manage.ts'
import { type Picture, readPicture } from './picture.ts'

/** A list of authenticators that others keep, in the form in which we keep it. */
export interface CommunityList {
  version: 1
  /** by AAGUID; `light`, `dark`: names of pictures */
  authenticators: Record<string, { name: string; light?: string | undefined; dark?: string | undefined }>
  /** base64, by name */
  pictures: Record<string, string>
}

const aaguid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const pictureName = z.string().regex(/^[\da-f]{16}\.(svg|png)$/)

/** Of the passkey-authenticator-aaguids project: AAGUID -> name and pictures as data URIs. */
const published = z.record(
  z.string().regex(/^[\da-f-]{36}$/i, 'is no AAGUID').toLowerCase().regex(aaguid, 'is no AAGUID'),
  z.looseObject({ name: z.string().max(1000), icon_light: z.string().nullish(), icon_dark: z.string().nullish() }),
)

export const keptList: z.ZodType<CommunityList> = z.strictObject({
  version: z.literal(1),
  authenticators: z.record(z.string().regex(aaguid), z.strictObject({ name: z.string().min(1).max(200), light: pictureName.exactOptional(), dark: pictureName.exactOptional() })),
  pictures: z.record(pictureName, z.base64()),
}).refine(({ authenticators, pictures }) => Object.values(authenticators).every(({ light, dark }) => [light, dark].every((name) => name === undefined || Object.hasOwn(pictures, name))))

/** characters of a name */
const longestName = 80

/** Why a text is no list, for the operator. */
export class ListProblem extends Error {}

/**
 * Reads a list that strangers wrote. What a picture holds is cleaned; one that is unfit is left out and counted, its
 * authenticator stays. Anything else that is wrong is a `ListProblem`: half a list is not taken.
 */
export function readCommunityList(text: string): { list: CommunityList; leftOut: number } {
  const result = published.safeParse(parsed(text))
  if (!result.success) {
    const [issue] = result.error.issues
    throw new ListProblem(`is not such a list: ${shown(issue?.path)} ${issue?.message ?? ''}`.trim())
  }
  const entries = Object.entries(result.data)
  // The project says that it will end this way.
  if (entries.length === 0) throw new ListProblem('is empty: it may have been given up')

  const list: CommunityList = { version: 1, authenticators: {}, pictures: {} }
  let leftOut = 0
  const keep = (uri: string | null | undefined): string | undefined => {
    if (!uri) return undefined
    const picture: Picture | undefined = readPicture(uri)
    if (!picture) leftOut++
    else list.pictures[picture.name] = picture.bytes.toString('base64')
    return picture?.name
  }
  for (const [id, { name, icon_light, icon_dark }] of entries) {
    const plain = [...cleaned(name)].slice(0, longestName).join('')
    if (plain === '') throw new ListProblem(`is not such a list: ${shown([id, 'name'])} is empty`)
    const [light, dark] = [keep(icon_light), keep(icon_dark)]
    const both = { light: light ?? dark, dark: dark ?? light }
    list.authenticators[id] = { name: plain, ...(both.light !== undefined && both) }
  }
  return { list, leftOut }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ListProblem('is not JSON')
  }
}

/** Names out of the list may hold what a terminal obeys. */
const shown = (path: readonly PropertyKey[] = []): string => JSON.stringify(path.map(String).join('.')).slice(0, 120)
