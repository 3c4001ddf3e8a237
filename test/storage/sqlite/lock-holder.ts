/** Another program with the database open, a backup say: holds the write lock from its start until it is sent a message. */
import { DatabaseSync } from 'node:sqlite'

const database = new DatabaseSync(process.argv[2]!, { timeout: 5000 })
database.exec('begin immediate')
process.send?.('locked')
process.on('message', () => {
  database.exec('commit')
  process.disconnect()
})
