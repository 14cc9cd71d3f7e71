// What was made from what: a statement in the form of in-toto with SLSA's predicate, and the list of hashes.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const REPOSITORY = 'https://github.com/deadbox/deadbox';
const SUMS = 'SHA256SUMS';

const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Every file below `folder` but the list of hashes itself, by path with slashes, with its hash. */
function hashesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== SUMS)
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => ({ name: relative(folder, path).split(sep).join('/'), hash: sha256(path) }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Writes the hashes of everything in `folder`, for `sha256sum -c`. */
export function writeSums(folder) {
  const lines = hashesOf(folder).map(({ name, hash }) => `${hash}  ${name}\n`);
  writeFileSync(join(folder, SUMS), lines.join(''));
}

/** npm's `sha512-…` as hexadecimal digits. */
const hexOf = (integrity) => Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');

/**
 * A statement of what is in `folder` and what it was made from: https://slsa.dev/spec/v1.0/provenance. It is not
 * signed:
 * it says what to build to get the same bytes. npm signs its own when a package is published from CI.
 */
export function provenanceOf(folder, { version, commit, lockFile, runtimes }) {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: hashesOf(folder).map(({ name, hash }) => ({ name, digest: { sha256: hash } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: `${REPOSITORY}/blob/v${version}/docs/install.md`,
        externalParameters: { command: 'npm run release', version },
        resolvedDependencies: [
          { uri: `git+${REPOSITORY}.git@v${version}`, digest: { gitCommit: commit } },
          { uri: 'pnpm-lock.yaml', digest: { sha256: sha256(lockFile) } },
          ...runtimes.map(({ package: name, version: node, integrity }) => ({
            uri: `pkg:npm/${name}@${node}`,
            digest: { sha512: hexOf(integrity) },
          })),
        ],
      },
      runDetails: { builder: { id: `${REPOSITORY}/blob/v${version}/scripts/release.mjs` } },
    },
  };
}
