// Makes the folder of a release.
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureBuilt } from '../build.mjs';
import { pack } from '../check/packages.mjs';
import { filesOf } from '../check/tarballs.mjs';
import { askedFor, buildExecutables, runtimesOf } from '../executable.mjs';
import { publishedPackages, root } from '../workspace.mjs';
import { readDependencies } from './dependencies.mjs';
import { provenanceOf, writeSums } from './provenance.mjs';
import { billOfMaterials } from './sbom.mjs';
import { namesIn } from './third-party.mjs';

/** The tarballs in the order of publishing: what others need, first. */
function inOrder(tarballs) {
  const nameOf = (tarball) => JSON.parse(filesOf(tarball).get('package.json').toString('utf8')).name;
  const byName = new Map(tarballs.map((tarball) => [nameOf(tarball), tarball]));
  return publishedPackages()
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ manifest }) => byName.get(manifest.name));
}

/**
 * Packs, builds and describes a release in `out`; `targets` are those of the executables, `none` for none. Returns the
 * tarballs, what others need first.
 */
export async function makeRelease({ out, version, commit, time, notes, targets }) {
  await ensureBuilt();
  const fresh = `${out}.part`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const packed = inOrder(pack(join(fresh, 'packages')));
  const wanted = targets.includes('none') ? [] : askedFor(targets);
  if (wanted.length > 0) await buildExecutables(wanted, join(fresh, 'executables'));

  const thirdParty = readFileSync(join(root, 'packages/cli/dist/THIRD-PARTY.txt'), 'utf8');
  const runtimes = runtimesOf(wanted);
  const bill = await billOfMaterials({ version, time, dependencies: readDependencies(namesIn(thirdParty)), runtimes });
  writeFileSync(join(fresh, `deadbox-${version}.cdx.json`), bill);
  writeFileSync(join(fresh, 'THIRD-PARTY.txt'), thirdParty);
  writeFileSync(join(fresh, 'NOTES.md'), `# deadbox ${version}\n\n${notes}\n`);
  copyFileSync(join(root, 'LICENSE'), join(fresh, 'LICENSE'));
  const lockFile = join(root, 'pnpm-lock.yaml');
  const statement = provenanceOf(fresh, { version, commit, lockFile, runtimes });
  writeFileSync(join(fresh, 'provenance.intoto.json'), `${JSON.stringify(statement, undefined, 2)}\n`);
  writeSums(fresh);
  rmSync(out, { recursive: true, force: true });
  renameSync(fresh, out);
  return packed.map((path) => join(out, 'packages', basename(path)));
}
