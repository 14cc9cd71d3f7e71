import { MemorySource } from '@deadbox/core';
import { parseWerReport, readCrashDump, readCrashEvidence } from '@deadbox/windows';
import { startupRepairIds } from '@deadbox/windows/internals';
import { expect, test } from 'vitest';
import { artifactBytes, describeWithArtifacts } from '../../support/artifacts.js';
import { memoryTree } from '../../support/memory-tree.js';

describeWithArtifacts('real crash dumps', 'dump', (artifacts) => {
  test.each(artifacts)('$id gives the header and the driver that were read by hand', async (artifact) => {
    const { expected } = artifact;
    const dump = await readCrashDump(new MemorySource(artifactBytes(artifact)));
    expect(dump).toMatchObject({
      bits: 64,
      build: expected.build,
      machine: Number(expected.machine),
      processors: expected.processors,
      code: Number(expected.code),
      parameters: expected.parameters,
      kind: 'small',
      time: expect.stringContaining(expected.time.slice(0, -1)),
      uptime: expected.uptime_s,
      exceptionCode: Number(expected.exception_record.code),
      exceptionAddress: expected.exception_record.address.toUpperCase().replace('0X', '0x'),
      driverCount: expected.drivers,
      driver: { name: expected.parameter_2_in.name, how: 'instruction', offset: expected.parameter_2_in.offset },
      damaged: [],
    });
  });
});

describeWithArtifacts('real error reports', 'wer', (artifacts) => {
  test.each(artifacts)('$id gives type and time', (artifact) => {
    const text = new TextDecoder('utf-16le').decode(artifactBytes(artifact));
    const report = parseWerReport(text);
    expect(report?.eventType).toBe(artifact.expected.EventType);
    // 132167965005638556 ticks since 1601, less 11644473600 s, by date(1): 2019-10-29 04:21:40 UTC.
    expect(report?.time).toBe('2019-10-29T04:21:40.5638556Z');
  });
});

describeWithArtifacts("Startup Repair's binary log", 'srttrail', (artifacts) => {
  test.each(artifacts)('$id has the ids that do not depend on the language', async (artifact) => {
    const bytes = artifactBytes(artifact);
    expect(startupRepairIds(bytes)).toEqual(['ExternalMedia', 'NoOsInstalled']);
    const path = '/Windows/System32/LogFiles/Srt/SrtTrail.log';
    const evidence = await readCrashEvidence(memoryTree({ [path]: bytes }), '/Windows');
    expect(evidence.repairIds).toEqual(['ExternalMedia', 'NoOsInstalled']);
    expect(evidence.sources).toEqual([{ path, kind: 'startup-repair', state: 'whole', newest: null }]);
  });
});
