/** What an address or a Host header says about where a request comes from. */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { isLoopbackHost } from '../config/values.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** `::ffff:10.0.0.1`, however it is written -> `10.0.0.1`: a dual-stack socket shows IPv4 peers like this (RFC 4291 2.5.5.2). */
function plainAddress(address: string = ''): string {
  if (!isIPv6(address)) return address
  const groups = groupsOf(address)
  if (groups.slice(0, 5).some((group) => group !== 0) || groups[5] !== 0xffff) return address
  return groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]).join('.')
}

/** The eight groups of an IPv6 address, without its zone. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const [left, right] = [partsOf(head), partsOf(tail ?? '')]
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}

const partsOf = (text: string): number[] =>
  text.split(':').filter(Boolean).flatMap((part) => {
    if (!part.includes('.')) return Number.parseInt(part, 16)
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })

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
  return `${groupsOf(plain).slice(0, 4).map((group) => group.toString(16)).join(':')}::/64`
}
