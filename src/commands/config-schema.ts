import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { rulesSchema } from '../config/policy-schema.ts'
import { clientSchema, serverSchema } from '../config/schema.ts'

/** The JSON Schemas that editors use for the config files, by file name. `npm run config:schema` writes them. */
export const jsonSchemas = {
  'latchkey.schema.json': toText(serverSchema),
  'client.schema.json': toText(clientSchema),
  'rules.schema.json': toText(rulesSchema),
}

export const schemaFolder = fileURLToPath(new URL('../../config/', import.meta.url))

function toText(schema: z.ZodType): string {
  // draft 7 is what the YAML language server understands best
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }), null, 2)}\n`
}

async function writeSchemas(): Promise<void> {
  for (const [name, text] of Object.entries(jsonSchemas)) await writeFile(`${schemaFolder}${name}`, text)
}

if (import.meta.main) void writeSchemas()
