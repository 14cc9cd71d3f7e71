import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/tools.js';
import { manifestOf, packageNames, root } from '../support/workspace.js';

/** `@deadbox/core`, `@deadbox/core/node`…: every entry point that has types. */
function entryPoints(name: string): string[] {
  const manifest = manifestOf(name);
  return Object.entries(manifest.exports as Record<string, unknown>)
    .filter(([, conditions]) => typeof conditions === 'object' && conditions !== null && 'types' in conditions)
    .map(([path]) => manifest.name + path.slice(1));
}

/** What a program reads of a report has types, and `deadbox` exports them. */
const CONSUMER = `
import type {
  BootFinding, BootVerdict, HostReport, ImageReport, ImageVerification, InstallationReport, MachineDisk, NextStep, ScanVerdict, Severity,
} from 'deadbox';
export function shown(image: ImageReport, installation: InstallationReport): unknown[] {
  const host: HostReport = installation.host;
  const verdict: BootVerdict = installation.boot.verdict;
  const findings: readonly BootFinding[] = installation.boot.findings;
  const steps: readonly NextStep[] = installation.nextSteps;
  const severity: Severity = image.severity;
  const machine: MachineDisk | undefined = image.machine;
  return [host.computerName, verdict, findings, steps, severity, machine?.disk];
}
// @ts-expect-error no verdict of the boot check
export const boot: BootVerdict = 'fine';
// @ts-expect-error no word of the scan itself
export const scan: ScanVerdict = 'fine';
// @ts-expect-error no result of verifying
export const found: ImageVerification['verdict'] = 'fine';
`;

describe('a project that checks the types of its libraries', () => {
  const folder = temporaryFolder();
  for (const name of packageNames) {
    const link = join(folder, 'node_modules', manifestOf(name).name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'packages', name), link);
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const all = packageNames.flatMap(entryPoints);

  test.each([
    ['in a browser', 'ESNext', 'Bundler', ['ES2022', 'DOM'], [], all.filter((path) => !path.endsWith('/node'))],
    ['in Node', 'NodeNext', 'NodeNext', ['ES2022'], ['node'], all],
    ['in an older Node', 'Node16', 'Node16', ['ES2022'], ['node'], all],
  ])('%s (%s, %s) finds no fault in them, with no more than ES2022', (...row) => {
    const [, module, moduleResolution, lib, types, paths] = row;
    expect(paths.length).toBeGreaterThan(8);
    writeFileSync(join(folder, 'all.ts'), `${paths.map((path) => `import '${path}';\n`).join('')}${CONSUMER}`);
    const compilerOptions = {
      target: 'ES2022',
      module,
      moduleResolution,
      strict: true,
      exactOptionalPropertyTypes: false,
      skipLibCheck: false,
      noEmit: true,
      lib,
      types,
      typeRoots: [join(root, 'node_modules/@types')],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['all.ts'] }));
    const { stdout, status } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder],
      {
        encoding: 'utf8',
      },
    );
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
