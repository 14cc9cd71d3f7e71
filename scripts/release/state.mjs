// What must be so before a release: a clean clone, one version, and a changelog that has it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedPackages, root, run } from '../workspace.mjs';

/** The version that all packages share. Throws when they do not. */
export function sharedVersion(manifests = publishedPackages().map(({ manifest }) => manifest)) {
  const versions = [...new Set(manifests.map(({ version }) => version))];
  if (versions.length !== 1) throw new Error(`the packages have several versions: ${versions.join(', ')}`);
  return versions[0];
}

function git(folder, ...args) {
  const { status, stdout } = run('git', args, { capture: true, cwd: folder });
  return status === 0 ? stdout.trim() : undefined;
}

/** The commit that is checked out, or undefined outside a clone. */
export const commitOf = (folder = root) => git(folder, 'rev-parse', 'HEAD');

/** When the commit was made, ISO 8601: what is written into a release, so that two of one commit are the same. */
export const timeOf = (folder = root) => {
  const seconds = Number(git(folder, 'log', '-1', '--format=%ct') ?? 0);
  return new Date(seconds * 1000);
};

/** The text of a version in a changelog: what stands below its heading. Undefined when it has none. */
export function sectionOf(changelog, version) {
  const sections = changelog.split(/^(?=## )/m);
  const found = sections.find((section) => section.startsWith(`## [${version}]`));
  return found?.replace(/^.*\n/, '').trim();
}

function changelogProblems(changelog, version) {
  const heading = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\](?: - \\d{4}-\\d\\d-\\d\\d)?$`, 'm').exec(
    changelog,
  );
  if (heading === null) return [`CHANGELOG.md has no section [${version}]`];
  return [
    ...(heading[0].includes(' - ') ? [] : [`the section [${version}] of CHANGELOG.md has no date`]),
    ...(sectionOf(changelog, version) === '' ? [`the section [${version}] of CHANGELOG.md is empty`] : []),
    ...(sectionOf(changelog, 'Unreleased') ? ['CHANGELOG.md has unreleased lines'] : []),
  ];
}

function cloneProblems(folder, version) {
  const changed = git(folder, 'status', '--porcelain');
  if (changed === undefined) return ['this is not a clone'];
  const tagged = git(folder, 'rev-parse', '--verify', '--quiet', `refs/tags/v${version}^{commit}`);
  return [
    ...(changed === '' ? [] : [`files are changed or not committed:\n${changed}`]),
    ...(tagged === undefined || tagged === commitOf(folder) ? [] : [`v${version} is the tag of another commit`]),
  ];
}

/**
 * What a release is made from, and what is new in it: the lines that are not released, while it has none of its own.
 */
export function sourceOf(folder, version) {
  const changelog = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8');
  const notes = sectionOf(changelog, version) ?? sectionOf(changelog, 'Unreleased') ?? '';
  return { commit: commitOf(folder) ?? 'unknown', time: timeOf(folder), notes };
}

/** Everything that keeps the commit that is checked out in `folder` from being released as `version`. */
export function stateProblems(folder, version) {
  const code = readFileSync(join(folder, 'packages/cli/src/version.ts'), 'utf8');
  const changelog = join(folder, 'CHANGELOG.md');
  return [
    ...cloneProblems(folder, version),
    ...(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version) ? [] : [`${version} is no version of semver`]),
    ...(code.includes(`'${version}'`) ? [] : [`packages/cli/src/version.ts does not say ${version}`]),
    ...(existsSync(changelog)
      ? changelogProblems(readFileSync(changelog, 'utf8'), version)
      : ['there is no CHANGELOG.md']),
  ];
}
