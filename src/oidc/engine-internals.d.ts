/** The engine keeps its own calls from private addresses by this, and has no public name for it. */
declare module 'oidc-provider/lib/helpers/fetch_request.js' {
  /** cuts a connection to an address that is not public, before anything is sent through it */
  export function applySSRFProtection<Dispatcher extends object>(dispatcher: Dispatcher): Dispatcher
}
