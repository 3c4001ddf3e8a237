export interface Cookie {
  name: string
  value: string
  host: string
  path: string
  secure: boolean
  httpOnly: boolean
  sameSite: 'strict' | 'lax' | 'none'
}

/** The cookies of one browser, as RFC 6265 keeps them: by host (never by port), path and name. */
export interface CookieJar {
  /** reads the `Set-Cookie` headers of an answer from `url` */
  store(url: URL, headers: readonly string[]): void
  /** the `Cookie` header for a request; `crossSite`: it was started by another site's page */
  header(url: URL, request?: { method?: string; crossSite?: boolean }): string
  all(): Cookie[]
  /** forgets all, or all but these */
  clear(except?: (cookie: Cookie) => boolean): void
}

export function createCookieJar(): CookieJar {
  const cookies = new Map<string, Cookie>()

  return {
    store(url, headers) {
      for (const header of headers) {
        const { cookie, expired } = readSetCookie(url, header)
        const key = [cookie.host, cookie.path, cookie.name].join('\n')
        if (expired) cookies.delete(key)
        else cookies.set(key, cookie)
      }
    },
    header(url, { method = 'GET', crossSite = false } = {}) {
      return [...cookies.values()]
        .filter(({ host }) => host === url.hostname)
        .filter(({ path }) => isWithin(url.pathname, path))
        .filter(({ secure }) => !secure || url.protocol === 'https:')
        .filter(({ sameSite }) => !crossSite || sameSite === 'none' || (sameSite === 'lax' && method === 'GET'))
        .sort((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ')
    },
    all: () => [...cookies.values()],
    clear(except = () => false) {
      for (const [key, cookie] of cookies) if (!except(cookie)) cookies.delete(key)
    },
  }
}

function readSetCookie(url: URL, header: string): { cookie: Cookie; expired: boolean } {
  const [pair = '', ...rest] = header.split(';').map(part => part.trim())
  const attributes = new Map(
    rest.map(part => {
      const [key = '', value = ''] = part.split(/=(.*)/s)
      return [key.toLowerCase(), value]
    }),
  )
  const [name = '', value = ''] = pair.split(/=(.*)/s)
  const maxAge = attributes.get('max-age')
  const end = maxAge === undefined ? Date.parse(attributes.get('expires') ?? '') : Date.now() + 1000 * Number(maxAge)
  const sameSite = attributes.get('samesite')?.toLowerCase()
  return {
    cookie: {
      name,
      value,
      host: url.hostname,
      path: attributes.get('path') || url.pathname.replace(/\/[^/]*$/, '') || '/',
      secure: attributes.has('secure'),
      httpOnly: attributes.has('httponly'),
      sameSite: sameSite === 'strict' || sameSite === 'none' ? sameSite : 'lax',
    },
    expired: end <= Date.now(),
  }
}

/** RFC 6265 5.1.4 */
function isWithin(pathname: string, path: string): boolean {
  return pathname === path || (pathname.startsWith(path) && (path.endsWith('/') || pathname[path.length] === '/'))
}
