import { ceiling } from '../policy/assurance.ts'
import type { Scene } from '../policy/signals.ts'
import { methodsOf } from '../policy/strategy.ts'
import type { Acr, OtherMethod } from '../policy/types.ts'
import type { Account, Device } from '../storage/types.ts'

/** Whose it is, as far as that is known. */
export interface Subject {
  account?: Account | undefined
  /** the normalised address that was typed, where one was */
  typed?: string | undefined
}

/** What a page knows when it asks the rules. Times in ms. */
export interface Happening extends Subject, Pick<Scene, 'event' | 'now' | 'clientId' | 'change' | 'browser' | 'createdHere' | 'recovering' | 'proofs'> {
  /** names the authorization request, or whatever else it is one decision in, however often it is asked */
  occasion: string
  /** where the request comes from, as far as it tells */
  seenFrom?: { network?: string; country?: string } | undefined
  /** this browser's record for the account */
  device?: Device | undefined
  /** since when this session is: what was first seen in it is not recognised */
  since: number
  /** the highest level that they can reach, where it is not what all ways of the account come to */
  reach?: Acr
}

export interface SceneWithAddresses extends Scene {
  occasion: string
  /** keys of the typed address, or of the account's: what failures are counted by */
  addresses: string[]
}

export interface SceneDeps {
  devices: {
    isRecognised(device: Device | undefined, here: Here, now: number, since: number): boolean
    isElsewhere(device: Device, here: Here): boolean
  }
  emails: {
    /** the account's, the primary one first */
    of(account: Account): string[]
    /** the keys under which all ways to write these mailboxes are one */
    keysOf(emails: string[]): string[]
  }
  config: { verification: { methods: readonly OtherMethod[] } }
}

interface Here {
  browser: string
  platform: string
  network?: string
  country?: string
}

export interface Scenes {
  sceneOf(happening: Happening): SceneWithAddresses
  /** What failures are counted by: before a proof what was typed, and nothing of whom it may belong to; afterwards every address of the account. */
  addressesOf(subject: Subject): string[]
}

/** The one place where it is put together what rules may see. */
export function createScenes({ devices, emails, config }: SceneDeps): Scenes {
  const addressesOf = ({ account, typed }: Subject) => emails.keysOf(account ? emails.of(account) : typed === undefined ? [] : [typed])

  /** By the account alone: a browser that says of itself that it knows no passkeys would switch off the rules that ask for one. */
  function reachOf(account: Account): Acr | undefined {
    const methods = methodsOf(account, config.verification.methods)
    return methods.length > 0 ? ceiling(methods) : undefined
  }

  return {
    addressesOf,
    sceneOf(happening) {
      const { account, typed, browser, seenFrom = {}, device, since, now } = happening
      const here = { browser: browser.browser, platform: browser.platform, ...seenFrom }
      const email = typed ?? (account && emails.of(account)[0])
      return {
        event: happening.event,
        now,
        occasion: happening.occasion,
        clientId: happening.clientId,
        domain: email?.slice(email.lastIndexOf('@') + 1),
        addresses: addressesOf(happening),
        browser,
        ...seenFrom,
        change: happening.change,
        account,
        createdHere: happening.createdHere,
        recovering: happening.recovering,
        proofs: happening.proofs,
        recognised: devices.isRecognised(device, here, now, since),
        // A copied cookie does not make a stranger's browser known.
        device: device && !devices.isElsewhere(device, here) ? device : undefined,
        reach: happening.reach ?? (account && reachOf(account)),
      }
    },
  }
}
