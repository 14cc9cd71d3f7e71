// Builds the page twice: as one file with everything in it, for a USB stick, and as a folder for a server, of which a
// browser loads what the first answer needs and the rest when that is given.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FIGURE_STYLE } from '@deadbox/report/internals';
import { build } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const source = (name) => readFileSync(join(here, 'src', name), 'utf8');

/** The bundled disk as a module. */
const sample = {
  name: 'sample',
  load(id) {
    if (id !== join(here, 'src/sample.ts')) return undefined;
    const packed = readFileSync(join(here, '../../test-images/gpt-faulty.img.gz')).toString('base64');
    return `export const sample = ${JSON.stringify(packed)};`;
  },
};

/**
 * Scripts of the page, by name.
 * @param output - how they are cut
 */
async function bundle(names, format, output) {
  const result = await build({
    configFile: false,
    root: here,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [sample],
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      modulePreload: false,
      lib: {
        entry: Object.fromEntries(names.map((name) => [name, join(here, 'src', `${name}.ts`)])),
        formats: [format],
        name: `deadbox_${names.join('_')}`,
      },
      rolldownOptions: { output },
    },
  });
  return [result].flat()[0].output;
}

/** A script with all that it may import, in one piece: `{ code, moduleIds }`. */
const whole = async (name) => (await bundle([name], 'iife', { codeSplitting: false }))[0];

/**
 * The scripts in pieces. What one needs before anything is imported on demand is one piece: forty small ones pack worse
 * by a fifth.
 */
async function pieces(names) {
  const named = {
    entryFileNames: 'code/[name]-[hash].js',
    chunkFileNames: 'code/[name]-[hash].js',
    minify: true,
  };
  const loose = await bundle(names, 'es', named);
  const sets = names.map((name) => new Set(modulesAtOnce(loose, name)));
  // What several need stands alone: nothing that one of them does at its start happens in another.
  const isShared = (id) => sets.every((set) => set.has(id));
  const groups = [
    { name: 'shared', test: isShared },
    ...names.map((name, at) => ({ name: `${name}-first`, test: (id) => sets[at].has(id) && !isShared(id) })),
  ];
  return bundle(names, 'es', { ...named, codeSplitting: { groups } });
}

/** The modules that a script loads as soon as it starts. */
function modulesAtOnce(output, name) {
  const byFile = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const files = new Set([entryOf(output, name)]);
  for (const file of files) for (const next of byFile.get(file).imports) files.add(next);
  return [...files].flatMap((file) => Object.keys(byFile.get(file).modules));
}

const entryOf = (output, name) => output.find((chunk) => chunk.isEntry && chunk.name === name).fileName;
const sha256 = (text, form) => createHash('sha256').update(text).digest(form);
const hashOf = (text) => `'sha256-${sha256(text, 'base64')}'`;
/** Text that may stand in a script element. */
const inert = (text) => text.replace(/<\/script/gi, '<\\/script').replace(/<!--/g, '<\\!--');

/** The document around the scripts. `connect-src` is narrowed by the script of `policy.js`. */
function documentOf({ scripts, images, head, body }) {
  const policyScript = source('policy.js');
  // The figures and the report bring the colours along; what they draw has widths and positions in its markup.
  const style = FIGURE_STYLE + source('style.css');
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(policyScript)} ${scripts} blob:`,
    `style-src ${hashOf(style)}`,
    "style-src-attr 'unsafe-inline'",
    `img-src ${images}`,
    "worker-src blob: 'self'",
    'connect-src https: http:',
    "base-uri 'none'",
    "form-action 'none'",
    "manifest-src 'self'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<script>${policyScript}</script>`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    '<title>deadbox</title>',
    ...head,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<div id="page"></div>',
    '<noscript>This page reads disks with JavaScript, in this browser. Nothing is uploaded.</noscript>',
    ...body,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** The page as one file, and the modules that its scripts were made of. */
export async function buildPage() {
  const scripts = [await whole('main'), await whole('worker')];
  const [main, worker] = scripts.map(({ code }) => inert(code));
  const body = [`<script type="text/plain" id="worker">${worker}</script>`, `<script>${main}</script>`];
  const page = documentOf({ scripts: hashOf(main), images: 'blob:', head: [], body });
  return { page, modules: scripts.flatMap(({ moduleIds }) => moduleIds) };
}

/** The page as a folder: the content of its files, by name. */
export async function buildSite() {
  const output = await pieces(['main', 'worker']);
  const files = new Map(output.map(({ fileName, code }) => [fileName, code]));
  const head = ['<link rel="manifest" href="manifest.webmanifest">', '<link rel="icon" href="icon.svg">'];
  const body = [
    `<script type="text/plain" id="worker" data-src="${entryOf(output, 'worker')}"></script>`,
    `<script type="module" src="${entryOf(output, 'main')}"></script>`,
  ];
  files.set('index.html', documentOf({ scripts: "'self'", images: "blob: 'self'", head, body }));
  files.set('icon.svg', source('icon.svg'));
  files.set('manifest.webmanifest', source('manifest.webmanifest'));
  const version = sha256([...files.values()].join('\0'), 'hex').slice(0, 16);
  const kept = ['./', ...[...files.keys()].filter((name) => name !== 'index.html')];
  files.set('sw.js', `const VERSION = '${version}';\nconst FILES = ${JSON.stringify(kept)};\n${source('sw.js')}`);
  return files;
}

/** Writes the page for a server into a folder. */
export async function writeSite(folder) {
  const files = await buildSite();
  rmSync(join(folder, 'code'), { recursive: true, force: true });
  mkdirSync(join(folder, 'code'), { recursive: true });
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
}

// build.mjs [FOLDER] [file|site]: both where neither is named.
if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder = join(here, 'dist'), only] = process.argv.slice(2);
  mkdirSync(folder, { recursive: true });
  if (only !== 'file') await writeSite(folder);
  if (only !== 'site') writeFileSync(join(folder, 'deadbox.html'), (await buildPage()).page);
}
