/** What an address or a Host header says about where a request comes from. */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { isLoopbackHost } from '../config/values.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** `::ffff:10.0.0.1` -> `10.0.0.1`: a dual-stack socket shows IPv4 peers like this. */
function plainAddress(address: string | undefined): string {
  return address?.startsWith('::ffff:') === true ? address.slice(7) : (address ?? '')
}

function contains(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

export function isLoopbackAddress(address: string | undefined): boolean {
  return contains(loopback, plainAddress(address))
}

/** A Host header, as in `localhost:3000` or `[::1]:80`, with a name that DNS cannot point elsewhere. */
export function isLoopbackHostHeader(host: string | undefined): boolean {
  const name = /^(\[[0-9a-f:]+\]|[^:]+)(?::\d{1,5})?$/i.exec(host ?? '')?.[1]
  return name !== undefined && isLoopbackHost(name.toLowerCase())
}

/** A matcher for addresses and CIDR blocks. @throws RangeError naming the entry that is neither */
export function addressMatcher(entries: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const family = isIP(address)
    if (family === 0) throw new RangeError(`not an address or CIDR block: ${entry}`)
    const type = family === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, type)
    else list.addSubnet(address, Number(prefix), type)
  }
  return (address) => contains(list, plainAddress(address))
}

/** The network that one person or one attacker cheaply has: an IPv4 address, or an IPv6 /64. */
export function networkOf(address: string): string {
  const plain = plainAddress(address)
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('%')[0]!.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
