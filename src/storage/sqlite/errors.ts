import { AppError } from '../../errors.ts'

interface SqliteError extends Error {
  code: 'ERR_SQLITE_ERROR'
  /** extended result code; its low byte is the primary one (https://sqlite.org/rescode.html) */
  errcode: number
  /** SQLite's fixed text for the code, without names or values */
  errstr: string
}

const BUSY = 5
const PRIMARY_KEY_TAKEN = 1555
const UNIQUE_TAKEN = 2067
/** primary codes that mean a mistake of ours: SQL error, constraint, type mismatch, misuse, parameter out of range */
const OUR_MISTAKES = new Set([1, 19, 20, 21, 25])

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR'
}

/** Another process holds the lock. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && (error.errcode & 0xff) === BUSY
}

/**
 * The `AppError` for an error of the driver, without the driver's own message, which may quote keys; any other error,
 * such as one thrown by a caller's `fn`, stays as it is.
 */
export function storeError(error: unknown): unknown {
  if (isSqliteError(error)) {
    const { errcode, errstr } = error
    if (errcode === PRIMARY_KEY_TAKEN || errcode === UNIQUE_TAKEN) return new AppError('already_exists')
    const code = OUR_MISTAKES.has(errcode & 0xff) ? 'internal' : 'store_unavailable'
    return new AppError(code, `SQLite error ${errcode}: ${errstr}`)
  }
  if (error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE') {
    return new AppError('store_unavailable', 'the database is closed')
  }
  return error
}
