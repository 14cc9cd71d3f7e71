// Turns the published schema of a scan's report into what deadbox checks the lines of a journal against: the shapes
// that the report of an image leads to, without descriptions. With --check nothing is written: the exit code is 1 where
// the file is out of date.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { helpIfAsked, root, tool } from './workspace.mjs';

helpIfAsked(import.meta.url);

const schemas = join(root, 'packages/report/schemas');
const target = join(root, 'packages/report/src/shape/image-shapes.ts');
const START = 'scan-1.schema.json#/$defs/anyImage';
/** What says something to people only. */
const WORDS = new Set(['$id', '$schema', 'title', 'description', 'examples', '$comment']);
/** What `shape.ts` knows. */
const KNOWN = new Set(
  '$ref type enum const minimum pattern required properties additionalProperties items anyOf oneOf'.split(' '),
);

const documents = new Map();
const shapes = new Map();
nameOf('', START);
const text = formatted(
  [
    '// Generated from schemas/scan-1.schema.json by "node scripts/compile-shapes.mjs"; do not edit.',
    "import type { Shape } from './shape.js';",
    '',
    '/** The shapes that {@link IMAGE_SHAPE} is made of, by name: made when they are first needed. */',
    `export const imageShapes = (): Readonly<Record<string, Shape>> => (${JSON.stringify(Object.fromEntries(shapes))});`,
    '',
    '/** The report of an image, or of a target that could not be opened. */',
    `export const IMAGE_SHAPE = ${JSON.stringify(shortName(START))};`,
    '',
  ].join('\n'),
);
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (read(target) !== text) {
  console.log(`${relative(root, target)} is out of date: node scripts/compile-shapes.mjs`);
  process.exitCode = 1;
}

/** The short name of what `reference` in `document` leads to, which is compiled where it is not yet. */
function nameOf(document, reference) {
  const [file, pointer] = reference.split('#');
  const place = `${file === '' ? document : file}#${pointer}`;
  const name = shortName(place);
  if (!shapes.has(name)) {
    shapes.set(name, undefined);
    shapes.set(name, shapeOf(lookUp(place), place.split('#')[0]));
  }
  return name;
}

function shortName(place) {
  const [file, pointer] = place.split('#');
  return `${file.split('-')[0]}:${pointer.split('/').at(-1)}`;
}

function lookUp(place) {
  const [file, pointer] = place.split('#');
  if (!documents.has(file)) documents.set(file, JSON.parse(readFileSync(join(schemas, file), 'utf8')));
  const found = pointer
    .split('/')
    .slice(1)
    .reduce((part, key) => part?.[key], documents.get(file));
  if (found === undefined) throw new Error(`${place} leads nowhere`);
  return found;
}

function shapeOf(schema, document) {
  if (typeof schema === 'boolean') return schema;
  const part = (value) => shapeOf(value, document);
  const { if: condition, then, else: otherwise, ...plain } = schema;
  const cases = condition === undefined ? {} : { cases: [condition, then ?? {}, otherwise ?? {}].map(part) };
  const entries = Object.entries(plain)
    .filter(([key]) => !WORDS.has(key))
    .map(([key, value]) => {
      if (!KNOWN.has(key)) throw new Error(`${document}: "${key}" is not known to shape.ts`);
      if (key === '$ref') return [key, nameOf(document, value)];
      if (key === 'properties')
        return [key, Object.fromEntries(Object.entries(value).map(([name, own]) => [name, part(own)]))];
      if (key === 'anyOf' || key === 'oneOf') return [key, value.map(part)];
      return ['additionalProperties', 'items'].includes(key) ? [key, part(value)] : [key, value];
    });
  return { ...Object.fromEntries(entries), ...cases };
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function formatted(source) {
  const { status, stdout, stderr } = spawnSync(tool('biome'), ['format', `--stdin-file-path=${target}`], {
    cwd: root,
    input: source,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
