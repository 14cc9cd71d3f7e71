import { readFileSync } from 'node:fs';
import { MemorySource } from '@deadbox/core';
import { Hive, openControlSet } from '@deadbox/windows';
import { readDriverServices, readHardwareConfig } from '@deadbox/windows/internals';
import { expect, test } from 'vitest';
import { corpusPath, describeWithCorpus } from '../../../support/corpus.js';
import type { FileOptions } from '../../../support/ntfs-writer/tree.js';
import { scanWindows, type WindowsSpec, windowsImage } from '../../../support/triage/windows-volume.js';

type Input = Uint8Array<ArrayBuffer>;

/** Real hives with the build of their Windows. */
const HIVES = {
  'hives/win10-1709-system.hiv.gz': 17_134,
  'hives/win-system-dissect.hiv.gz': 19_044,
  'hives/win-system-regipy.hiv.gz': 7601,
  'artifacts/hive/win10-2015-system-dirty-no-log.gz': 10_586,
} as const;

const hiveOf = (name: string): Input => new Uint8Array(readFileSync(corpusPath(name)));

/** A file for each driver that the hive starts with the kernel. */
async function withDrivers(hive: Input, build: number): Promise<WindowsSpec> {
  const opened = await Hive.open(new MemorySource(hive));
  const set = await openControlSet(opened);
  if (set === undefined) throw new Error('no control set');
  const { lastId } = await readHardwareConfig(opened);
  const drivers = [...(await readDriverServices(set.key, '/Windows', lastId)).values()];
  const version = `10.0.${build}.1`;
  const files: Record<string, FileOptions> = {};
  for (const { file, effectiveStart } of drivers)
    if (file !== undefined && effectiveStart === 0) files[file] = { content: windowsImage(file, version) };
  return { build, hive, files };
}

describeWithCorpus('real hives, with a file for each of their drivers', () => {
  test.each(Object.entries(HIVES))('%s gives no cause of the loader or the kernel', async (name, build) => {
    const spec = await withDrivers(hiveOf(name), build);
    const { causes, issues } = await scanWindows(spec);
    const told = causes.filter(
      ({ phase, severity }) => (phase === 'loader' || phase === 'kernel') && severity !== 'none',
    );
    expect(told.filter(({ id }) => !id.startsWith('system-hive'))).toEqual([]);
    // Asking everything of a real hive is within what an honest hive costs.
    expect(issues.filter(({ data }) => data.reason === 'hive.work-exhausted')).toEqual([]);
  });
});
