import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MemorySource } from '@deadbox/core';
import { Hive, openControlSet } from '@deadbox/windows';
import {
  readCriticalServices,
  readLsaPackages,
  readSessionManager,
  resolveImagePath,
} from '@deadbox/windows/internals';
import { expect, test } from 'vitest';
import { CRASH_DETECTORS } from '../../../../packages/triage/src/causes/crash/detectors.js';
import { DATA_DISK_DETECTORS } from '../../../../packages/triage/src/causes/data/detectors.js';
import { LOGON_DETECTORS, LOGON_DISK_DETECTORS } from '../../../../packages/triage/src/causes/logon/detectors.js';
import { SESSION_DETECTORS } from '../../../../packages/triage/src/causes/session/detectors.js';
import { corpusFolder, describeWithCorpus } from '../../../support/corpus.js';
import { IMAGE, sessionSubjects, VERSION } from '../../../support/triage/session-windows.js';

/** Every file that the hive names for the session and the logon, as a healthy machine has them. */
async function namedFiles(hive: Hive): Promise<string[]> {
  const key = (await openControlSet(hive))?.key;
  if (key === undefined) throw new Error('no control set');
  const manager = await readSessionManager(key);
  const lsa = await readLsaPackages(key);
  const system32 = [
    ...(manager?.knownDlls?.files ?? []).map(({ file }) => file).filter((file) => !/^(?:wowarm|xtajit)/i.test(file)),
    ...(lsa?.lists ?? []).flatMap(({ names }) => names.map((name) => `${name}.dll`)),
  ].map((name) => `/Windows/System32/${name}`);
  const services = (await readCriticalServices(key)).flatMap(
    ({ imagePath }) => resolveImagePath(imagePath, '/Windows') ?? [],
  );
  return [...system32, ...services, '/Windows/System32/lsm.exe'];
}

describeWithCorpus('real SYSTEM hives', () => {
  test.each([
    ['win-system-dissect', '19041'],
    ['win-system-regipy', '7601'],
    ['win10-1709-system', '16299'],
  ])('%s on a disk with all its files raises no alarm', async (name, build) => {
    const content = new Uint8Array(gunzipSync(readFileSync(join(corpusFolder(), 'hives', `${name}.hiv.gz`))));
    const files = new Map<string, typeof IMAGE>();
    for (const path of await namedFiles(await Hive.open(new MemorySource(content))))
      files.set(path.replace(/^\/Windows\/system32/i, '/Windows/System32'), IMAGE);
    const { disk, windows, doubts } = await sessionSubjects({
      software: { [VERSION]: { CurrentBuildNumber: build } },
      files: { ...missingOnly(files), '/Windows/System32/config/SYSTEM': { content } },
      volume: { size: 64 << 20 },
    });
    const found = [];
    for (const { detect } of [...SESSION_DETECTORS, ...LOGON_DETECTORS, ...CRASH_DETECTORS])
      found.push(...(await detect(windows, {})));
    for (const { detect } of [...LOGON_DISK_DETECTORS, ...DATA_DISK_DETECTORS]) found.push(...(await detect(disk, {})));
    expect(found.map(({ id, data }) => ({ id, data }))).toEqual([]);
    expect(doubts.issues).toEqual([]);
  });
});

/** One file for each name, whatever case it is written in. */
function missingOnly(files: ReadonlyMap<string, typeof IMAGE>): Record<string, typeof IMAGE> {
  const known = new Map<string, string>();
  for (const path of files.keys()) known.set(path.toUpperCase(), path);
  return Object.fromEntries([...known.values()].map((path) => [path, IMAGE]));
}
