import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv, type ValidateFunction } from 'ajv';
import { root } from '../workspace.js';

/** Validates a file against the committee's own schema, which is written in an older draft of JSON Schema. */
export function sarifValidator(): ValidateFunction {
  const text = gunzipSync(readFileSync(join(root, 'tests/support/schemas/sarif-schema-2.1.0.json.gz'))).toString();
  const { $schema: _draft, id, ...schema } = JSON.parse(text) as { $schema: string; id: string };
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
  ajv.addFormat('uri', /^[a-z][a-z0-9+.-]*:[!#$%&'()*+,./:;=?@[\]\w~-]*$/i);
  ajv.addFormat('uri-reference', /^[!#$%&'()*+,./:;=?@[\]\w~-]*$/);
  return ajv.compile({ ...schema, $id: id });
}
