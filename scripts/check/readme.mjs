// The code that the documentation shows compiles against the built packages, as a reader would write it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { cache, filesBelow, publishedPackages, root, run, tool } from '../workspace.mjs';

function documents() {
  const readmes = publishedPackages().flatMap(({ folder }) =>
    filesBelow(folder, (path) => basename(path) === 'README.md'),
  );
  const top = ['README.md', 'CONTRIBUTING.md'].map((name) => join(root, name));
  return [...top, ...filesBelow(join(root, 'docs'), (path) => path.endsWith('.md')), ...readmes];
}

/** The ```ts blocks of a Markdown text: `{ line, code }`. */
function codeBlocks(text) {
  return [...text.matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```/gm)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    code: match[1],
  }));
}

/** Compiles every block as a module of its own; the compiler's messages name the document and line. */
export function checkReadme() {
  const folder = join(cache, 'readme');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const places = new Map();
  for (const document of documents()) {
    for (const { line, code } of codeBlocks(readFileSync(document, 'utf8'))) {
      const name = `${relative(root, document).replace(/[^A-Za-z0-9]+/g, '-')}-${line}.ts`;
      places.set(name, { document: relative(root, document), line });
      writeFileSync(join(folder, name), `${code}\nexport {};\n`);
    }
  }
  if (!places.has([...places.keys()].find((name) => name.startsWith('README-md-'))))
    return ['README.md shows no TypeScript'];
  const options = {
    target: 'ES2022',
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    lib: ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.AsyncIterable'],
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    strict: true,
    noEmit: true,
  };
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  const { status, stdout } = run(tool('tsc'), ['-p', folder, '--pretty', 'false'], { capture: true });
  if (status === 0) return [];
  return stdout
    .trimEnd()
    .split('\n')
    .map((message) =>
      message.replace(/^\S*?([^/\s]+\.ts)\((\d+),\d+\)/, (whole, name, inner) => {
        const place = places.get(name);
        return place === undefined ? whole : `${place.document}:${place.line + Number(inner)}`;
      }),
    );
}
