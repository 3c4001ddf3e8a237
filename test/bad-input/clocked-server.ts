import { type InProcess, startInProcess } from '../helpers/in-process.ts'

export interface ClockedServer extends InProcess {
  /** ms that the store's clock is put ahead */
  shift(by: number): void
}

const minute = 60_000
export const minutes = (count: number) => count * minute

export async function startClockedServer(clients: Record<string, unknown>[]): Promise<ClockedServer> {
  const server = await startInProcess({ clients })
  return { ...server, shift: server.advance }
}
