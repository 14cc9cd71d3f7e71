import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { EXIT, usageError } from '../exit-code.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { withOutput } from '../output/output.node.js';

/** Writes the page that does in a browser what the command line does, as one file. */
export async function pageVerb(options: CommonOptions, session: Session): Promise<number> {
  const path = pagePath();
  if (path === undefined) throw usageError('page-not-built', {});
  await withOutput(session.output(options), (output) => output.write(gunzipSync(readFileSync(path)).toString('utf8')));
  return EXIT.ok;
}

/** Where the build put it: beside the bundle, and seen from the sources. */
function pagePath(): string | undefined {
  // A script of the bundle knows its own path, a module its address.
  const own = import.meta.url.startsWith('file:') ? fileURLToPath(import.meta.url) : import.meta.url;
  const folder = dirname(own);
  return ['../page', '../../dist/page']
    .map((place) => join(folder, place, 'deadbox.html.gz'))
    .find((candidate) => existsSync(candidate));
}
