// What is in a tarball: its licence, a page, whatever its manifest names, and nothing that is of no use to who installs
// it.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { gunzipSync } from 'node:zlib';

const BLOCK = 512;
/** Of every package; what only some have stands below. */
const ALLOWED = [
  /^package\.json$/,
  /^LICENSE$/,
  /^README(\.ja)?\.md$/,
  /^dist\/.+\.js(\.map)?$/,
  /^dist\/.+\.d\.ts(\.map)?$/,
];
const SOURCES = [/^src\/.+\.(ts|md)$/];
const MORE = {
  // Not the code that an engine compiled: it is of use only to the engine that did.
  deadbox: [
    /^bin\/(deadbox\.js|load-bundle\.js|package\.json)$/,
    /^dist\/bundle\/[^/]+\.cjs$/,
    /^dist\/THIRD-PARTY\.txt$/,
    /^dist\/page\/deadbox\.html\.br$/,
    /^man\/deadbox\.1$/,
  ],
  '@deadbox/report': [...SOURCES, /^schemas\/.+\.schema\.json$/],
  '@deadbox/triage': [...SOURCES, /^rules\/.+\.(yaml|json)$/],
};

const text = (bytes) => bytes.toString('utf8').replace(/\0.*$/s, '');

/**
 * The files of a tarball by their path below `package/`; sizes are what an installation takes, block padding left out.
 */
export function filesOf(tarball) {
  const tar = gunzipSync(readFileSync(tarball));
  const files = new Map();
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    if (header[0] === 0) break;
    const size = Number.parseInt(text(header.subarray(124, 136)), 8);
    const prefix = text(header.subarray(345, 500));
    const path = (prefix === '' ? '' : `${prefix}/`) + text(header.subarray(0, 100));
    const content = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (header[156] === 0 || header[156] === 0x30) files.set(path.replace(/^package\//, ''), content);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** Every file that `exports`, `imports` and `bin` lead a user to: all but our own condition. */
function targetsOf(value, condition = '') {
  if (typeof value === 'string') return condition === 'deadbox-source' || value.includes('*') ? [] : [value];
  return Object.entries(value ?? {}).flatMap(([key, inner]) => targetsOf(inner, key));
}

/** The sources of a source map that are not in the tarball. */
function lostSources(path, files) {
  const { sources, sourcesContent } = JSON.parse(files.get(path).toString('utf8'));
  if (sourcesContent !== undefined) return [];
  return sources
    .map((source) => posix.join(posix.dirname(path), source))
    .filter((source) => !files.has(source))
    .map((source) => `${path} leads to ${source}, which is not there`);
}

function manifestProblems(manifest) {
  const wanted = {
    keywords: Array.isArray(manifest.keywords) && manifest.keywords.length >= 3,
    homepage: manifest.homepage?.startsWith('https:') === true,
    bugs: manifest.bugs?.url?.startsWith('https:') === true,
    repository: manifest.repository?.directory !== undefined,
    license: manifest.license === 'MIT',
    sideEffects: manifest.sideEffects === false,
  };
  const missing = Object.keys(wanted).filter((field) => !wanted[field]);
  const workspace = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
    .filter(([, range]) => range.startsWith('workspace:'))
    .map(([name]) => `depends on ${name} by a path in the workspace`);
  return [...missing.map((field) => `package.json has no proper ${field}`), ...workspace];
}

/** Problems with what is in one tarball, given the licence it must hold. */
export function contentProblems(files, licence) {
  const manifest = JSON.parse(files.get('package.json').toString('utf8'));
  const allowed = [...ALLOWED, ...(MORE[manifest.name] ?? SOURCES)];
  const needed = ['LICENSE', 'README.md', ...targetsOf([manifest.exports, manifest.imports, manifest.bin])];
  const problems = [
    ...manifestProblems(manifest),
    ...needed
      .map((path) => path.replace(/^\.\//, ''))
      .filter((path) => !files.has(path))
      .map((path) => `lacks ${path}`),
    ...[...files.keys()].filter((path) => !allowed.some((rule) => rule.test(path))).map((path) => `holds ${path}`),
    ...[...files.keys()].filter((path) => path.endsWith('.map')).flatMap((path) => lostSources(path, files)),
    ...((files.get('LICENSE')?.toString('utf8') ?? licence) === licence
      ? []
      : ['its LICENSE is not that of the project']),
  ];
  return problems.map((problem) => `${manifest.name}: ${problem}`);
}
