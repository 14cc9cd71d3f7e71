// npm start [-- IMAGE…]: sets up what is missing, then scans IMAGE, or the bundled disk of a crashed VM.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ensureBuilt } from './build.mjs';
import { cache, root, run } from './workspace.mjs';

const BUNDLED = 'gpt-faulty.img';

/** The bundled disk, unpacked once for each version of it. */
function bundledImage() {
  const packed = readFileSync(join(root, 'test-images', `${BUNDLED}.gz`));
  const folder = join(cache, 'test-images', createHash('sha256').update(packed).digest('hex').slice(0, 12));
  const image = join(folder, BUNDLED);
  if (!existsSync(image)) {
    mkdirSync(folder, { recursive: true });
    const partial = `${image}.${process.pid}`;
    writeFileSync(partial, gunzipSync(packed));
    renameSync(partial, image);
  }
  return image;
}

const given = process.argv.slice(2);
await ensureBuilt();
const targets = given.some((argument) => !argument.startsWith('-')) ? [] : [bundledImage()];
// npm changes to the root; paths are meant from where the user stands.
const { status } = run(process.execPath, [join(root, 'packages/cli/bin/deadbox.js'), 'scan', ...given, ...targets], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
});
process.exit(status);
