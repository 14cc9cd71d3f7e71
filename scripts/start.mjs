// npm start [-- IMAGE…]: sets up what is missing, then scans IMAGE, or the bundled disk of a crashed VM.
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { bundledImage } from './bundled-image.mjs';
import { helpIfAsked, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

const given = process.argv.slice(2);
await ensureBuilt();
const targets = given.some((argument) => !argument.startsWith('-')) ? [] : [bundledImage()];
// npm changes to the root; paths are meant from where the user stands.
const { status } = run(process.execPath, [join(root, 'packages/cli/bin/deadbox.js'), 'scan', ...given, ...targets], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
});
process.exit(status);
