import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { EXIT, usageError } from '../exit-code.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { withOutput } from '../output/output.node.js';

/** Writes the page that does in a browser what the command line does, as one file. */
export async function pageVerb(options: CommonOptions, session: Session): Promise<number> {
  const packed = packedPage();
  if (packed === undefined) throw usageError('page-not-built', {});
  await withOutput(session.output(options), (output) => output.write(brotliDecompressSync(packed).toString('utf8')));
  return EXIT.ok;
}

const PACKED = 'deadbox.html.br';

/** Where the build put it: in the executable, or beside the bundle, and seen from the sources. */
function packedPage(): Uint8Array | undefined {
  // Node has this from 20.16 on.
  const sea = process.getBuiltinModule?.('node:sea');
  if (sea?.isSea()) return new Uint8Array(sea.getAsset(PACKED));
  // A script of the bundle knows its own path, a module its address.
  const own = import.meta.url.startsWith('file:') ? fileURLToPath(import.meta.url) : import.meta.url;
  const folder = dirname(own);
  const path = ['../page', '../../dist/page']
    .map((place) => join(folder, place, PACKED))
    .find((candidate) => existsSync(candidate));
  return path === undefined ? undefined : readFileSync(path);
}
