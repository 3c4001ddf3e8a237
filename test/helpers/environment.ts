/** What a process of ours gets of this one's environment: where programs are, and what is compiled already. */
export function environment(): Record<string, string> {
  const kept = ['PATH', 'NODE_COMPILE_CACHE'].flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]))
  return Object.fromEntries(kept)
}
