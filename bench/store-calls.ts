/** How often each storage operation was called so far, by the server's own metrics. */
export async function storeCalls(issuer: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${issuer}/metrics`)).text()
  const lines = text.matchAll(/^latchkey_store_duration_seconds_count\{operation="([\w.]+)"\} (\d+)$/gm)
  return Object.fromEntries([...lines].map(([, operation, count]) => [operation, Number(count)]))
}
