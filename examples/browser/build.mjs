// Builds the page as one file: index.html with its scripts, its style and the bundled disk in it; beside it what only a
// server can give.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FIGURE_STYLE } from '@deadbox/report/internals';
import { build } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));

/** One script of the page, with everything that it imports: its code, and the modules in it. */
async function scriptOf(name) {
  const result = await build({
    configFile: false,
    root: here,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      modulePreload: false,
      lib: { entry: join(here, 'src', `${name}.ts`), formats: ['iife'], name: `deadbox_${name.replace(/\W/g, '_')}` },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [{ output }] = [result].flat();
  return { code: output[0].code, modules: output[0].moduleIds };
}

const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
/** Text that may stand in a script element. */
const inert = (text) => text.replace(/<\/script/gi, '<\\/script').replace(/<!--/g, '<\\!--');

/** The page, with its scripts and the modules that are in them. */
export async function buildPage() {
  const scripts = [await scriptOf('main'), await scriptOf('worker')];
  const [main, worker] = scripts.map(({ code }) => inert(code));
  const policyScript = readFileSync(join(here, 'src/policy.js'), 'utf8');
  // The figures and the report bring the colours along.
  const style = FIGURE_STYLE + readFileSync(join(here, 'src/style.css'), 'utf8');
  const sample = readFileSync(join(here, '../../test-images/gpt-faulty.img.gz')).toString('base64');
  // What the report draws has widths and positions in its markup.
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(policyScript)} ${hashOf(main)} blob:`,
    `style-src ${hashOf(style)}`,
    "style-src-attr 'unsafe-inline'",
    'img-src blob:',
    "worker-src blob: 'self'",
    'connect-src https: http:',
    "base-uri 'none'",
    "form-action 'none'",
    "manifest-src 'self'",
  ].join('; ');
  const page = [
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
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<div id="page"></div>',
    '<noscript>This page reads disks with JavaScript, in this browser. Nothing is uploaded.</noscript>',
    `<script type="text/plain" id="worker">${worker}</script>`,
    `<script type="text/plain" id="sample">${sample}</script>`,
    `<script>${main}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
  return { page, main, worker, modules: scripts.flatMap(({ modules }) => modules) };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = process.argv[2] ?? join(here, 'dist');
  const { page, main, worker } = await buildPage();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), page);
  copyFileSync(join(here, 'src/sw.js'), join(folder, 'sw.js'));
  process.stdout.write(`page ${page.length} bytes (main ${main.length}, worker ${worker.length})\n`);
}
