import { createHash } from 'node:crypto';
import { MemorySource } from '@deadbox/core';
import {
  Hive,
  parseBootLog,
  parseBootStatus,
  readBootStore,
  readCrashDump,
  readMachine,
  readSystemEvents,
} from '@deadbox/windows';
import { startupRepairIds } from '@deadbox/windows/internals';
import { expect, test } from 'vitest';
import { artifactBytes, describeWithArtifacts } from '../support/artifacts.js';
import { memoryTree } from '../support/memory-tree.js';

type Input = Uint8Array<ArrayBuffer>;

/** What reads files of each kind. */
const READERS: Readonly<Record<string, (bytes: Input) => unknown>> = {
  hive: (bytes) => readMachine(memoryTree({ '/Windows/System32/config/SYSTEM': bytes }), '/Windows'),
  bcd: async (bytes) => readBootStore(await Hive.open(new MemorySource(bytes))),
  evtx: (bytes) => readSystemEvents(memoryTree({ '/Windows/System32/winevt/Logs/System.evtx': bytes }), '/Windows'),
  dump: (bytes) => readCrashDump(new MemorySource(bytes)),
  'bootstat-efi': parseBootLog,
  'bootstat-windows': parseBootStatus,
  srttrail: startupRepairIds,
};

const digest = (bytes: Input): string => createHash('sha256').update(bytes).digest('hex');

for (const [kind, read] of Object.entries(READERS)) {
  describeWithArtifacts(`real files of kind ${kind}`, kind, (artifacts) => {
    test.each(artifacts)('$id is not changed by reading it', async (artifact) => {
      const bytes = artifactBytes(artifact);
      const before = digest(bytes);
      await read(bytes);
      expect(digest(bytes)).toBe(before);
    });
  });
}
