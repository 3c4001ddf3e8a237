import type { Storage } from './types.ts'

export interface StorageConfig {
  kind: 'embedded'
  /** the data folder; made when it is missing */
  folder: string
}

export interface StorageOptions {
  /** process time, milliseconds since 1970; the store's clock is this plus the measured offset to the store */
  now?: () => number
}

/** Opens the configured store, its schema brought up to date. Rejects with `AppError('store_unavailable')`. */
export async function openStorage(config: StorageConfig, options: StorageOptions = {}): Promise<Storage> {
  // Imported here so that only the chosen backend costs start time and memory.
  const { openSqlite } = await import('./sqlite/index.ts')
  return openSqlite(config.folder, options.now ?? Date.now)
}
