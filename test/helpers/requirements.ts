import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromiumPath } from './chromium-path.ts'

/** Something that some of the tests need and that npm does not bring. */
export interface Requirement {
  name: string
  /** the test files that cannot run without it */
  neededBy: RegExp
  isThere(): boolean
  /** Debian packages that bring it */
  packages: string[]
  advice: string
}

export const requirements: Requirement[] = [
  {
    name: 'Chromium',
    neededBy: /\.browser\.test\.ts$/,
    isThere: () => chromiumPath() !== undefined,
    packages: ['chromium'],
    advice: 'install Chromium or Google Chrome (Debian: apt-get install chromium; macOS: brew install --cask chromium)',
  },
]

/** Installs what is missing where that is ours to do: on Debian, as root. Anywhere else the person decides. */
export function install(requirement: Requirement): void {
  const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version')
  if (!mayInstall) return
  console.log(`Installing ${requirement.packages.join(' ')} with apt-get`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
  apt('update') && apt('install', '-y', ...requirement.packages)
}
