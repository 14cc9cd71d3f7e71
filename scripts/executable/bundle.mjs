// The command line as scripts in ASCII, each a function of `exports`, `require` and `module`, for the loader of the
// executable.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forNode, groupsOf } from '../bundle.mjs';

/** `\u` for everything that is not ASCII; the sources have such characters only in strings and regular expressions. */
const ascii = (code) => code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Writes the scripts to `folder`; gives their names and the modules that are in them. */
export async function bundleScripts(folder) {
  const { rolldown } = await import('rolldown');
  const bundler = await rolldown({ ...forNode, input: { main: forNode.input.main } });
  try {
    const files = { format: 'cjs', minify: true, chunkFileNames: '[name]-[hash].js' };
    const groups = groupsOf((await bundler.generate(files)).output);
    const { output } = await bundler.generate({ ...files, codeSplitting: { groups } });
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const chunks = output.filter(({ type }) => type === 'chunk');
    for (const { fileName, code } of chunks)
      writeFileSync(
        join(folder, fileName),
        `(function(exports,require,module,__filename){${ascii(code)}\n})`,
        'latin1',
      );
    return {
      names: chunks.map(({ fileName }) => fileName).sort(),
      modules: chunks.flatMap(({ moduleIds }) => moduleIds),
    };
  } finally {
    await bundler.close();
  }
}
