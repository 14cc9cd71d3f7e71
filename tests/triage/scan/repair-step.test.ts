import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderScanImage } from '@deadbox/report';
import {
  type CauseReport,
  type ImageReport,
  proposeRepairs,
  type RepairRequest,
  scanDisk,
  withHints,
} from '@deadbox/triage';
import { expect, test } from 'vitest';
import { en } from '../../../packages/report/src/words/en/en.js';
import { ja } from '../../../packages/report/src/words/ja/ja.js';
import { withRepairStep } from '../../../packages/triage/src/scan/repair-step.js';
import { buildCrashedDisk } from '../../support/disk-writer/crashed-disk.js';
import { withDiskFile } from '../../support/repair/repaired-disk.js';
import { testImagePath } from '../../support/test-image.js';
import { temporaryFolder } from '../../support/tools.js';

const folder = temporaryFolder();
const stepsOf = (report: ImageReport): string[] =>
  report.installations.flatMap(({ nextSteps }) => nextSteps.map(({ id }) => id));
const scan = (path: string): Promise<ImageReport> => withDiskFile(path, (disk) => scanDisk(disk));

test('the repair in place comes right after the copy, as one line to paste into a shell', async () => {
  const path = join(folder, "server's 07.img");
  copyFileSync(testImagePath('gpt-faulty'), path);
  const report = await scan(path);
  expect(stepsOf(report).slice(0, 2)).toEqual(['copy-first', 'repair-in-place']);
  const command = `deadbox fix '${path.replace("'", "'\\''")}'`;
  for (const language of [en, ja]) expect(renderScanImage(report, { language, width: 60 })).toContain(command);
});

test('it is advised only where a repair would be proposed, and never for a disk that may be another one by now', async () => {
  expect(stepsOf(await scan(testImagePath('gpt-reverted')))).not.toContain('repair-in-place');
  const report = await scan(testImagePath('gpt-faulty'));
  for (const id of ['in-use', 'saved-vm-state', 'snapshot-beside'] as const)
    expect(stepsOf(withHints(report, [{ id, data: {} }]))).not.toContain('repair-in-place');
  expect(stepsOf(withHints(report, []))).toContain('repair-in-place');
});

test('it is not advised for a hibernated volume', async () => {
  const content = new Uint8Array(8192);
  content.set(new TextEncoder().encode('HIBR'));
  const path = join(folder, 'hibernated.raw');
  buildCrashedDisk(path, { files: 20, crowdStrikeEntries: 2, windowsFiles: { '/hiberfil.sys': { content } } });
  const report = await scan(path);
  expect(report.verdict).toBe('faulty');
  expect(stepsOf(report)).not.toContain('repair-in-place');
});

test('what a cause asks for is proposed once, for its own installation, and never for what is only worth knowing', async () => {
  const report = await scan(testImagePath('gpt-reverted'));
  const request = {
    operation: 'set-registry-value',
    volume: 3,
    path: '/Windows/System32/config/SYSTEM',
    key: 'Select',
    value: 'Default',
    to: 1,
  } as const;
  const cause = { ...CAUSE, requests: [request, { ...request }] };
  const [{ volume, root }] = report.installations;
  const proposed = (more: object): RepairRequest[] =>
    proposeRepairs({ ...report, causes: [{ ...cause, ...more }] }, []);
  expect(proposed({})).toEqual([request]);
  expect(proposed({ severity: 'none' })).toEqual([]);
  const advised = (more: object): string[] => stepsOf(withRepairStep({ ...report, causes: [{ ...cause, ...more }] }));
  expect(advised({ installation: root, volume })).toContain('repair-in-place');
  expect(advised({ installation: '/Elsewhere', volume })).not.toContain('repair-in-place');
});

const CAUSE: CauseReport = {
  id: 'boot-driver-not-boot',
  phase: 'kernel',
  severity: 'act',
  confidence: 'proves',
  volume: 3,
  installation: null,
  codes: [],
  data: {},
  evidence: [],
  repair: { class: 'in-place', operation: 'set-registry-value' },
};
